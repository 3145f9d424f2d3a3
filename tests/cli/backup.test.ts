/** Backups: of one instant, whole or not at all, and restored to exactly what was committed. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { appendManifest, MAX_MANIFEST_BYTES, readManifest } from '../../src/backup-file.ts';
import { evolve } from '../../src/protocol/evolve.ts';
import { PAGE_LANE, parsePageId, parsePsid } from '../../src/protocol/ids.ts';
import { emptyThread } from '../../src/protocol/thread.ts';
import { restoreBackup } from '../../src/restore-backup.ts';
import { readEvents } from '../../src/runtime/report.ts';
import type { Store, ThreadKey } from '../../src/store/port.ts';
import { databaseIn } from '../../src/store/sqlite/folder.ts';
import { NEWEST_SCHEMA } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { takeBackup } from '../../src/take-backup.ts';
import { runBaton, startServer } from '../../src/testing/process.ts';
import { type Driver, driverOf } from '../../src/testing/sandbox.ts';
import { add, furnish, introduced, write } from '../../src/testing/store-suite/world.ts';
import { BOT, DESK, PAGE, shopWorld, tokenOf } from '../http/shop.ts';
import { temporaryFolder } from '../store/temporary.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts');
const WRITERS = ['6001', '6002', '6003', '6004'] as const;
const BACKUPS = 3;
const NOBODY = 'http://127.0.0.1:9/webhook';

/** A message: when it was sent and accepted, in the order of all of them. */
type Sent = { readonly mid: string; readonly sentAt: number; readonly acceptedAt: number };

/** Customers who write, and a bot that passes control to and fro, until they are stopped. */
function startWriters(driver: Driver) {
  const sent = new Map(WRITERS.map((psid): [string, Sent[]] => [psid, []]));
  const state = { order: 0, isStopped: false };
  const control = async (psid: string, turn: number): Promise<void> => {
    const [token, target] = turn % 2 === 0 ? [BOT, DESK] : [DESK, BOT];
    const body = { recipient: { id: psid }, target_app_id: target };
    await driver.graph('POST', '/me/pass_thread_control', { token: tokenOf(token), body });
  };
  const write = async (psid: string): Promise<void> => {
    for (let turn = 0; !state.isStopped; turn++) {
      const sentAt = state.order++;
      const url = `/pages/${PAGE}/customers/${psid}/message`;
      const answer = await driver.sandbox('POST', url, { text: `Message ${turn}` });
      sent.get(psid)?.push({ mid: String(answer['message_id']), sentAt, acceptedAt: state.order++ });
      if (turn % 3 === 0) await control(psid, turn / 3);
    }
  };
  const all = Promise.all(WRITERS.map(write));
  return {
    sent,
    now: () => state.order++,
    async stop() {
      state.isStopped = true;
      await all;
    },
  };
}

const keyOf = (psid: string): ThreadKey => {
  const [page, id] = [parsePageId(PAGE), parsePsid(psid)];
  assert.ok(page !== null && id !== null);
  return { page, psid: id };
};

/** The messages of customers that a store holds, after it was found sound: rows are what events make of them. */
async function messagesIn(store: Store, psid: string): Promise<readonly string[]> {
  const key = keyOf(psid);
  const events = await readEvents(store, key);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  const thread = events.reduce(evolve, emptyThread(key.page, key.psid));
  assert.deepEqual(await store.load(key), thread);
  const rows = await store.threads(key.page, { after: null, limit: 100 });
  assert.deepEqual(
    rows.find((row) => row.psid === key.psid),
    thread,
  );
  return events.flatMap(({ event }) =>
    event.type === 'act_received' && event.act.kind === 'message' ? [event.act.mid] : [],
  );
}

