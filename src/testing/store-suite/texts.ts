/** Taking texts away by their age. */

import assert from 'node:assert/strict';
import { blankTexts } from '../../protocol/blank.ts';
import type { Event } from '../../protocol/event.ts';
import { evolve } from '../../protocol/evolve.ts';
import type { Psid } from '../../protocol/ids.ts';
import type { Thread } from '../../protocol/thread.ts';
import { UNCLAIMED } from '../../store/buckets.ts';
import type { Store, TextPlace, ThreadKey } from '../../store/port.ts';
import type { Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  DESK,
  type Fact,
  fresh,
  introduced,
  mid,
  OTHER_PAGE,
  PAGE,
  passed,
  psid,
  START,
  said,
  sent,
  tapped,
  waitingSeqs,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
/** Before anything that waits may be dropped. */
const NEVER = 0;

export const requested = (metadata: string | null): Event => ({
  type: 'control_requested',
  app: DESK,
  connection: 0,
  switches: 0,
  metadata,
});

/** Writes a thread, one commit a fact. */
export async function tell(store: Store, start: Thread, facts: readonly Fact[]): Promise<Thread> {
  let thread = start;
  for (const fact of facts) {
    const commit = add(thread, [fact]);
    await write(store, commit);
    thread = commit.thread;
  }
  return thread;
}

export const eventsOf = (store: Store, key: ThreadKey = KEY) => store.events(key, { after: 0, limit: ALL });

/** The numbers of the events of a thread that hold a text still. */
export async function spoken(store: Store, key: ThreadKey = KEY): Promise<readonly number[]> {
  const events = await eventsOf(store, key);
  return events
    .filter(({ event }) => JSON.stringify(event) !== JSON.stringify(blankTexts(event)))
    .map(({ seq }) => seq);
}

/** Blanks in groups, until there is nothing more to look at; how many were looked at in each. */
export async function blankAll(
  store: Store,
  { before, dropBefore = NEVER, limit = ALL }: { before: number; dropBefore?: number; limit?: number },
): Promise<readonly number[]> {
  const looked: number[] = [];
  let after: TextPlace | null = null;
  do {
    const found: Awaited<ReturnType<Store['blankTexts']>> = await store.blankTexts(PAGE, {
      before,
      dropBefore,
      after,
      limit,
    });
    looked.push(found.looked);
    after = found.after;
  } while (after !== null);
  return looked;
}

export function textChecks({ check }: Checks): void {
  check('texts dated before an instant are blanked, and nothing else changes', async ({ store }) => {
    await tell(store, fresh(), [
      { event: introduced('Budi') },
      { event: said('a'), at: START + 1 },
      { event: passed(null, BOT, 'vip'), at: START + 1 },
      { event: requested('please'), at: START + 1 },
      { event: tapped('x'), at: START + 2 },
      { event: sent('b'), at: START + 3 },
      { event: said('c'), at: START + 4 },
    ]);
    const thread = await store.load(KEY);
    const before = await eventsOf(store);
    assert.deepEqual(await blankAll(store, { before: START + 3 }), [2]);
    const expected = before.map((each) =>
      each.seq <= 5 ? { ...each, event: blankTexts(each.event) } : each,
    );
    assert.deepEqual(await eventsOf(store), expected);
    assert.deepEqual(await spoken(store), [6, 7]);
    assert.deepEqual(await store.load(KEY), thread);
    assert.deepEqual(expected.reduce(evolve, fresh()), thread);
    assert.deepEqual((await store.message(mid('a')))?.recorded, expected[1]);
  });

  check('[S2] the text of a survey that waits stays as long as it waits', async ({ store }) => {
    const survey = sent('s');
    if (survey.type !== 'message_sent') throw new Error('a survey is a message');
    const held: Event = {
      type: 'survey_held',
      app: BOT,
      connection: 0,
      message: survey.message,
      persona: null,
    };
    const thread = await tell(store, fresh(), [{ event: said('a') }, { event: held }]);
    await blankAll(store, { before: START + 1 });
    assert.deepEqual(await spoken(store), [2]);
    assert.deepEqual((await eventsOf(store)).reduce(evolve, fresh()), await store.load(KEY));
    await tell(store, thread, [{ event: survey, at: START + 5 }]);
    await blankAll(store, { before: START + 1 });
    assert.deepEqual(await spoken(store), [3]);
    assert.deepEqual((await eventsOf(store)).reduce(evolve, fresh()), await store.load(KEY));
  });

  check(
    'texts are blanked a few at a time, the oldest first, over all threads of the page',
    async ({ store }) => {
      for (const [index, customer] of ['7', '6', '5'].map(psid).entries()) {
        const facts = [0, 1, 2].map((turn) => ({
          event: said(`${customer}-${turn}`),
          at: START + turn * 10 + index,
        }));
        await tell(store, fresh(customer), facts);
      }
      await tell(store, fresh(CUSTOMER, OTHER_PAGE), [{ event: said('other') }]);
      const first = await store.blankTexts(PAGE, {
        before: START + 12,
        dropBefore: NEVER,
        after: null,
        limit: 4,
      });
      assert.deepEqual(first, { looked: 4, after: { at: START + 10, psid: '7', seq: 2 } });
      const left = async (customer: string) => spoken(store, { page: PAGE, psid: psid(customer) });
      assert.deepEqual([await left('7'), await left('6'), await left('5')], [[3], [2, 3], [2, 3]]);
      assert.deepEqual(await blankAll(store, { before: START + 12, limit: 4 }), [1]);
      assert.deepEqual([await left('7'), await left('6'), await left('5')], [[3], [3], [2, 3]]);
      assert.deepEqual(await spoken(store, { page: OTHER_PAGE, psid: CUSTOMER }), [1]);
    },
  );

  check('texts of one instant are told apart by thread and number', async ({ store }) => {
    for (const customer of ['5', '10', '9'].map(psid)) {
      await tell(store, fresh(customer), [
        { event: said(`${customer}-a`) },
        { event: said(`${customer}-b`) },
      ]);
    }
    const places: (readonly [Psid, number])[] = [];
    let after: TextPlace | null = null;
    do {
      const found: Awaited<ReturnType<Store['blankTexts']>> = await store.blankTexts(PAGE, {
        before: START + 1,
        dropBefore: NEVER,
        after,
        limit: 1,
      });
      after = found.after;
      if (after !== null) places.push([after.psid, after.seq]);
    } while (after !== null);
    assert.deepEqual(
      places.map(([customer, seq]) => `${customer}/${seq}`),
      ['10/1', '10/2', '5/1', '5/2', '9/1', '9/2'],
    );
    assert.deepEqual(await spoken(store, { page: PAGE, psid: psid('9') }), []);
  });

  check('what is blank already is not looked at again', async ({ store }) => {
    await tell(store, fresh(), [{ event: said('a') }, { event: said('b') }]);
    assert.deepEqual(await blankAll(store, { before: START + 1 }), [2]);
    assert.deepEqual(await blankAll(store, { before: START + 1 }), [0]);
  });

  check('an event that has yet to be told keeps its texts until it has been', async ({ store }) => {
    await tell(store, fresh(), [
      { event: said('a'), told: [BOT, DESK] },
      { event: said('b') },
      { event: said('c'), told: [DESK] },
    ]);
    await store.settle([{ ...KEY, app: BOT, seq: 1, fence: UNCLAIMED }], []);
    assert.deepEqual(await blankAll(store, { before: START + 9, limit: 1 }), [1, 1, 1, 0]);
    assert.deepEqual(await spoken(store), [1, 3]);
    assert.deepEqual(await waitingSeqs(store, { ...KEY, app: DESK }), [1, 3]);
    await store.settle([{ ...KEY, app: DESK, seq: 1, fence: UNCLAIMED }], []);
    assert.deepEqual(await blankAll(store, { before: START + 9 }), [2]);
    assert.deepEqual(await spoken(store), [3]);
  });

  check('an event that was missed keeps its texts for as long as it may be sent again', async ({ store }) => {
    const commit = add(fresh(), [{ event: said('a'), told: [BOT] }]);
    const outcome = { told: true, laneSeq: 1, missed: true } as const;
    const missed = commit.events.map((each) => ({
      ...each,
      audience: each.audience.map((addressed) => ({ ...addressed, outcome })),
    }));
    await write(store, { ...commit, events: missed });
    await blankAll(store, { before: START + 9, dropBefore: START });
    assert.deepEqual(await spoken(store), [1]);
    await blankAll(store, { before: START + 9, dropBefore: START + 1 });
    assert.deepEqual(await spoken(store), []);
  });

  check('an event that was set aside does the same, and is forgotten with its texts', async ({ store }) => {
    const aside = { ...KEY, app: BOT, at: START, reason: 'field' };
    await tell(store, fresh(), [
      { event: said('a'), told: [BOT] },
      { event: said('b'), told: [BOT] },
    ]);
    await store.setAside([
      { ...aside, seq: 1, fence: UNCLAIMED },
      { ...aside, seq: 2, fence: UNCLAIMED },
    ]);
    await blankAll(store, { before: START + 9, dropBefore: START });
    assert.deepEqual(await spoken(store), [1, 2]);
    await store.requeue([{ ...KEY, app: BOT, seq: 2 }]);
    await store.settle([{ ...KEY, app: BOT, seq: 2, fence: UNCLAIMED }], []);
    await blankAll(store, { before: START + 9, dropBefore: START });
    assert.deepEqual(await spoken(store), [1]);
    await blankAll(store, { before: START + 9, dropBefore: START + 1 });
    assert.deepEqual(await spoken(store), []);
    assert.deepEqual(await store.asides({ app: null, limit: ALL }), []);
  });

  check('what has waited for too long is dropped with its texts', async ({ store }) => {
    await tell(store, fresh(), [
      { event: said('a'), at: START, told: [BOT, DESK] },
      { event: passed(null, BOT), at: START, told: [BOT] },
      { event: said('b'), at: START + 1, told: [BOT] },
    ]);
    assert.deepEqual(await blankAll(store, { before: START + 9, dropBefore: START + 1 }), [2]);
    assert.deepEqual(await spoken(store), [3]);
    assert.deepEqual(await waitingSeqs(store, { ...KEY, app: BOT }), [2, 3], 'control is told all the same');
    assert.deepEqual(await waitingSeqs(store, { ...KEY, app: DESK }), []);
  });

  check('an event that is dated before an instant and not later is dropped', async ({ store }) => {
    await tell(store, fresh(), [{ event: said('a'), at: START, told: [BOT] }]);
    await blankAll(store, { before: START, dropBefore: ALL ** 3 });
    assert.deepEqual(await spoken(store), [1], 'not dated before the instant itself');
    await blankAll(store, { before: START + 1, dropBefore: START });
    assert.deepEqual(await spoken(store), [1], 'not too long yet');
  });

  check('attempts that began before an instant are taken out a few at a time', async ({ store }) => {
    const attempt = { ...KEY, app: BOT, status: 200, error: null, durationMs: 1 };
    const all = [1, 2, 3, 4, 5].map((seq) => ({ ...attempt, seq, at: START + seq }));
    await store.settle([], all);
    assert.deepEqual(
      [await store.forgetAttempts(START + 4, 2), await store.forgetAttempts(START + 4, 2)],
      [2, 1],
    );
    assert.equal(await store.forgetAttempts(START + 4, ALL), 0);
    const kept = await store.attempts({ app: null, limit: ALL });
    assert.deepEqual(
      kept.map(({ seq }) => seq),
      [5, 4],
    );
    assert.equal(await store.forgetAttempts(START + 99, ALL), 2);
    await store.settle([], [all[0] ?? assert.fail()]);
    assert.equal((await store.attempts({ app: null, limit: ALL })).length, 1);
  });
}
