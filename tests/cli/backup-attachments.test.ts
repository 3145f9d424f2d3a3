/** Uploaded files in backups: all that were told to somebody before, byte for byte, and restored or refused whole. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { appendFiles, MAX_BACKED_UP_NAME } from '../../src/backup-attachments.ts';
import { appendManifest, type Manifest, readManifest } from '../../src/backup-file.ts';
import { parseAppId, parsePageId } from '../../src/protocol/ids.ts';
import { restoreBackup } from '../../src/restore-backup.ts';
import { LET_GO } from '../../src/store/attachments.ts';
import { createFiles, filesIn } from '../../src/store/files.ts';
import type { Store } from '../../src/store/port.ts';
import { databaseIn } from '../../src/store/sqlite/folder.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { takeBackup } from '../../src/take-backup.ts';
import { runBaton, type ServerProcess, startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, PAGE, shopWorld, tokenOf } from '../http/shop.ts';
import { temporaryFolder } from '../store/temporary.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts');
const UPLOADERS = 3;
const BACKUPS = 3;

async function upload(server: ServerProcess, app: string, edge: string, bytes: string) {
  const form = new FormData();
  form.set('recipient', JSON.stringify({ id: BUDI }));
  form.set('message', JSON.stringify({ attachment: { type: 'file', payload: { is_reusable: true } } }));
  form.set('filedata', new File([bytes], 'a.txt', { type: 'text/plain' }));
  return driverOf(server.url).call('POST', `/me/${edge}?access_token=${tokenOf(app)}`, { body: form });
}

/** What has been answered: when it was asked for and answered, in the order of all of them. */
type Uploaded = { readonly id: string; readonly bytes: string; readonly answeredAt: number };

/** Apps that save files, and one whose files are taken away again, since it may not send; until they are stopped. */
function startUploaders(server: ServerProcess) {
  const uploaded: Uploaded[] = [];
  const state = { order: 0, isStopped: false };
  const save = async (uploader: number): Promise<void> => {
    for (let turn = 0; !state.isStopped; turn++) {
      const bytes = `${uploader}/${turn} `.repeat(1 + ((turn * 7_919) % 20_000));
      const answer = await upload(server, BOT, 'message_attachments', bytes);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      uploaded.push({ id: String(answer.body['attachment_id']), bytes, answeredAt: state.order++ });
    }
  };
  const failToSend = async (): Promise<void> => {
    while (!state.isStopped) assert.equal((await upload(server, DESK, 'messages', 'no')).status, 400);
  };
  const all = Promise.all([...Array.from({ length: UPLOADERS }, (_, index) => save(index)), failToSend()]);
  return {
    uploaded,
    now: () => state.order++,
    async stop() {
      state.isStopped = true;
      await all;
    },
  };
}

/** A server on which the bot may speak and the desk may not. */
async function startTalk(folder: { readonly file: (name: string) => string }): Promise<ServerProcess> {
  writeFileSync(folder.file('world.json'), JSON.stringify(shopWorld({}, { apps: [BOT, DESK] })));
  const place = ['--world', folder.file('world.json'), '--data', folder.file('data')];
  const server = await startServer(['--sandbox', ...place]);
  await driverOf(server.url).sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text: 'Hello' });
  return server;
}

test(`backups beside ${UPLOADERS} apps that upload hold every file that was answered before them, whole`, async (t) => {
  await using folder = await temporaryFolder();
  const server = await startTalk(folder);
  t.after(() => server.end('SIGKILL'));
  const uploaders = startUploaders(server);
  const begunAt: number[] = [];
  for (let backup = 0; backup < BACKUPS; backup++) {
    const { length } = uploaders.uploaded;
    while (uploaders.uploaded.length < length + 20) await new Promise((resolve) => setImmediate(resolve));
    begunAt.push(uploaders.now());
    const ran = await runBaton(['backup', folder.file(`${backup}.baton`), '--data', folder.file('data')]);
    assert.equal(ran.code, 0, ran.stderr);
    t.diagnostic(ran.stdout.split('\n')[1] ?? '');
  }
  await uploaders.stop();
  assert.equal(await server.end('SIGKILL'), null);

  for (const [backup, begun] of begunAt.entries()) {
    const data = folder.file(`restored-${backup}`);
    const ran = await runBaton(['restore', folder.file(`${backup}.baton`), '--data', data]);
    assert.equal(ran.code, 0, ran.stderr);
    await using store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
    let found = 0;
    for (const { id, bytes, answeredAt } of uploaders.uploaded) {
      const saved = await store.attachments.find(id);
      if (saved?.from.kind !== 'file') {
        assert.ok(answeredAt > begun, 'what was answered before is there');
        continue;
      }
      const file = path.join(filesIn(data), saved.from.key);
      assert.ok(existsSync(file) || answeredAt > begun, 'and so is its file');
      if (existsSync(file)) assert.equal(readFileSync(file, 'utf8'), bytes);
      found += 1;
    }
    assert.ok(found >= uploaders.uploaded.filter(({ answeredAt }) => answeredAt < begun).length);
    for (const name of readdirSync(filesIn(data))) {
      assert.ok((await store.attachments.findFile(name)) !== null, 'no file is there that nothing names');
      assert.equal(statSync(path.join(filesIn(data), name)).mode & 0o077, 0);
    }
  }
});