test(`backups beside ${WRITERS.length} writers hold every call that was accepted before them, once, and are of one instant`, async (t) => {
  await using folder = await temporaryFolder();
  const world = folder.file('world.json');
  writeFileSync(world, JSON.stringify(shopWorld({ [DESK]: NOBODY })));
  const data = folder.file('data');
  const server = await startServer(['--sandbox', '--world', world, '--data', data]);
  const writers = startWriters(driverOf(server.url));
  // A thread of which nothing is in the backup would be no thread to look at.
  while ([...writers.sent.values()].some(({ length }) => length === 0))
    await new Promise((resolve) => setImmediate(resolve));
  const startedAt: number[] = [];
  for (let backup = 0; backup < BACKUPS; backup++) {
    startedAt.push(writers.now());
    const ran = await runBaton(['backup', folder.file(`${backup}.baton`), '--data', data]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  await writers.stop();
  assert.equal(await server.end('SIGKILL'), null);

  for (const [backup, begunAt] of startedAt.entries()) {
    const restored = folder.file(`restored-${backup}`);
    const ran = await runBaton(['restore', folder.file(`${backup}.baton`), '--data', restored]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(readdirSync(restored), ['baton.sqlite']);
    await using store = await openSqliteStore({ path: databaseIn(restored), now: Date.now });
    const held = new Set<string>();
    for (const [psid, messages] of writers.sent) {
      const found = await messagesIn(store, psid);
      // A customer writes one after the other: what is there is the beginning of what was accepted.
      const accepted = messages.map(({ mid }) => mid);
      assert.deepEqual(found.slice(0, accepted.length), accepted.slice(0, found.length));
      const before = messages.filter(({ acceptedAt }) => acceptedAt < begunAt).length;
      assert.ok(found.length >= before, `${found.length} of ${before} messages`);
      for (const mid of found) held.add(mid);
    }
    // Of one instant: whatever was accepted before something that is there was sent is there, too.
    const all = [...writers.sent.values()].flat();
    const latest = Math.max(...all.filter(({ mid }) => held.has(mid)).map(({ sentAt }) => sentAt));
    const lost = all.filter(({ mid, acceptedAt }) => acceptedAt < latest && !held.has(mid));
    assert.deepEqual(lost, []);
    t.diagnostic(`backup ${backup}: ${held.size} of ${all.length} messages`);
  }
});

test('a server goes on from a restored folder, with a token of its own', async () => {
  await using folder = await temporaryFolder();
  const world = folder.file('world.json');
  writeFileSync(world, JSON.stringify(shopWorld({})));
  const first = await startServer(['--sandbox', '--world', world, '--data', folder.file('data')]);
  const url = `/pages/${PAGE}/customers/6001`;
  const { message_id: mid } = await driverOf(first.url).sandbox('POST', `${url}/message`, { text: 'Hello' });
  const token = readFileSync(folder.file('data/operator.json'), 'utf8');
  assert.ok(await takeBackup(folder.file('data'), folder.file('a.baton'), { overwrite: false }));
  assert.equal(await first.end('SIGTERM'), 0);
  assert.ok(!readFileSync(folder.file('a.baton'), 'latin1').includes(JSON.parse(token).token));
  assert.equal(statSync(folder.file('a.baton')).mode & 0o077, 0);

  const key = readFileSync(folder.file('data/key'), 'utf8').trim();
  assert.ok(!readFileSync(folder.file('a.baton'), 'latin1').includes(key));

  assert.equal(restoreBackup(folder.file('a.baton'), folder.file('again')).ok, true);
  const keyless = await runBaton(['serve', '--sandbox', '--port', '0', '--data', folder.file('again')]);
  assert.equal(keyless.code, 2);
  assert.match(keyless.stderr, /are sealed, and their key is not there/);
  const withKey = ['--key-file', folder.file('data/key')];
  const second = await startServer(['--sandbox', '--data', folder.file('again'), ...withKey]);
  const screen = await driverOf(second.url).sandbox('GET', `${url}/screen`);
  assert.deepEqual(
    (screen['messages'] as readonly { readonly mid: string }[]).map((each) => each.mid),
    [mid],
  );
  assert.notEqual(readFileSync(folder.file('again/operator.json'), 'utf8'), token);
  assert.equal(await second.end('SIGTERM'), 0);
});

/** A data folder whose database is so large that copying it takes a while. */
async function largeFolder(data: string): Promise<void> {
  const LARGE = 40_000_000;
  await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  await store.saveSetting('ballast', 'x'.repeat(LARGE));
}

/** What a killed backup leaves; one that was through before it could be killed is taken anew. */
async function killInTheMiddle(data: string, file: string): Promise<readonly string[]> {
  for (;;) {
    const before = readManifest(file);
    const watcher = watch(path.dirname(file));
    const args = [MAIN, 'backup', file, '--overwrite', '--data', data];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(child, 'close');
    await once(watcher, 'change');
    child.kill('SIGKILL');
    await ended;
    watcher.close();
    const left = readdirSync(path.dirname(file)).filter((name) => name.endsWith(`.partial-${child.pid}`));
    const after = readManifest(file);
    assert.ok(!('problem' in after));
    if (left.length === 0) continue;
    assert.deepEqual(after, before);
    return left;
  }
}

test('a backup that is killed leaves nothing that could be taken for one, and the one before it as it was', async () => {
  await using folder = await temporaryFolder();
  const [data, file] = [folder.file('data'), folder.file('kept/a.baton')];
  await largeFolder(data);
  mkdirSync(path.dirname(file));
  assert.ok(await takeBackup(data, file, { overwrite: false }));
  const left = await killInTheMiddle(data, file);
  for (const name of left) {
    const restored = restoreBackup(path.join(path.dirname(file), name), folder.file('b'));
    assert.equal(restored.ok, false);
    assert.equal(existsSync(databaseIn(folder.file('b'))), false);
  }
  // The next one is not hindered by it.
  assert.ok(await takeBackup(data, file, { overwrite: true }));
});

test('a backup that breaks off anywhere, or was altered, is not restored, and the folder stays empty', async () => {
  await using folder = await temporaryFolder();
  const [data, file, broken] = [folder.file('data'), folder.file('a.baton'), folder.file('broken')];
  await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  await store.saveSetting('a', 'b');
  assert.ok(await takeBackup(data, file, { overwrite: false }));
  const { size } = statSync(file);
  const refuse = (why: RegExp): void => {
    const restored = restoreBackup(broken, folder.file('b'));
    assert.match(restored.ok ? '' : restored.problem, why);
    assert.deepEqual(existsSync(folder.file('b')) ? readdirSync(folder.file('b')) : [], []);
  };
  const cuts = [0, 1, 100, 4_096, size - 4_096, ...Array.from({ length: 400 }, (_, cut) => size - 1 - cut)];
  for (const cut of cuts) {
    copyFileSync(file, broken);
    truncateSync(broken, cut);
    refuse(/not the whole of one/);
  }
  const bytes = readFileSync(file);
  bytes[5_000] = 255 - (bytes[5_000] ?? 0);
  writeFileSync(broken, bytes);
  refuse(/its checksum is another one/);
  copyFileSync(file, broken);
  appendFileSync(broken, 'x');
  refuse(/not the whole of one/);
});

test('a backup counts conversations, and the page’s own lane is none', async () => {
  await using folder = await temporaryFolder();
  const data = folder.file('data');
  {
    await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
    await furnish(store);
    const told = { type: 'primary_receiver_changed', previous: null, next: null } as const;
    await write(store, add(emptyThread(keyOf('1').page, PAGE_LANE), [{ event: told }]));
    await write(store, add(emptyThread(keyOf('1').page, keyOf('6001').psid), [{ event: introduced('Ana') }]));
  }
  const ran = await runBaton(['backup', folder.file('a'), '--data', data]);
  assert.match(ran.stdout, /: 1 conversations, 2 events,/);
  const restored = await runBaton(['restore', folder.file('a'), '--data', folder.file('b')]);
  assert.match(restored.stdout, /: 1 conversations, 2 events,/);
});

test('a backup made before lanes of pages were left out of the count is restored', async () => {
  await using folder = await temporaryFolder();
  const data = folder.file('data');
  await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  await furnish(store);
  const told = { type: 'primary_receiver_changed', previous: null, next: null } as const;
  await write(store, add(emptyThread(keyOf('1').page, PAGE_LANE), [{ event: told }]));
  assert.ok(await takeBackup(data, folder.file('a'), { overwrite: false }));
  const manifest = readManifest(folder.file('a'));
  assert.ok(!('problem' in manifest));
  const { files: _, ...older } = manifest;
  truncateSync(folder.file('a'), manifest.databaseBytes);
  const json = JSON.stringify({ ...older, format: 1, counts: { ...older.counts, threads: 1 } });
  appendFileSync(folder.file('a'), `${json}\nbaton-backup ${String(json.length).padStart(10, '0')}\n`);
  assert.equal(restoreBackup(folder.file('a'), folder.file('b')).ok, true);
});

test('a backup of newer tables is refused, and so is a folder that is not empty', async () => {
  await using folder = await temporaryFolder();
  const data = folder.file('data');
  await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  await store.saveSetting('a', 'b');
  copyFileSync(databaseIn(data), folder.file('newer'));
  const counts = { threads: 0, events: 0, waiting: 0 };
  appendManifest(folder.file('newer'), {
    schema: NEWEST_SCHEMA + 1,
    takenAt: new Date().toISOString(),
    counts,
  });
  const newer = await runBaton(['restore', folder.file('newer'), '--data', folder.file('b')]);
  assert.equal(newer.code, 1);
  assert.match(newer.stderr, /of a newer program: its tables are of version/);
  assert.equal(existsSync(folder.file('b')), false);

  assert.ok(await takeBackup(data, folder.file('a.baton'), { overwrite: false }));
  const full = await runBaton(['restore', folder.file('a.baton'), '--data', data]);
  assert.equal(full.code, 1);
  assert.match(full.stderr, /is not empty/);
  assert.equal(await store.setting('a'), 'b');
});

test('a file that exists is not overwritten unless that is asked for', async () => {
  await using folder = await temporaryFolder();
  const [data, file] = [folder.file('data'), folder.file('a.baton')];
  await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  await store.saveSetting('a', 'b');
  writeFileSync(file, 'mine');
  const refused = await runBaton(['backup', file, '--data', data]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /exists; --overwrite replaces it/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  assert.equal((await runBaton(['backup', file, '--overwrite', '--data', data])).code, 0);
  assert.ok(!('problem' in readManifest(file)));
  assert.deepEqual(
    readdirSync(path.dirname(file)).filter((name) => name.includes('partial')),
    [],
  );
  assert.equal((await runBaton(['backup', file])).code, 1);
  assert.equal((await runBaton(['backup'])).code, 2);
  assert.equal((await runBaton(['restore', file])).code, 2);
});

test(`[limit MAX_MANIFEST_BYTES] a manifest of ${MAX_MANIFEST_BYTES} bytes is read, a longer one is not`, async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('a');
  for (const [length, isRead] of [
    [MAX_MANIFEST_BYTES, true],
    [MAX_MANIFEST_BYTES + 1, false],
  ] as const) {
    const json = JSON.stringify({ format: 1, databaseBytes: 0 }).padEnd(length);
    writeFileSync(file, `${json}\nbaton-backup ${String(length).padStart(10, '0')}\n`);
    assert.equal(!('problem' in readManifest(file)), isRead);
  }
});
