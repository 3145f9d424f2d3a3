/** Secrets in the file: sealed, opened with the right key only, and nowhere in its bytes. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createVault } from '../../src/runtime/vault.ts';
import type { AppRecord, ConfigRow } from '../../src/store/config.ts';
import { sealAll } from '../../src/store/sqlite/config/sealing.ts';
import { createTransact, openWriting } from '../../src/store/sqlite/database.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { ACCESS } from '../../src/store/sqlite/migrations/006-access.ts';
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts';
import { isSealed, sealAnew } from '../../src/store/sqlite/sealed.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { WrongKey } from '../../src/store/vault.ts';
import { ROWS } from '../../src/testing/store-suite/rows.ts';
import { change, PAGE, PERSON, START } from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const vault = createVault(Buffer.alloc(32, 1));
const other = createVault(Buffer.alloc(32, 2));
const now = () => START;

const SECRET = 'the-secret-of-the-app';
const OLD_SECRET = 'the-secret-before-it';
const VERIFY = 'the-verify-token';
const SECRETS = [SECRET, OLD_SECRET, VERIFY];

const appRow = (secret: string): ConfigRow =>
  ({
    kind: 'app',
    value: { ...ROWS.app.full.value, secret, previousSecret: { secret: OLD_SECRET, until: START } },
  }) as ConfigRow;
const webhookRow = {
  kind: 'webhook',
  value: { ...ROWS.webhook.full.value, verifyToken: VERIFY },
} as ConfigRow;

/** Which texts stand in the bytes of which files, in either of the ways in which a text can be written. */
const found = (folder: string, texts: readonly string[]): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(path.join(folder, name));
    return texts
      .filter((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')))
      .map((text) => `${name}: ${text}`);
  });

test('no secret stands in the file or its log, while the store is open, after it is changed, and later', async () => {
  await using folder = await temporaryFolder();
  const store = await openSqliteStore({ path: folder.file('baton.db'), now, vault });
  await store.changeConfig(change(0, { put: [appRow(SECRET), webhookRow] }));
  assert.deepEqual(readdirSync(folder.file('.')).toSorted(), ['baton.db', 'baton.db-shm', 'baton.db-wal']);
  assert.deepEqual(found(folder.file('.'), SECRETS), []);
  await store.changeConfig(change(1, { put: [appRow('another-secret')] }));
  assert.deepEqual(found(folder.file('.'), [...SECRETS, 'another-secret']), []);
  const { apps, webhooks } = await store.config();
  assert.deepEqual(
    [apps[0]?.secret, apps[0]?.previousSecret?.secret, webhooks[0]?.verifyToken],
    ['another-secret', OLD_SECRET, VERIFY],
  );
  await store[Symbol.asyncDispose]();
  assert.deepEqual(found(folder.file('.'), SECRETS), []);
});

test('another key opens nothing and changes nothing; without one the rest is read, and secrets are empty', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  assert.equal(isSealed(file), false);
  {
    await using store = await openSqliteStore({ path: file, now, vault });
    await store.changeConfig(change(0, { put: [appRow(SECRET), webhookRow] }));
  }
  assert.equal(isSealed(file), true);
  const before = readFileSync(file);
  await assert.rejects(openSqliteStore({ path: file, now, vault: other }), (error: unknown) => {
    assert.ok(error instanceof WrongKey);
    assert.match(error.message, new RegExp(`${vault.keyId}.*${other.keyId}`));
    return true;
  });
  assert.deepEqual(readFileSync(file), before);
  await using store = await openSqliteStore({ path: file, now });
  const [app] = (await store.config()).apps;
  assert.deepEqual([app?.name, app?.secret], [(ROWS.app.full.value as AppRecord).name, '']);
  await assert.rejects(store.changeConfig(change(1, { put: [appRow(SECRET)] })), /without their key/);
});

test('a sealed secret that was moved to another app is not opened', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  {
    await using store = await openSqliteStore({ path: file, now, vault });
    await store.changeConfig(change(0, { put: [appRow(SECRET)] }));
  }
  {
    using db = new DatabaseSync(file);
    db.exec(`PRAGMA foreign_keys = OFF; UPDATE apps SET id = '9999'`);
  }
  await using store = await openSqliteStore({ path: file, now, vault });
  await assert.rejects(store.config(), /app\/9999/);
});