test('a file is sent and fetched from a restored folder as before', async (t) => {
  await using folder = await temporaryFolder();
  const first = await startTalk(folder);
  t.after(() => first.end('SIGKILL'));
  const saved = await upload(first, BOT, 'message_attachments', 'meow');
  assert.ok(await takeBackup(folder.file('data'), folder.file('a'), { overwrite: false }));
  assert.equal(await first.end('SIGKILL'), null);
  assert.equal(restoreBackup(folder.file('a'), folder.file('again')).ok, true);

  const key = ['--key-file', folder.file('data/key')];
  const second = await startServer(['--sandbox', '--data', folder.file('again'), ...key]);
  t.after(() => second.end('SIGKILL'));
  const driver = driverOf(second.url);
  const payload = { attachment_id: saved.body['attachment_id'] };
  const body = { recipient: { id: BUDI }, message: { attachment: { type: 'file', payload } } };
  assert.equal((await driver.graph('POST', '/me/messages', { token: tokenOf(BOT), body })).status, 200);
  const { messages } = await driver.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const shown = messages as readonly {
    readonly attachment: { readonly payload: { readonly url: string } };
  }[];
  const answer = await fetch(shown.at(-1)?.attachment.payload.url ?? '');
  assert.equal(await answer.text(), 'meow');
});

/** A data folder with files and nothing else, by their names. */
async function folderOf(data: string, files: Readonly<Record<string, string>>): Promise<Store> {
  const store = await openSqliteStore({ path: databaseIn(data), now: Date.now });
  const [page, app] = [parsePageId(PAGE), parseAppId(BOT)];
  assert.ok(page !== null && app !== null);
  for (const [id, [key, bytes]] of Object.entries(files).entries()) {
    const from = { kind: 'file', key, filename: '', contentType: 'text/plain', size: bytes.length } as const;
    const savedAt = key.startsWith('letgo') ? LET_GO : 1;
    await store.attachments.save({ id: String(id), page, app, type: 'file', from, savedAt });
    await createFiles(filesIn(data)).save(key, Buffer.from(bytes));
  }
  return store;
}

/** The whole of a folder: names and contents. */
const contentsOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );

test('what has been taken away meanwhile, or let go, is left out and counted', async () => {
  await using folder = await temporaryFolder();
  const data = folder.file('data');
  await using _store = await folderOf(data, { a: 'A', gone: 'G', letgo: 'L', b: '', stray: 'S' });
  rmSync(path.join(filesIn(data), 'gone'));
  writeFileSync(path.join(filesIn(data), 'c.part'), 'half');
  writeFileSync(path.join(filesIn(data), 'unnamed'), 'nobody names it');
  const ran = await runBaton(['backup', folder.file('a'), '--data', data]);
  assert.match(ran.stdout, /^3 uploaded files, \d+ bytes; 1 taken away meanwhile, or not written yet$/m);
  assert.equal(restoreBackup(folder.file('a'), folder.file('b')).ok, true);
  assert.deepEqual(contentsOf(filesIn(folder.file('b'))), { a: 'A', b: '', stray: 'S' });
});

test('a backup whose files are cut off or altered anywhere is not restored, and the folder stays empty', async () => {
  await using folder = await temporaryFolder();
  const [data, file, broken] = [folder.file('data'), folder.file('a'), folder.file('broken')];
  await using _store = await folderOf(data, { a: 'meow '.repeat(100), b: 'woof' });
  const manifest = await takeBackup(data, file, { overwrite: false });
  assert.ok(manifest !== null);
  const whole = readFileSync(file);
  const refuse = (bytes: Buffer, why: RegExp): void => {
    writeFileSync(broken, bytes);
    const restored = restoreBackup(broken, folder.file('b'));
    assert.match(restored.ok ? '' : restored.problem, why);
    assert.deepEqual(existsSync(folder.file('b')) ? readdirSync(folder.file('b')) : [], []);
  };
  const { databaseBytes: start, files } = manifest;
  for (let at = start; at < start + files.bytes; at += 13) {
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] ?? 0) ^ 1;
    refuse(altered, /is damaged/);
  }
  const cut = Buffer.concat([
    whole.subarray(0, start + files.bytes - 1),
    whole.subarray(start + files.bytes),
  ]);
  refuse(cut, /longer or shorter/);
  writeFileSync(broken, whole);
  truncateSync(broken, start + 100);
  refuse(readFileSync(broken), /not the whole of one/);
});

/** A backup with another manifest. */
function remade(file: string, change: (manifest: Manifest, files: Buffer) => unknown): Buffer {
  const manifest = readManifest(file);
  assert.ok(!('problem' in manifest));
  const { databaseBytes: start, files } = manifest;
  const bytes = readFileSync(file);
  const section = bytes.subarray(start, start + files.bytes);
  const json = Buffer.from(JSON.stringify(change(manifest, section)));
  const end = `\nbaton-backup ${String(json.length).padStart(10, '0')}\n`;
  return Buffer.concat([bytes.subarray(0, start), section, json, Buffer.from(end)]);
}

