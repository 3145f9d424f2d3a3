/** What the SQLite store keeps in memory, each limit reached. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createEvents } from '../../src/store/sqlite/events.ts';
import { createHeads, MAX_BEHIND, MAX_REMEMBERED } from '../../src/store/sqlite/heads.ts';
import { CATCH_UP_ROWS, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { createThreads } from '../../src/store/sqlite/threads.ts';
import { add, fresh, furnish, PAGE, psid, START, said } from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const customer = (index: number) => psid(String(900_000 + index));

test(`[limit MAX_BEHIND] ${MAX_BEHIND} rows of threads wait to be written; further commits write some each, and two for each of their own`, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('baton.db');
  await using store = await openSqliteStore({ path, now: () => START });
  await furnish(store);
  const db = new DatabaseSync(path, { readOnly: true });
  const count = db.prepare('SELECT count(*) AS rows FROM threads');
  const rows = (): unknown => count.get()?.['rows'];
  const commitTo = (index: number) => add(fresh(customer(index)), [{ event: said(`m${index}`) }]);
  // Looked at before anything else has its turn, such as the catching up that is planned for a moment later.
  const first = store.commit(Array.from({ length: MAX_BEHIND - 1 }, (_, index) => commitTo(index)));
  assert.equal(rows(), 0);
  const full = store.commit([commitTo(MAX_BEHIND)]);
  assert.equal(rows(), 2 + CATCH_UP_ROWS);
  const next = store.commit([MAX_BEHIND + 1, MAX_BEHIND + 2].map(commitTo));
  assert.equal(rows(), 2 + CATCH_UP_ROWS + 4 + CATCH_UP_ROWS);
  await Promise.all([first, full, next]);
  db.close();
});

test(`[limit MAX_REMEMBERED] ${MAX_REMEMBERED} threads are remembered, and read anew when there were more`, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('baton.db');
  await (await openSqliteStore({ path, now: () => START }))[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  const threads = createThreads(db);
  let reads = 0;
  const counted: typeof threads = {
    ...threads,
    read(key) {
      reads += 1;
      return threads.read(key);
    },
  };
  const heads = createHeads(db, { threads: counted, events: createEvents(db) });
  const find = (index: number) => heads.find({ page: PAGE, psid: customer(index) });
  for (let index = 1; index <= MAX_REMEMBERED; index++) find(index);
  find(1);
  assert.equal(reads, MAX_REMEMBERED);
  find(MAX_REMEMBERED + 1);
  find(1);
  assert.equal(reads, MAX_REMEMBERED + 2);
  db.close();
});
