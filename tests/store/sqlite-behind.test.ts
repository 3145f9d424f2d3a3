/** Rows of threads that follow behind their events (src/store/sqlite/heads.ts): whatever happens, nobody can tell. */

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createVault } from '../../src/runtime/vault.ts';
import type { Commit, Store } from '../../src/store/port.ts';
import { createEvents } from '../../src/store/sqlite/events.ts';
import { createHeads } from '../../src/store/sqlite/heads.ts';
import { sealAnew } from '../../src/store/sqlite/sealed.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { createThreads } from '../../src/store/sqlite/threads.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  fresh,
  furnish,
  introduced,
  OTHER_CUSTOMER,
  PAGE,
  passed,
  psid,
  START,
  said,
  write,
} from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const RANGE = { after: null, limit: ALL };
const END_OF_TIME = Number.MAX_SAFE_INTEGER;
const open = (path: string) => openSqliteStore({ path, now: () => START });

/** What a machine that fails at this instant leaves on its disk. */
function crash(file: string, left: string): void {
  for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${left}${end}`);
}

/** The threads as stored rows show them, and how they are found. */
async function rowsOf(store: Store): Promise<unknown> {
  return {
    due: await store.due(END_OF_TIME, ALL),
    owned: await store.ownedBy(PAGE, BOT, RANGE),
    threads: await store.threads(PAGE, RANGE),
  };
}

const shown = (...commits: readonly Commit[]) => ({
  due: commits
    .filter(({ thread }) => thread.lease !== null)
    .map(({ thread: { page, psid } }) => ({ page, psid })),
  owned: commits
    .filter(({ thread }) => thread.lease?.owner === BOT)
    .map(({ thread: { page, psid } }) => ({ page, psid })),
  threads: commits.map(({ thread }) => thread),
});

/** Two threads: one that BOT owns, one that it owned and that has been idle since. */
async function tell(store: Store): Promise<readonly [Commit, Commit]> {
  const first = add(fresh(), [{ event: said('a') }, { event: passed(null, BOT) }]);
  await write(store, first);
  const second = add(first.thread, [{ event: said('b') }]);
  await write(store, second);
  const taken = add(fresh(OTHER_CUSTOMER), [{ event: passed(null, BOT) }]);
  await write(store, taken);
  assert.equal((await store.ownedBy(PAGE, BOT, RANGE)).length, 2);
  const idle = add(taken.thread, [{ event: passed(BOT, null) }]);
  await write(store, idle);
  return [second, idle];
}

test('after a crash rows are what their events make of them', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await using store = await open(file);
  await furnish(store);
  const [owned, idle] = await tell(store);
  crash(file, folder.file('left.db'));
  await using after = await open(folder.file('left.db'));
  // Nothing keeps the alarm of the idle thread after a crash, as nothing needs it.
  assert.deepEqual(await rowsOf(after), shown(owned, idle));
  assert.deepEqual(await after.load(KEY), owned.thread);
  await write(after, add(owned.thread, [{ event: said('c') }]));
});

test('a reader of what a crash has left reads threads as their events make them', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await using store = await open(file);
  await furnish(store);
  const [owned, idle] = await tell(store);
  crash(file, folder.file('left.db'));
  const left = { path: folder.file('left.db'), now: () => START, readOnly: true };
  await using reader = await openSqliteStore(left);
  assert.deepEqual(await reader.load(KEY), owned.thread);
  assert.deepEqual(await reader.load({ page: PAGE, psid: OTHER_CUSTOMER }), idle.thread);
});

test('a reader sees each commit, whatever it has read before', async () => {
  await using folder = await temporaryFolder();
  await using store = await open(folder.file('baton.db'));
  await furnish(store);
  await using reader = await openSqliteStore({
    path: folder.file('baton.db'),
    now: () => START,
    readOnly: true,
  });
  let thread = fresh();
  for (const name of ['a', 'b', 'c']) {
    const commit = add(thread, [{ event: said(name) }]);
    await write(store, commit);
    assert.deepEqual(await reader.load(KEY), commit.thread);
    thread = commit.thread;
  }
});

test('a transaction that is undone takes nothing with it of what was committed before', async () => {
  await using folder = await temporaryFolder();
  await using store = await open(folder.file('baton.db'));
  await furnish(store);
  const [owned, idle] = await tell(store);
  using db = new DatabaseSync(folder.file('baton.db'));
  db.exec(`CREATE TRIGGER broken BEFORE INSERT ON events WHEN new.mid = 'm_bad'
           BEGIN SELECT raise(ABORT, 'the disk is full'); END`);
  const next = add(owned.thread, [{ event: passed(BOT, null) }, { event: said('bad') }]);
  await assert.rejects(store.commit([next]), /the disk is full/);
  assert.deepEqual(await store.load(KEY), owned.thread);
  assert.deepEqual(await store.threads(PAGE, RANGE), [owned.thread, idle.thread]);
  assert.deepEqual(await store.ownedBy(PAGE, BOT, RANGE), [KEY]);
  db.exec('DROP TRIGGER broken');
  assert.deepEqual(await store.commit([next]), ['committed']);
});

test('two writers of one file go on where the other has stopped', async () => {
  await using folder = await temporaryFolder();
  await using one = await open(folder.file('baton.db'));
  await using other = await open(folder.file('baton.db'));
  await furnish(one);
  let thread = fresh();
  for (let turn = 0; turn < 6; turn++) {
    const store = turn % 2 === 0 ? one : other;
    const commit = add(thread, [{ event: said(`m${turn}`) }]);
    // What it remembers of the thread is old; the commit is judged by what is true.
    assert.deepEqual(await store.commit([commit]), ['committed']);
    thread = commit.thread;
  }
  assert.deepEqual(await other.threads(PAGE, RANGE), [thread]);
  assert.deepEqual(await one.commit([add(fresh(), [{ event: said('late') }])]), ['stale_thread']);
  assert.deepEqual(await one.load(KEY), thread);
});

test('what is written after an erasure is found again after a crash', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await using store = await open(file);
  await furnish(store);
  const [owned] = await tell(store);
  await store.erase({ page: PAGE, psid: OTHER_CUSTOMER });
  const next = add(owned.thread, [{ event: said('c') }]);
  await write(store, next);
  crash(file, folder.file('left.db'));
  await using after = await open(folder.file('left.db'));
  assert.deepEqual((await after.threads(PAGE, RANGE))[0], next.thread);
});

test('a crash in the middle of a round leaves the mark where it was', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  const store = await open(file);
  await furnish(store);
  await store[Symbol.asyncDispose]();
  const db = new DatabaseSync(file);
  const events = createEvents(db);
  const heads = createHeads(db, { threads: createThreads(db), events });
  heads.recover();
  const commits = ['1', '2', '3', '4'].map((digit) => add(fresh(psid(digit)), [{ event: said(digit) }]));
  for (const { thread, events: told } of commits) {
    for (const recorded of told) events.write(thread, recorded);
    heads.advance(heads.find(thread), thread, null);
  }
  heads.catchUpSome(3, 'now');
  assert.equal(heads.isInRound(), true);
  db.close();
  await using after = await open(file);
  assert.deepEqual(
    await after.threads(PAGE, RANGE),
    commits.map(({ thread }) => thread),
  );
});

test('[W7] a thread whose events cannot be folded fails by itself: the store opens, and the others go on', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  {
    await using store = await open(file);
    await furnish(store);
    await tell(store);
  }
  {
    using db = new DatabaseSync(file);
    db.exec('UPDATE folded SET up_to = 0');
    db.prepare('DELETE FROM threads WHERE psid = ?').run(CUSTOMER);
    db.prepare('DELETE FROM events WHERE psid = ? AND seq = 1').run(CUSTOMER);
  }
  for (let times = 0; times < 2; times++) {
    await using store = await open(file);
    await assert.rejects(store.load(KEY), /event 2 cannot follow event 0/);
    const other = await store.load({ page: PAGE, psid: OTHER_CUSTOMER });
    assert.ok(other !== null);
    await write(store, add(other, [{ event: said(`c${times}`) }]));
    await assert.rejects(store.load(KEY), /event 2 cannot follow event 0/);
  }
});

test('rows that a crash left behind are found after the file has been written anew under another key', async () => {
  await using folder = await temporaryFolder();
  const [file, left] = [folder.file('baton.db'), folder.file('left.db')];
  const [vault, other] = [createVault(Buffer.alloc(32, 1)), createVault(Buffer.alloc(32, 2))];
  {
    await using store = await openSqliteStore({ path: file, now: () => START, vault });
    await furnish(store);
    await tell(store);
  }
  const third = add(fresh(psid('5003')), [{ event: said('c') }]);
  {
    await using store = await openSqliteStore({ path: file, now: () => START, vault });
    await write(store, third);
    crash(file, left);
  }
  await sealAnew(left, vault, other);
  {
    // What is written anew may number its rows otherwise, so the mark must promise nothing. (SQLite keeps the numbers of
    // this table today, and does not say that it will.)
    using db = new DatabaseSync(left);
    assert.deepEqual({ ...db.prepare('SELECT up_to FROM folded').get() }, { up_to: 0 });
  }
  await using after = await openSqliteStore({ path: left, now: () => START, vault: other });
  assert.deepEqual((await after.threads(PAGE, RANGE)).at(-1), third.thread);
});

/** A store whose next round of rows is due. */
async function openDue(t: TestContext, file: string, commit: Commit): Promise<Store> {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const store = await open(file);
  await furnish(store);
  await write(store, commit);
  return store;
}
const ROUND_BEGINS_MS = 250;

test('a bug that nobody waited for is thrown by the next call, and once', async (t) => {
  await using folder = await temporaryFolder();
  const commit = add(fresh(), [{ event: introduced('Ana') }]);
  // No JSON can hold it: the event is written, the row cannot be.
  const customer = { name: 1n } as unknown as { readonly name: string };
  const thread = { ...commit.thread, customer };
  await using store = await openDue(t, folder.file('baton.db'), { ...commit, thread });
  t.mock.timers.tick(ROUND_BEGINS_MS);
  const next = add(commit.thread, [{ event: said('b') }]);
  await assert.rejects(store.commit([next]), (error: unknown) => {
    assert.ok(error instanceof Error && error.cause instanceof TypeError);
    assert.match(error.message, /rows of threads could not follow their events/);
    return true;
  });
  // What was remembered is forgotten, and what the events say is true.
  assert.deepEqual(await store.commit([next]), ['committed']);
  assert.deepEqual(await store.threads(PAGE, RANGE), [next.thread]);
});

test('a disk that is full when nobody waits is told of by itself, and the rows follow once there is room', async (t) => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await (await open(file))[Symbol.asyncDispose]();
  {
    using db = new DatabaseSync(file);
    db.exec(
      `CREATE TRIGGER broken BEFORE INSERT ON threads BEGIN SELECT raise(ABORT, 'the disk is full'); END`,
    );
  }
  const commit = add(fresh(), [{ event: said('a') }]);
  await using store = await openDue(t, file, commit);
  t.mock.timers.tick(ROUND_BEGINS_MS);
  const next = add(commit.thread, [{ event: said('b') }]);
  await assert.rejects(store.commit([next]), /^Error: the disk is full/);
  {
    using db = new DatabaseSync(file);
    db.exec('DROP TRIGGER broken');
  }
  assert.deepEqual(await store.commit([next]), ['committed']);
  assert.deepEqual(await store.threads(PAGE, RANGE), [next.thread]);
});
