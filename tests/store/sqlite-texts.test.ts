/** What is particular to SQLite in taking texts away: what is left on the disk, and files from before. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { compact, openWriting, query } from '../../src/store/sqlite/database.ts';
import { FIRST } from '../../src/store/sqlite/migrations/001-first.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
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
  START,
  said,
  write,
} from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const SECRET = 'my-secret-words';
const open = (file: string) => openSqliteStore({ path: file, now: () => START });

/** The names of the files in a folder that hold a text. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder).filter((name) => readFileSync(path.join(folder, name)).includes(text));
}

/** A thread of many texts, written bit by bit, so that pages split and rows move. */
async function talk(store: Awaited<ReturnType<typeof open>>): Promise<void> {
  let thread = fresh();
  for (let turn = 0; turn < 300; turn++) {
    const commit = add(thread, [
      { event: introduced(`${SECRET} ${turn}`) },
      { event: said(`a${turn}`, `${SECRET} `.repeat(1 + (turn % 7) * 40)), told: [BOT] },
      { event: passed(turn % 2 === 0 ? null : BOT, turn % 2 === 0 ? BOT : null, SECRET) },
    ]);
    await write(store, commit);
    thread = commit.thread;
  }
}

test('nothing that was erased is found in the files, neither while the store is open nor later', async () => {
  await using folder = await temporaryFolder();
  const store = await open(folder.file('baton.db'));
  await furnish(store);
  await talk(store);
  const kept = add(fresh(OTHER_CUSTOMER), [{ event: said('kept', 'another customer') }]);
  await write(store, kept);
  assert.notDeepEqual(filesWith(folder.file('.'), SECRET), []);
  assert.deepEqual(await store.erase(KEY), { events: 900, notices: 300 });
  assert.deepEqual(filesWith(folder.file('.'), SECRET), []);
  await store[Symbol.asyncDispose]();
  assert.deepEqual(filesWith(folder.file('.'), SECRET), []);
  assert.deepEqual(filesWith(folder.file('.'), 'another customer'), ['baton.db']);
});

test('texts that were blanked for their age are overwritten, but for what moving rows has left behind', async () => {
  await using folder = await temporaryFolder();
  const store = await open(folder.file('baton.db'));
  await furnish(store);
  const counts = Array.from({ length: 300 }, (_, index) => 1 + (index % 7) * 100);
  const facts = counts.map((count, index) => ({ event: said(`a${index}`, `${SECRET} `.repeat(count)) }));
  await write(store, add(fresh(), facts));
  const range = { before: START + 1, dropBefore: 0, after: null, limit: ALL };
  assert.equal((await store.blankTexts(PAGE, range)).looked, 300);
  await store[Symbol.asyncDispose]();
  const written = counts.reduce((sum, count) => sum + count, 0);
  const left = readFileSync(folder.file('baton.db'), 'latin1').split(SECRET).length - 1;
  assert.ok(left < written / 1_000, `${left} of ${written} are left`);
});

test('a file is not compacted beside a reader, which would find in it what was erased', async () => {
  await using folder = await temporaryFolder();
  using db = await openWriting(folder.file('baton.db'));
  db.exec('PRAGMA busy_timeout = 0; CREATE TABLE a (b); INSERT INTO a VALUES (1)');
  using reader = new DatabaseSync(folder.file('baton.db'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM a').all();
  db.exec('UPDATE a SET b = 2');
  assert.throws(() => compact(db), /another process is reading/);
  reader.exec('COMMIT');
  compact(db);
});

test('a file from before keeps its events, and their texts are found by their age', async () => {
  await using folder = await temporaryFolder();
  const commit = add(fresh(), [{ event: said('a', SECRET) }, { event: passed(null, BOT, 'vip') }]);
  {
    using db = new DatabaseSync(folder.file('baton.db'));
    db.exec(`${FIRST}; PRAGMA user_version = 1`);
    db.exec(`INSERT INTO pages (id, name_json, platform, mode, entry_points_json, version)
             VALUES ('${PAGE}', '"Old"', 'messenger', 'handover', '[]', 1)`);
    db.prepare('INSERT INTO threads (page, psid, bucket, seq, state_json) VALUES (?, ?, 0, ?, ?)').run(
      PAGE,
      CUSTOMER,
      commit.thread.seq,
      JSON.stringify(commit.thread),
    );
    const insert = db.prepare(
      'INSERT INTO events (page, psid, seq, at, timestamp, type, body_json) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const each of commit.events) {
      insert.run(PAGE, CUSTOMER, each.seq, each.at, each.timestamp, each.event.type, JSON.stringify(each));
    }
  }
  await using store = await open(folder.file('baton.db'));
  assert.deepEqual(await store.load(KEY), commit.thread);
  assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), commit.events);
  assert.equal((await store.config()).pages[0]?.retentionDays, null);
  const range = { before: START + 1, dropBefore: 0, after: null, limit: ALL };
  assert.equal((await store.blankTexts(PAGE, range)).looked, 1);
  const [first, second] = await store.events(KEY, { after: 0, limit: ALL });
  assert.ok(!JSON.stringify(first).includes(SECRET));
  assert.deepEqual(second, commit.events[1]);
});

test('old texts are found by an index, however many events there are', async () => {
  await using folder = await temporaryFolder();
  await (await open(folder.file('baton.db')))[Symbol.asyncDispose]();
  using db = new DatabaseSync(folder.file('baton.db'));
  const plan = query<{ detail: string }>(
    db,
    `EXPLAIN QUERY PLAN SELECT psid FROM events
     WHERE page = ?1 AND text_at >= ?3 AND text_at < ?2 AND (text_at, psid, seq) > (?3, ?4, ?5)
     ORDER BY text_at, psid, seq LIMIT ?6`,
  ).all(PAGE, 2, 1, '', 0, 5);
  assert.match(plan[0]?.detail ?? '', /events_by_text \(page=\? AND text_at>/);
});