test('a name in a backup never leads out of the folder, whatever its checksums say', async () => {
  await using folder = await temporaryFolder();
  await using _store = await folderOf(folder.file('data'), { aaaaaaa: 'meow' });
  await takeBackup(folder.file('data'), folder.file('a'), { overwrite: false });
  const forged = remade(folder.file('a'), (manifest, section) => {
    section.write('../evil', section.indexOf('aaaaaaa'), 'latin1');
    const heads = section.subarray(0, section.length - 'meow'.length);
    const sha256 = createHash('sha256').update(heads).digest('hex');
    return { ...manifest, files: { ...manifest.files, sha256 } };
  });
  writeFileSync(folder.file('forged'), forged);
  const restored = restoreBackup(folder.file('forged'), folder.file('b'));
  assert.match(restored.ok ? '' : restored.problem, /no head that can be read/);
  assert.equal(existsSync(folder.file('b/evil')), false);
});

test('a backup of the first format, without files, is still restored; one of a later format is not', async () => {
  await using folder = await temporaryFolder();
  await using store = await openSqliteStore({ path: databaseIn(folder.file('data')), now: Date.now });
  await store.saveSetting('a', 'b');
  await takeBackup(folder.file('data'), folder.file('a'), { overwrite: false });
  const first = remade(folder.file('a'), ({ files: _, ...manifest }) => ({ ...manifest, format: 1 }));
  writeFileSync(folder.file('first'), first);
  assert.equal(restoreBackup(folder.file('first'), folder.file('b')).ok, true);
  writeFileSync(
    folder.file('third'),
    remade(folder.file('a'), (manifest) => ({ ...manifest, format: 3 })),
  );
  const third = restoreBackup(folder.file('third'), folder.file('c'));
  assert.match(third.ok ? '' : third.problem, /has format 3, not 2/);
});

test('a restoration that is killed can be made again in the same folder', async (t) => {
  const FILES = 40;
  await using folder = await temporaryFolder();
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, index) => [`file${index}`, 'x'.repeat(500_000)]),
  );
  await using _store = await folderOf(folder.file('data'), files);
  await takeBackup(folder.file('data'), folder.file('a'), { overwrite: false });
  for (let round = 0; round < 3; round++) {
    const to = folder.file(`to-${round}`);
    mkdirSync(to);
    const watcher = watch(to, { recursive: true });
    const args = [MAIN, 'restore', folder.file('a'), '--data', to];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(child, 'close');
    // At its beginning, in the database, and among the files.
    for (let changes = 0; changes < 1 + round * 40; changes++)
      await Promise.race([once(watcher, 'change'), ended]);
    child.kill('SIGKILL');
    await ended;
    watcher.close();
    t.diagnostic(`killed over ${readdirSync(to).join(', ')}`);
    if (existsSync(databaseIn(to))) rmSync(to, { recursive: true });
    const again = restoreBackup(folder.file('a'), to);
    assert.ok(again.ok, again.ok ? '' : again.problem);
    assert.equal(readdirSync(filesIn(to)).length, FILES);
  }
  // Between the files and the database being put in their place.
  const between = folder.file('between');
  mkdirSync(path.join(between, 'attachments'), { recursive: true });
  writeFileSync(path.join(between, 'attachments/file0'), 'remains');
  writeFileSync(path.join(between, 'baton.sqlite.partial'), '');
  assert.equal(restoreBackup(folder.file('a'), between).ok, true);
  assert.equal(readFileSync(path.join(between, 'attachments/file0'), 'utf8').length, 500_000);
  // But files alone are somebody's.
  const mine = folder.file('mine');
  mkdirSync(path.join(mine, 'attachments'), { recursive: true });
  assert.equal(restoreBackup(folder.file('a'), mine).ok, false);
  assert.deepEqual(readdirSync(mine), ['attachments']);
});

test(`[limit MAX_BACKED_UP_NAME] a name of ${MAX_BACKED_UP_NAME} characters is backed up, a longer one is a fault`, async () => {
  await using folder = await temporaryFolder();
  const place = folder.file('files');
  for (const [length, isTaken] of [
    [MAX_BACKED_UP_NAME, true],
    [MAX_BACKED_UP_NAME + 1, false],
  ] as const) {
    const name = 'n'.repeat(length);
    await createFiles(place).save(name, Buffer.from('meow'));
    writeFileSync(folder.file('a'), '');
    if (isTaken) assert.equal(appendFiles(folder.file('a'), place, [name]).count, 1);
    else assert.throws(() => appendFiles(folder.file('a'), place, [name]), /name .* is too long/);
  }
  const counts = { threads: 0, events: 0, waiting: 0 };
  assert.equal(appendManifest(folder.file('a'), { schema: 1, takenAt: '', counts }).files.count, 0);
});
