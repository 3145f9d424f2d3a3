/** Ranged reads of threads and events. */

import assert from 'node:assert/strict';
import { PAGE_LANE } from '../../protocol/ids.ts';
import type { Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  DESK,
  fresh,
  mid,
  OTHER_PAGE,
  PAGE,
  passed,
  psid,
  said,
  sent,
  tapped,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
/** In the order of texts, in which 10 comes before 9. */
const ORDERED = ['10', '100', '2', '20', '9'].map(psid);
const SHUFFLED = ['9', '20', '10', '2', '100'].map(psid);

export function readChecks({ check }: Checks): void {
  check(
    'threads of a page come in the order of their psids, from behind one, up to a limit',
    async ({ store }) => {
      for (const each of SHUFFLED) await write(store, add(fresh(each), [{ event: said(`m${each}`) }]));
      await write(store, add(fresh(psid('15'), OTHER_PAGE), [{ event: said('other') }]));
      const read = async (after: (typeof ORDERED)[number] | null, limit: number) =>
        (await store.threads(PAGE, { after, limit })).map((thread) => thread.psid);
      assert.deepEqual(await read(null, ALL), ORDERED);
      assert.deepEqual(await read(null, 2), ORDERED.slice(0, 2));
      assert.deepEqual(await read(psid('100'), 2), ORDERED.slice(2, 4));
      assert.deepEqual(await read(psid('11'), ALL), ORDERED.slice(2));
      assert.deepEqual(await read(psid('9'), ALL), []);
      assert.deepEqual(await read(null, 0), []);
    },
  );

  check('threads are answered as they are now', async ({ store }) => {
    const first = add(fresh(), [{ event: said('a') }]);
    const second = add(first.thread, [{ event: passed(null, BOT) }]);
    await write(store, first, second);
    assert.deepEqual(await store.threads(PAGE, { after: null, limit: ALL }), [second.thread]);
  });

  check("a page's own lane is kept like a thread and is not among the threads", async ({ store }) => {
    const commit = add(fresh(PAGE_LANE), [
      { event: { type: 'primary_receiver_changed', previous: null, next: BOT }, told: [BOT] },
    ]);
    await write(store, commit);
    const key = { page: PAGE, psid: PAGE_LANE };
    assert.deepEqual(await store.load(key), commit.thread);
    assert.deepEqual(await store.events(key, { after: 0, limit: ALL }), commit.events);
    assert.deepEqual(await store.threads(PAGE, { after: null, limit: ALL }), []);
  });

  check(
    'threads of an owner come in the order of their psids, from behind one, up to a limit',
    async ({ store }) => {
      for (const each of SHUFFLED) await write(store, add(fresh(each), [{ event: passed(null, BOT) }]));
      await write(
        store,
        add(fresh(psid('11')), [{ event: passed(null, DESK) }]),
        add(fresh(psid('12')), [{ event: said('idle') }]),
        add(fresh(psid('13'), OTHER_PAGE), [{ event: passed(null, BOT) }]),
      );
      const read = async (after: (typeof ORDERED)[number] | null, limit: number) =>
        store.ownedBy(PAGE, BOT, { after, limit });
      const keys = ORDERED.map((each) => ({ page: PAGE, psid: each }));
      assert.deepEqual(await read(null, ALL), keys);
      assert.deepEqual(await read(null, 3), keys.slice(0, 3));
      assert.deepEqual(await read(psid('2'), 1), keys.slice(3, 4));
      assert.deepEqual(await read(psid('9'), ALL), []);
    },
  );

  check('a thread is found by the owner that it has now', async ({ store }) => {
    const first = add(fresh(), [{ event: passed(null, BOT) }]);
    const second = add(first.thread, [{ event: passed(BOT, DESK) }]);
    const third = add(second.thread, [{ event: passed(DESK, null) }]);
    const range = { after: null, limit: ALL };
    await write(store, first, second);
    assert.deepEqual(await store.ownedBy(PAGE, BOT, range), []);
    assert.deepEqual(await store.ownedBy(PAGE, DESK, range), [KEY]);
    await write(store, third);
    assert.deepEqual(await store.ownedBy(PAGE, DESK, range), []);
  });

  check('events come in order, from behind a seq, up to a limit', async ({ store }) => {
    const facts = Array.from({ length: 12 }, (_, index) => ({ event: said(`m${index}`) }));
    const commit = add(fresh(), facts);
    await write(store, commit, add(fresh(psid('5003')), [{ event: said('other') }]));
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), commit.events);
    assert.deepEqual(await store.events(KEY, { after: 3, limit: 2 }), commit.events.slice(3, 5));
    assert.deepEqual(await store.events(KEY, { after: 9, limit: 100 }), commit.events.slice(9));
    assert.deepEqual(await store.events(KEY, { after: 12, limit: ALL }), []);
  });

  check('a message is found by its id, whoever wrote it and wherever it is', async ({ store }) => {
    const here = add(fresh(), [{ event: said('a') }, { event: passed(null, BOT) }, { event: sent('b') }]);
    const there = add(fresh(psid('77'), OTHER_PAGE), [{ event: said('c') }]);
    await write(store, here, there);
    assert.deepEqual(await store.message(mid('a')), { ...KEY, recorded: here.events[0] });
    assert.deepEqual(await store.message(mid('b')), { ...KEY, recorded: here.events[2] });
    assert.deepEqual(await store.message(mid('c')), {
      page: OTHER_PAGE,
      psid: psid('77'),
      recorded: there.events[0],
    });
    assert.equal(await store.message(mid('d')), null);
  });

  check('a tap on a message is not the message', async ({ store }) => {
    const first = add(fresh(), [{ event: passed(null, BOT) }, { event: sent('a') }]);
    const second = add(first.thread, [{ event: tapped('a') }, { event: tapped('unknown') }]);
    await write(store, first, second);
    assert.deepEqual(await store.message(mid('a')), { ...KEY, recorded: first.events[1] });
    assert.equal(await store.message(mid('unknown')), null);
  });
}
