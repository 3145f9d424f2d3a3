/** How many notices wait is kept by addition (src/store/sqlite/outbox.ts): it must be what a count would give. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { UNCLAIMED } from '../../src/store/buckets.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  add,
  BOT,
  CUSTOMER,
  DESK,
  fresh,
  furnish,
  PAGE,
  START,
  said,
  write,
} from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

test('waiting notices are counted right through commits, deliveries, repetitions, faults and other writers', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('baton.db');
  await using store = await openSqliteStore({ path: file, now: () => START });
  await furnish(store);
  using db = new DatabaseSync(file);
  const counted = (): unknown =>
    db.prepare('SELECT app, count(*) AS waiting FROM outbox GROUP BY app ORDER BY app').all();
  const kept = async (): Promise<unknown> => {
    const all = await Promise.all(
      [BOT, DESK].map(async (app) => ({ app, waiting: await store.countWaiting(app) })),
    );
    return all.filter(({ waiting }) => waiting > 0);
  };
  const agree = async (): Promise<void> =>
    assert.deepEqual(JSON.parse(JSON.stringify(await kept())), JSON.parse(JSON.stringify(counted())));

  await agree();
  const first = add(fresh(), [
    { event: said('a'), told: [BOT, DESK] },
    { event: said('b'), told: [BOT] },
  ]);
  await write(store, first);
  await agree();
  const lane = { app: BOT, page: PAGE, psid: CUSTOMER };
  for (let twice = 0; twice < 2; twice++) {
    await store.settle([{ ...lane, seq: 1, fence: UNCLAIMED }], []);
    await agree();
  }
  for (let twice = 0; twice < 2; twice++) {
    await store.requeue([{ ...lane, seq: 1 }]);
    await agree();
  }
  await store.setAside([{ ...lane, seq: 1, at: START, reason: 'test', fence: UNCLAIMED }]);
  await agree();
  db.exec(`CREATE TRIGGER broken AFTER INSERT ON outbox WHEN new.app = '${DESK}'
           BEGIN SELECT raise(ABORT, 'the disk is full'); END`);
  const second = add(first.thread, [{ event: said('c'), told: [BOT, DESK] }]);
  await assert.rejects(store.commit([second]), /the disk is full/);
  await agree();
  db.exec('DROP TRIGGER broken');
  db.exec('DELETE FROM outbox');
  await write(store, second);
  await agree();
});
