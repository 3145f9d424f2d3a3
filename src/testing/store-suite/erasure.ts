/** Erasing a customer. */

import assert from 'node:assert/strict';
import { eraseEvent, eraseThread } from '../../protocol/blank.ts';
import { evolve } from '../../protocol/evolve.ts';
import { UNCLAIMED } from '../../store/buckets.ts';
import { ODD } from './rows.ts';
import { assertUnchanged, type Checks } from './subject.ts';
import { blankAll, eventsOf, requested, spoken, tell } from './texts.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  DESK,
  everythingOf,
  fresh,
  introduced,
  mid,
  OTHER_CUSTOMER,
  OTHER_PAGE,
  PAGE,
  passed,
  START,
  said,
  sent,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };

export function erasureChecks({ check, onReopening }: Checks): void {
  check(
    'an erased thread and its events hold nothing personal, and are the same otherwise',
    async ({ store }) => {
      await tell(store, fresh(), [
        { event: introduced(ODD) },
        { event: said('a', ODD) },
        { event: passed(null, BOT, ODD) },
        { event: requested(ODD) },
        { event: sent('b') },
      ]);
      const before = await eventsOf(store);
      const thread = await store.load(KEY);
      assert.ok(thread !== null);
      assert.deepEqual(await store.erase(KEY), { events: 5, notices: 0 });
      const events = await eventsOf(store);
      assert.deepEqual(
        events,
        before.map((each) => ({ ...each, event: eraseEvent(each.event) })),
      );
      assert.deepEqual(await store.load(KEY), eraseThread(thread));
      assert.deepEqual(events.reduce(evolve, fresh()), await store.load(KEY));
      assert.deepEqual((await store.message(mid('a')))?.recorded, events[1]);
      assert.deepEqual(await blankAll(store, { before: START + 9 }), [0]);
      assert.deepEqual(await store.ownedBy(PAGE, BOT, { after: null, limit: ALL }), [KEY]);
      await write(store, add(eraseThread(thread), [{ event: said('c') }]));
    },
  );

  check('of an erased thread only notices without texts are still to be told', async ({ store }) => {
    await tell(store, fresh(), [
      { event: said('a'), told: [BOT, DESK] },
      { event: passed(null, BOT, 'vip'), told: [BOT] },
      { event: { type: 'messages_read', mid: null }, told: [BOT] },
      { event: sent('b'), told: [DESK] },
    ]);
    await store.setAside([{ ...KEY, app: DESK, seq: 4, at: START, reason: 'field', fence: UNCLAIMED }]);
    assert.deepEqual(await store.erase(KEY), { events: 4, notices: 3 });
    assert.deepEqual(await store.asides({ app: null, limit: ALL }), []);
    const waiting = await store.waiting({ ...KEY, app: BOT }, ALL);
    assert.deepEqual(
      waiting.map(({ recorded }) => recorded.event),
      [passed(null, BOT, null), { type: 'messages_read', mid: null }],
    );
    assert.deepEqual(await store.waitingLanes({ after: null, limit: ALL }), [{ ...KEY, app: BOT }]);
  });

  check('erasing one customer leaves all others alone', async ({ store }) => {
    const others = [
      { page: PAGE, psid: OTHER_CUSTOMER },
      { page: OTHER_PAGE, psid: CUSTOMER },
    ];
    for (const { page, psid: customer } of [KEY, ...others]) {
      const facts = [{ event: introduced('Ani') }, { event: said(`${page}-${customer}`), told: [BOT] }];
      await tell(store, fresh(customer, page), facts);
    }
    await assertUnchanged(
      () => Promise.all(others.map((key) => everythingOf(store, key))),
      async () => assert.notEqual(await store.erase(KEY), null),
    );
  });

  check('erasing a customer of whom nothing is known says so', async ({ store }) => {
    assert.equal(await store.erase(KEY), null);
  });

  check('a long thread is erased whole', async ({ store }) => {
    const facts = Array.from({ length: 1_234 }, (_, index) => ({ event: said(`m${index}`), told: [BOT] }));
    await write(store, add(fresh(), facts));
    assert.deepEqual(await store.erase(KEY), { events: 1_234, notices: 1_234 });
    assert.deepEqual(await spoken(store), []);
  });

  onReopening('what was blanked or erased is so in a store that is opened again', async (store, reopen) => {
    const other = { page: PAGE, psid: OTHER_CUSTOMER };
    await tell(store, fresh(), [{ event: said('a') }]);
    await tell(store, fresh(OTHER_CUSTOMER), [{ event: introduced('Ani') }, { event: said('b') }]);
    await store.erase(other);
    await blankAll(store, { before: START + 1 });
    const again = await reopen();
    assert.deepEqual([await spoken(again), await spoken(again, other)], [[], []]);
    assert.equal((await again.load(other))?.customer?.name, null);
  });
}
