/** Notices that wait, and how they cease to. */

import assert from 'node:assert/strict';
import { PAGE_LANE } from '../../protocol/ids.ts';
import { UNCLAIMED } from '../../store/buckets.ts';
import type { Lane, ThreadKey } from '../../store/port.ts';
import type { Checks } from './subject.ts';
import {
  ALL,
  add,
  app,
  BOT,
  CUSTOMER,
  DESK,
  fresh,
  OTHER_CUSTOMER,
  OTHER_PAGE,
  PAGE,
  psid,
  said,
  waitingSeqs,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const BOTS: Lane = { app: BOT, ...KEY };
const DESKS: Lane = { app: DESK, ...KEY };
const three = () =>
  add(fresh(), [
    { event: said('a'), told: [BOT, DESK] },
    { event: said('b'), told: [DESK], withheldFrom: [BOT] },
    { event: said('c'), told: [BOT] },
  ]);

export function outboxChecks({ check }: Checks): void {
  check('a notice waits for every app that is told, and for no other', async ({ store }) => {
    const commit = three();
    await write(store, commit);
    const [a, b, c] = commit.events;
    assert.deepEqual(await store.waiting(BOTS, ALL), [
      { ...BOTS, recorded: a },
      { ...BOTS, recorded: c },
    ]);
    assert.deepEqual(await store.waiting(DESKS, ALL), [
      { ...DESKS, recorded: a },
      { ...DESKS, recorded: b },
    ]);
  });

  check('notices of a lane come in order, up to a limit', async ({ store }) => {
    const facts = Array.from({ length: 12 }, (_, index) => ({ event: said(`m${index}`), told: [BOT] }));
    const first = add(fresh(), facts);
    await write(store, first, add(first.thread, facts));
    assert.deepEqual(
      await waitingSeqs(store, BOTS),
      Array.from({ length: 24 }, (_, index) => index + 1),
    );
    const head = await store.waiting(BOTS, 11);
    assert.deepEqual(head.at(-1)?.recorded, first.events[10]);
    assert.equal(head.length, 11);
  });

  check('what is settled waits no longer, and all else still does', async ({ store }) => {
    await write(store, three(), add(fresh(OTHER_CUSTOMER), [{ event: said('d'), told: [BOT] }]));
    await store.settle([{ ...BOTS, seq: 1, fence: UNCLAIMED }], []);
    assert.deepEqual(await waitingSeqs(store, BOTS), [3]);
    assert.deepEqual(await waitingSeqs(store, DESKS), [1, 2]);
    assert.deepEqual(await waitingSeqs(store, { ...BOTS, psid: OTHER_CUSTOMER }), [1]);
  });

  check(
    'a notice that was settled before the one in front of it leaves that one waiting',
    async ({ store }) => {
      await write(store, three());
      await store.settle([{ ...BOTS, seq: 3, fence: UNCLAIMED }], []);
      assert.deepEqual(await waitingSeqs(store, BOTS), [1]);
    },
  );

  check('settling twice, or what never was, changes nothing', async ({ store }) => {
    await write(store, three());
    await store.settle([{ ...BOTS, seq: 1, fence: UNCLAIMED }], []);
    await store.settle(
      [
        { ...BOTS, seq: 1, fence: UNCLAIMED },
        { ...BOTS, seq: 2, fence: UNCLAIMED },
        { ...BOTS, seq: 99, fence: UNCLAIMED },
        { ...BOTS, app: app('2999'), seq: 3, fence: UNCLAIMED },
      ],
      [],
    );
    assert.deepEqual(await waitingSeqs(store, BOTS), [3]);
    assert.deepEqual(await waitingSeqs(store, DESKS), [1, 2]);
  });

  check('settling leaves the events and the thread as they are', async ({ store }) => {
    const commit = three();
    await write(store, commit);
    await store.settle(
      [1, 3].map((seq) => ({ ...BOTS, seq, fence: UNCLAIMED })),
      [],
    );
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), commit.events);
    assert.deepEqual(await store.load(KEY), commit.thread);
  });

  check(
    'lanes in which something waits come by app, page and psid, from behind one, up to a limit',
    async ({ store }) => {
      const tell = (customer: string, of: typeof PAGE, told: readonly (typeof BOT)[]) =>
        add(fresh(psid(customer), of), [
          { event: said(`${of}-${customer}-1`), told },
          { event: said(`${of}-${customer}-2`), told },
        ]);
      const [ten, nine] = [app('10'), app('9')];
      await write(
        store,
        tell('9', PAGE, [nine, ten]),
        tell('10', PAGE, [nine, ten]),
        tell('1', OTHER_PAGE, [ten]),
        tell('5', PAGE, []),
      );
      const lanes: readonly Lane[] = [
        { app: ten, page: PAGE, psid: psid('10') },
        { app: ten, page: PAGE, psid: psid('9') },
        { app: ten, page: OTHER_PAGE, psid: psid('1') },
        { app: nine, page: PAGE, psid: psid('10') },
        { app: nine, page: PAGE, psid: psid('9') },
      ];
      assert.deepEqual(await store.waitingLanes({ after: null, limit: ALL }), lanes);
      assert.deepEqual(await store.waitingLanes({ after: null, limit: 2 }), lanes.slice(0, 2));
      for (const [index, after] of lanes.entries()) {
        assert.deepEqual(await store.waitingLanes({ after, limit: 2 }), lanes.slice(index + 1, index + 3));
      }
      const gap: Lane = { app: ten, page: PAGE, psid: psid('5') };
      assert.deepEqual(await store.waitingLanes({ after: gap, limit: ALL }), lanes.slice(1));
    },
  );

  check('a lane in which nothing waits any more is not among the waiting', async ({ store }) => {
    await write(store, three());
    await store.settle(
      [1, 3].map((seq) => ({ ...BOTS, seq, fence: UNCLAIMED })),
      [],
    );
    assert.deepEqual(await store.waitingLanes({ after: null, limit: ALL }), [DESKS]);
    assert.deepEqual(await store.waiting(BOTS, ALL), []);
  });

  check('what is committed behind a reader is found by its next reading', async ({ store }) => {
    await write(store, add(fresh(OTHER_CUSTOMER), [{ event: said('a'), told: [DESK] }]));
    const [last] = await store.waitingLanes({ after: null, limit: ALL });
    assert.ok(last);
    await write(store, three());
    assert.deepEqual(await store.waitingLanes({ after: last, limit: ALL }), []);
    assert.deepEqual(await store.waitingLanes({ after: null, limit: ALL }), [BOTS, DESKS, last]);
  });

  check('nothing is lost between commits, readings and settlements at the same time', async ({ store }) => {
    const customers = Array.from({ length: 30 }, (_, index) => psid(String(6000 + ((index * 7) % 30))));
    const facts = ['a', 'b'].map((name) => ({ name, told: [BOT] }));
    await Promise.all(
      customers.flatMap((customer) => [
        store.commit([
          add(
            fresh(customer),
            facts.map(({ name, told }) => ({ event: said(`${customer}${name}`), told })),
          ),
        ]),
        store.waitingLanes({ after: null, limit: 5 }),
        store.settle([{ app: BOT, page: PAGE, psid: customer, seq: 1, fence: UNCLAIMED }], []),
      ]),
    );
    const lanes = await store.waitingLanes({ after: null, limit: ALL });
    assert.deepEqual(
      lanes.map((lane) => lane.psid),
      customers.toSorted(),
    );
    for (const lane of lanes) assert.equal((await waitingSeqs(store, lane)).at(-1), 2);
  });

  check('what waits of a thread is told of all its apps, and of no other thread', async ({ store }) => {
    await write(
      store,
      three(),
      add(fresh(OTHER_CUSTOMER), [{ event: said('d'), told: [BOT, app('1')] }]),
      add(fresh(CUSTOMER, OTHER_PAGE), [{ event: said('e'), told: [DESK] }]),
    );
    await store.settle([{ ...DESKS, seq: 1, fence: UNCLAIMED }], []);
    const waiting = async (key: ThreadKey) =>
      (await store.waitingOf(key)).map((each) => `${each.app}:${each.seq}`).toSorted();
    assert.deepEqual(await waiting(KEY), [`${BOT}:1`, `${BOT}:3`, `${DESK}:2`]);
    assert.deepEqual(await waiting({ page: PAGE, psid: OTHER_CUSTOMER }), ['1:1', `${BOT}:1`]);
    assert.deepEqual(await waiting({ page: OTHER_PAGE, psid: CUSTOMER }), [`${DESK}:1`]);
    assert.deepEqual(await waiting({ page: PAGE, psid: psid('404') }), []);
  });

  check("a page's own lane waits like any other", async ({ store }) => {
    const event = { type: 'primary_receiver_changed', previous: null, next: BOT } as const;
    const commit = add(fresh(PAGE_LANE), [{ event, told: [BOT] }]);
    await write(store, three(), commit);
    const lane: Lane = { app: BOT, page: PAGE, psid: PAGE_LANE };
    assert.deepEqual(await store.waitingLanes({ after: null, limit: 2 }), [lane, BOTS]);
    assert.deepEqual(await store.waitingLanes({ after: lane, limit: 1 }), [BOTS]);
    assert.deepEqual(await store.waiting(lane, ALL), [{ ...lane, recorded: commit.events[0] }]);
    assert.deepEqual(await store.waitingOf(lane), [{ app: BOT, seq: 1 }]);
  });
}