/** A file of the version before secrets were sealed. */
function writeOldFile(file: string): void {
  using db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL');
  const past = MIGRATIONS.indexOf(ACCESS);
  for (const sql of MIGRATIONS.slice(0, past)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${past}`);
  const app = db.prepare(`INSERT INTO apps (id, name_json, secret_json, live, advanced_access_json)
                          VALUES (?, '"Old"', ?, 1, '["pages_messaging"]')`);
  for (let id = 1; id <= 200; id++) app.run(String(id), JSON.stringify(`${SECRET}-${id}`.repeat(10)));
  db.exec(`DELETE FROM apps WHERE CAST(id AS INTEGER) % 3 = 0`);
  db.exec(`INSERT INTO webhooks (app, object, callback_url_json, verify_token_json, fields_json)
           VALUES ('1', 'page', '"http://old.example/"', '"${VERIFY}"', '[]')`);
  db.exec(
    `INSERT INTO tokens (hash, app, page, person) VALUES ('${'ab'.repeat(32)}', '1', '${PAGE}', '${PERSON}')`,
  );
}

test('what an earlier version wrote in the clear is sealed at the next start, and swept out of the file', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  writeOldFile(file);
  assert.notDeepEqual(found(folder.file('.'), [SECRET]), []);
  const store = await openSqliteStore({ path: file, now, vault });
  assert.deepEqual(found(folder.file('.'), SECRETS), []);
  const { apps, tokens, webhooks } = await store.config();
  assert.equal(apps.length, 134);
  assert.equal(apps[0]?.secret, `${SECRET}-1`.repeat(10));
  assert.deepEqual([apps[0]?.roles, apps[0]?.redirectUris, apps[0]?.previousSecret], [[], [], null]);
  assert.equal(webhooks[0]?.verifyToken, VERIFY);
  const [token] = tokens;
  assert.ok(token?.kind === 'page');
  assert.deepEqual(
    [token.hash, token.app, token.page, token.person, token.source, token.expiresAt, token.scopes.length],
    ['ab'.repeat(32), '1', PAGE, PERSON, 'world', null, 6],
  );
  await store[Symbol.asyncDispose]();
  assert.deepEqual(found(folder.file('.'), SECRETS), []);
});

test('a start that died between sealing and sweeping is made good by the next one', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  writeOldFile(file);
  {
    using db = await openWriting(file);
    migrate(db);
    const compact = (): never => {
      throw new Error('killed');
    };
    assert.throws(() => sealAll(db, vault, { transact: createTransact(db), compact }), /killed/);
  }
  assert.notDeepEqual(found(folder.file('.'), [SECRET]), []);
  await (await openSqliteStore({ path: file, now, vault }))[Symbol.asyncDispose]();
  assert.deepEqual(found(folder.file('.'), SECRETS), []);
});

test('changing the key seals all secrets anew or none', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  {
    await using store = await openSqliteStore({ path: file, now, vault });
    await store.changeConfig(change(0, { put: [appRow(SECRET), webhookRow] }));
  }
  await assert.rejects(sealAnew(file, other, vault), WrongKey);
  {
    using db = new DatabaseSync(file);
    db.exec(
      `CREATE TRIGGER broken BEFORE UPDATE ON webhooks BEGIN SELECT raise(ABORT, 'the disk is full'); END`,
    );
  }
  await assert.rejects(sealAnew(file, vault, other), /the disk is full/);
  {
    await using store = await openSqliteStore({ path: file, now, vault });
    assert.equal((await store.config()).apps[0]?.secret, SECRET);
  }
  {
    using db = new DatabaseSync(file);
    db.exec('DROP TRIGGER broken');
  }
  assert.equal(await sealAnew(file, vault, other), 3);
  await assert.rejects(openSqliteStore({ path: file, now, vault }), WrongKey);
  assert.deepEqual(found(folder.file('.'), [`sealed:${vault.keyId}`]), [], 'nothing that the old key opens');
  await using store = await openSqliteStore({ path: file, now, vault: other });
  const { apps, webhooks } = await store.config();
  assert.deepEqual([apps[0]?.secret, webhooks[0]?.verifyToken], [SECRET, VERIFY]);
});
