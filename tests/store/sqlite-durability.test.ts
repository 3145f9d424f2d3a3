/** What is particular to SQLite: processes that die, files that are shared, tables of other versions. */

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { evolve } from '../../src/protocol/evolve.ts';
import { UNCLAIMED } from '../../src/store/buckets.ts';
import { openWriting, query, withoutFlush } from '../../src/store/sqlite/database.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  change,
  FURNISHED,
  fresh,
  furnish,
  mid,
  OTHER_CUSTOMER,
  PAGE,
  START,
  said,
  write,
} from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const now = () => START;
const open = (file: string) => openSqliteStore({ path: file, now });
const openReadOnly = (file: string) => openSqliteStore({ path: file, now, readOnly: true });

type Child = ChildProcessByStdio<Writable, Readable, null>;

function startChild(task: 'commit' | 'open', file: string): { child: Child; lines: AsyncIterator<string> } {
  const script = path.join(import.meta.dirname, 'sqlite-child.ts');
  const child = spawn(process.execPath, [script, task, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

test('a process that is killed keeps every commit that was answered', async () => {
  await using folder = await temporaryFolder();
  const { child, lines } = startChild('commit', folder.file('baton.db'));
  let answered = 0;
  while (answered < 25) answered = Number((await lines.next()).value);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  assert.equal((await ended)[1], 'SIGKILL');
  for (let line = await lines.next(); line.done !== true; line = await lines.next())
    answered = Number(line.value);

  await using store = await open(folder.file('baton.db'));
  const thread = await store.load(KEY);
  const events = await store.events(KEY, { after: 0, limit: ALL });
  assert.ok(thread !== null && thread.seq >= answered, `${answered} were answered, ${thread?.seq} are kept`);
  assert.deepEqual(events.reduce(evolve, fresh()), thread);
  assert.equal((await store.waiting({ ...KEY, app: BOT }, ALL)).length, thread.seq);
});

test('processes that start at once on a new file all open it', async () => {
  await using folder = await temporaryFolder();
  const children = Array.from({ length: 4 }, () => startChild('open', folder.file('baton.db')));
  for (const { lines } of children) assert.equal((await lines.next()).value, 'ready');
  const exits = children.map(({ child }) => once(child, 'exit'));
  for (const { child } of children) child.stdin.write('go\n');
  for (const { lines } of children) assert.equal((await lines.next()).value, 'opened');
  assert.deepEqual(
    (await Promise.all(exits)).map(([code]) => code),
    [0, 0, 0, 0],
  );
  await using store = await open(folder.file('baton.db'));
  assert.equal((await store.config()).version, 0);
});

test('a file that another process is just making is waited for', async () => {
  await using folder = await temporaryFolder();
  using other = new DatabaseSync(folder.file('baton.db'));
  other.exec('BEGIN IMMEDIATE');
  const opening = open(folder.file('baton.db'));
  other.exec('COMMIT');
  await using store = await opening;
  assert.equal((await store.config()).version, 0);
});

test('tables that another process made between the look and the lock are not made again', async () => {
  await using folder = await temporaryFolder();
  using db = new DatabaseSync(folder.file('baton.db'));
  using other = new DatabaseSync(folder.file('baton.db'));
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    const statement = prepare(sql);
    const run = statement.run.bind(statement);
    statement.run = () => {
      if (sql === 'BEGIN IMMEDIATE') migrate(other);
      return run();
    };
    return statement;
  };
  migrate(db);
  await using store = await open(folder.file('baton.db'));
  assert.equal((await store.config()).version, 0);
});

test('two writers of one file do not both commit the first message of a thread', async () => {
  await using folder = await temporaryFolder();
  await using one = await open(folder.file('baton.db'));
  await using other = await open(folder.file('baton.db'));
  await furnish(one);
  await write(one, add(fresh(), [{ event: said('a') }]));
  assert.deepEqual(await other.commit([add(fresh(), [{ event: said('b') }])]), ['stale_thread']);
  assert.notEqual(await other.changeConfig(change(FURNISHED, { pages: [PAGE] })), null);
  const late = add(fresh(OTHER_CUSTOMER), [{ event: said('c') }]);
  assert.deepEqual(await one.commit([late]), ['stale_page']);
});

test('a reader beside a writer sees what is committed and cannot write', async () => {
  await using folder = await temporaryFolder();
  await using writer = await open(folder.file('baton.db'));
  await furnish(writer);
  await using reader = await openReadOnly(folder.file('baton.db'));
  assert.equal((await reader.config()).version, FURNISHED);
  const first = add(fresh(), [{ event: said('a'), told: [BOT] }]);
  await write(writer, first);
  assert.deepEqual(await reader.load(KEY), first.thread);

  await assert.rejects(reader.commit([add(first.thread, [{ event: said('b') }])]), /readonly/);
  await assert.rejects(reader.changeConfig(change(FURNISHED, { pages: [PAGE] })), /readonly/);
  await assert.rejects(reader.settle([{ ...KEY, app: BOT, seq: 1, fence: UNCLAIMED }], []), /readonly/);
  await assert.rejects(reader.saveSetting('a', 'b'), /readonly/);
  assert.equal((await writer.waitingOf(KEY)).length, 1);

  await reader[Symbol.asyncDispose]();
  await write(writer, add(first.thread, [{ event: said('b') }]));
});

test('a reader opens a file that no process has open', async () => {
  await using folder = await temporaryFolder();
  const writer = await open(folder.file('baton.db'));
  await furnish(writer);
  await writer[Symbol.asyncDispose]();
  await using reader = await openReadOnly(folder.file('baton.db'));
  assert.equal((await reader.config()).pages.length, 2);
});

test('a reader of a missing file is told so, and makes none', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('missing.db');
  await assert.rejects(openReadOnly(file), {
    message: `cannot open the database ${file}: there is no such file`,
  });
  assert.equal(existsSync(file), false);
});

test('a reader does not open a file without the tables it needs', async () => {
  await using folder = await temporaryFolder();
  new DatabaseSync(folder.file('baton.db')).close();
  await assert.rejects(
    openReadOnly(folder.file('baton.db')),
    /tables are of version 0.*start the server once/,
  );
});

test('a file of a newer version is opened by nobody and stays as it is', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await (await open(file))[Symbol.asyncDispose]();
  using db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 999');
  await assert.rejects(open(file), /tables are of version 999/);
  await assert.rejects(openReadOnly(file), /tables are of version 999/);
  assert.deepEqual(query<{ user_version: number }>(db, 'PRAGMA user_version').get()?.user_version, 999);
});

