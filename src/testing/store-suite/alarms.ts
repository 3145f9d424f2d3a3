/** When threads are due: set early, moved late. */

import assert from 'node:assert/strict';
import { DAY_MS, LEASE_MS } from '../../protocol/time.ts';
import type { Store } from '../../store/port.ts';
import { assertUnchanged, type Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  DESK,
  fresh,
  OTHER_CUSTOMER,
  OTHER_PAGE,
  PAGE,
  passed,
  psid,
  START,
  said,
  sent,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
/** When control ends that was given at `START` and not used. */
const END = START + LEASE_MS;
const owned = () => add(fresh(), [{ event: passed(null, BOT) }]);

const isDue = async (store: Store, until: number): Promise<boolean> =>
  (await store.due(until, ALL)).some((key) => key.psid === CUSTOMER && key.page === PAGE);

export function alarmChecks({ check }: Checks): void {
  check(
    'an owned thread is due at the millisecond at which control ends, and not before',
    async ({ store }) => {
      await write(store, owned());
      assert.deepEqual(await store.due(END - 1, ALL), []);
      assert.deepEqual(await store.due(END, ALL), [KEY]);
    },
  );

  check('an idle thread is never due', async ({ store }) => {
    await write(store, add(fresh(), [{ event: said('a') }]));
    assert.deepEqual(await store.due(Number.MAX_SAFE_INTEGER, ALL), []);
  });

  check('due threads come by alarm, then page, then psid, up to the limit', async ({ store }) => {
    const at = (page: typeof PAGE, digits: string, from: number) =>
      add(fresh(psid(digits), page), [{ event: passed(null, BOT), at: from }]);
    await write(
      store,
      at(OTHER_PAGE, '1', START + 5),
      at(PAGE, '9', START + 5),
      at(PAGE, '10', START + 5),
      at(OTHER_PAGE, '7', START + 4),
      at(PAGE, '3', START + 6),
    );
    const expected = [
      { page: OTHER_PAGE, psid: psid('7') },
      { page: PAGE, psid: psid('10') },
      { page: PAGE, psid: psid('9') },
      { page: OTHER_PAGE, psid: psid('1') },
    ];
    assert.deepEqual(await store.due(END + 5, ALL), expected);
    assert.deepEqual(await store.due(END + 5, 2), expected.slice(0, 2));
    assert.equal((await store.due(END + 6, ALL)).length, 5);
  });

  check('renewing a lease does not move the alarm', async ({ store }) => {
    const first = owned();
    await write(store, first, add(first.thread, [{ event: sent('a'), at: START + 1000 }]));
    assert.equal(await isDue(store, END), true);
  });

  check('an end that comes earlier moves the alarm', async ({ store }) => {
    const long = add(fresh(), [
      { event: passed(null, BOT) },
      { event: { type: 'lease_extended', app: BOT, until: START + 7 * DAY_MS } },
    ]);
    await write(store, long);
    assert.equal(await isDue(store, START + 7 * DAY_MS - 1), false);
    await write(store, add(long.thread, [{ event: passed(BOT, DESK), at: START + 1000 }]));
    assert.equal(await isDue(store, END + 999), false);
    assert.equal(await isDue(store, END + 1000), true);
  });

  check('a thread that became idle keeps its alarm until it is set anew', async ({ store }) => {
    const first = owned();
    const second = add(first.thread, [{ event: passed(BOT, null), at: START + 1000 }]);
    await write(store, first, second);
    assert.equal(await isDue(store, END), true);
    await write(store, add(second.thread, []));
    assert.deepEqual(await store.due(Number.MAX_SAFE_INTEGER, ALL), []);
  });

  check('a thread whose alarm was taken away gets one with its next owner', async ({ store }) => {
    const first = owned();
    const second = add(first.thread, [{ event: passed(BOT, null), at: START + 1000 }]);
    const third = add(second.thread, [{ event: passed(null, DESK), at: START + 2000 }]);
    await write(store, first, second, add(second.thread, []), third);
    assert.equal(await isDue(store, END + 1999), false);
    assert.equal(await isDue(store, END + 2000), true);
  });

  check('an alarm that has gone off is set anew by what happens at or after it', async ({ store }) => {
    const first = owned();
    const expired = { event: passed(BOT, null), at: END };
    const second = add(first.thread, [expired, { event: passed(null, DESK), at: END + 10 }]);
    await write(store, first, second);
    assert.equal(await isDue(store, END + 10 + LEASE_MS - 1), false);
    assert.equal(await isDue(store, END + 10 + LEASE_MS), true);
  });

  check('an alarm that has gone off is set anew also where the owner stays', async ({ store }) => {
    const first = owned();
    const until = START + 7 * DAY_MS;
    const second = add(first.thread, [{ event: { type: 'lease_extended', app: BOT, until } }]);
    await write(store, first, second);
    assert.equal(await isDue(store, END), true);
    await write(store, add(second.thread, [{ event: sent('a'), at: END + 10 }]));
    assert.equal(await isDue(store, until - 1), false);
    assert.equal(await isDue(store, until), true);
  });

  check('an alarm goes off at its very millisecond, and not before', async ({ store }) => {
    const first = owned();
    const other = add(fresh(OTHER_CUSTOMER), [{ event: passed(null, BOT) }]);
    await write(store, first, add(first.thread, [{ event: passed(BOT, null), at: END }]));
    await write(store, other, add(other.thread, [{ event: passed(BOT, null), at: END - 1 }]));
    assert.deepEqual(await store.due(END, ALL), [{ page: PAGE, psid: OTHER_CUSTOMER }]);
  });

  check(
    'a commit without events moves the alarm to where it should be, and nothing else',
    async ({ store }) => {
      const first = owned();
      const second = add(first.thread, [{ event: sent('a'), at: START + 1000, told: [DESK] }]);
      await write(store, first, second);
      const rest = async () => [
        await store.load(KEY),
        await store.events(KEY, { after: 0, limit: ALL }),
        await store.waitingOf(KEY),
      ];
      await assertUnchanged(rest, () => write(store, add(second.thread, [])));
      assert.equal(await isDue(store, END + 999), false);
      assert.equal(await isDue(store, END + 1000), true);
    },
  );

  check('a commit without events is refused like any other', async ({ store, clock }) => {
    const first = owned();
    const second = add(first.thread, [{ event: sent('a'), at: START + 1000 }]);
    await write(store, first, second);
    const refused = [
      add(first.thread, []),
      add(second.thread, [], { pageVersion: 77 }),
      add(second.thread, [], { validUntil: clock.now() }),
    ];
    const outcomes = [];
    for (const commit of refused) outcomes.push(...(await store.commit([commit])));
    assert.deepEqual(outcomes, ['stale_thread', 'stale_page', 'too_late']);
    assert.equal(await isDue(store, END), true);
  });

  check('a commit without events brings no thread into being', async ({ store }) => {
    await write(store, add(fresh(), []));
    assert.equal(await store.load(KEY), null);
    assert.deepEqual(await store.threads(PAGE, { after: null, limit: ALL }), []);
    await write(store, add(fresh(), [{ event: said('a') }]));
  });

  check(
    'in one batch, the alarm that an earlier commit set is the one that a later commit finds',
    async ({ store }) => {
      const first = owned();
      const second = add(first.thread, [{ event: sent('a'), at: START + 1000 }]);
      const idle = add(second.thread, [{ event: passed(BOT, null), at: START + 2000 }]);
      assert.deepEqual(await store.commit([first, second]), ['committed', 'committed']);
      assert.equal(await isDue(store, END), true);
      assert.deepEqual(await store.commit([idle, add(idle.thread, [])]), ['committed', 'committed']);
      assert.equal(await isDue(store, Number.MAX_SAFE_INTEGER), false);
    },
  );
}