test('a file that is no database is refused by its name and stays as it is', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('letter.txt');
  const letter = 'Dear all, '.repeat(1000);
  writeFileSync(file, letter);
  const refused = { message: `cannot open the database ${file}: file is not a database` };
  await assert.rejects(open(file), refused);
  await assert.rejects(openReadOnly(file), refused);
  assert.equal(readFileSync(file, 'utf8'), letter);
});

test('the file and its log can be read by their owner only', async () => {
  await using folder = await temporaryFolder();
  await using store = await open(folder.file('new/folder/baton.db'));
  await furnish(store);
  for (const name of ['baton.db', 'baton.db-wal', 'baton.db-shm']) {
    assert.equal(statSync(folder.file(`new/folder/${name}`)).mode & 0o077, 0, name);
  }
});

test('a statement that fails in the middle of a commit undoes the whole batch', async () => {
  await using folder = await temporaryFolder();
  await using store = await open(folder.file('baton.db'));
  await furnish(store);
  using db = new DatabaseSync(folder.file('baton.db'));
  db.exec(`CREATE TRIGGER broken BEFORE INSERT ON outbox WHEN new.psid = '${OTHER_CUSTOMER}'
           BEGIN SELECT raise(ABORT, 'the disk is full'); END`);
  const batch = [CUSTOMER, OTHER_CUSTOMER].map((customer) =>
    add(fresh(customer), [{ event: said(`m${customer}`), told: [BOT] }]),
  );
  await assert.rejects(store.commit(batch), /the disk is full/);
  assert.equal(await store.load(KEY), null);
  assert.equal(await store.message(mid(`m${CUSTOMER}`)), null);
  assert.deepEqual(await store.waitingLanes({ after: null, limit: ALL }), []);
  db.exec('DROP TRIGGER broken');
  assert.deepEqual(await store.commit(batch), ['committed', 'committed']);
});

test('commits flush the disk again after work that did not, also when that failed', async () => {
  await using folder = await temporaryFolder();
  using db = await openWriting(folder.file('baton.db'));
  const level = () => query<{ synchronous: number }>(db, 'PRAGMA synchronous').get()?.synchronous;
  const full = 2;
  assert.equal(level(), full);
  assert.equal(withoutFlush(db, level), 1);
  assert.equal(level(), full);
  assert.throws(() =>
    withoutFlush(db, () => {
      throw new Error('broken');
    }),
  );
  assert.equal(level(), full);
});
