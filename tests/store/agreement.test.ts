/** Whatever is done to them, in whatever order, all adapters answer the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { UNCLAIMED } from '../../src/store/buckets.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Commit, Store } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  ALL,
  add,
  BOT,
  change,
  DESK,
  type Fact,
  fresh,
  furnish,
  OTHER_PAGE,
  PAGE,
  passed,
  psid,
  START,
  said,
} from '../../src/testing/store-suite/world.ts';
import { temporaryFolder } from './temporary.ts';

const CUSTOMERS = ['9', '10'].map(psid);
const customer = fc.constantFrom(...CUSTOMERS);
const owner = fc.constantFrom(BOT, DESK, null);
const told = fc.constantFrom([], [BOT], [DESK, BOT]);

const share = fc.record({
  page: fc.constantFrom(PAGE, OTHER_PAGE),
  customer,
  /** Added to what would be right. */
  wrongSeq: fc.constantFrom(0, 0, 0, 0, 1),
  wrongVersion: fc.constantFrom(0, 0, 0, 0, 1),
  lastsMs: fc.constantFrom(null, null, 0, 1),
  owners: fc.array(fc.record({ owner, told }), { maxLength: 3 }),
  key: fc.constantFrom(null, null, 'k1', 'k2'),
});
const age = fc.constantFrom(0, 1, 1000, 90_000_000);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('commit' as const), shares: fc.array(share, { maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), customer, seq: fc.nat(6) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('blank' as const),
      agoMs: age,
      dropAgoMs: age,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), customer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), limit: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('touch' as const), page: fc.constantFrom(PAGE, OTHER_PAGE) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1000, 90_000_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type Share = typeof share extends fc.Arbitrary<infer Value> ? Value : never;

/** The commits of a batch, each decided on the one before it where they name the same thread. */
async function commitsOf(model: Store, shares: readonly Share[], at: number): Promise<Commit[]> {
  const { pages } = await model.config();
  const commits: Commit[] = [];
  for (const each of shares) {
    const key = { page: each.page, psid: each.customer };
    const earlier = commits.findLast(({ thread }) => thread.page === key.page && thread.psid === key.psid);
    const thread = earlier?.thread ?? (await model.load(key)) ?? fresh(key.psid, key.page);
    const facts = each.owners.map((next, index): Fact => {
      const event =
        index % 2 === 0 ? passed(null, next.owner) : said(`${key.page}-${key.psid}-${thread.seq}`);
      return { event, told: next.told, at: Math.max(at, thread.lastEventAt) };
    });
    const version = pages.find(({ id }) => id === key.page)?.version ?? 0;
    const commit = add({ ...thread, seq: thread.seq + each.wrongSeq }, facts, {
      pageVersion: version + each.wrongVersion,
      validUntil: each.lastsMs === null ? null : at + each.lastsMs,
    });
    const answer = { app: BOT, key: each.key ?? '', fingerprint: 'ab', body: { number: commits.length } };
    commits.push(each.key === null ? commit : { ...commit, answer });
  }
  return commits;
}

async function readAll(store: Store): Promise<unknown> {
  const range = { after: null, limit: ALL };
  const lanes = await store.waitingLanes(range);
  const keys = [PAGE, OTHER_PAGE].flatMap((page) => CUSTOMERS.map((each) => ({ page, psid: each })));
  return {
    config: await store.config(),
    threads: [await store.threads(PAGE, range), await store.threads(OTHER_PAGE, range)],
    events: await Promise.all(keys.map((key) => store.events(key, { after: 0, limit: ALL }))),
    due: [await store.due(Number.MAX_SAFE_INTEGER, ALL), await store.due(START + 90_000_000, ALL)],
    owned: await Promise.all([BOT, DESK].map((app) => store.ownedBy(PAGE, app, range))),
    lanes,
    waiting: await Promise.all(lanes.map((lane) => store.waiting(lane, ALL))),
    waitingOf: await Promise.all(keys.map((key) => store.waitingOf(key))),
    answers: await Promise.all(
      [PAGE, OTHER_PAGE].flatMap((page) => ['k1', 'k2'].map((key) => store.answer({ app: BOT, page, key }))),
    ),
  };
}

async function agree(steps: readonly Step[]): Promise<void> {
  await using folder = await temporaryFolder();
  const clock = simulatedClock(START);
  await using model = createMemoryStore({ now: clock.now });
  await using store = await openSqliteStore({ path: folder.file('baton.db'), now: clock.now });
  const onBoth = async (work: (each: Store) => Promise<unknown>): Promise<void> => {
    const expected = await work(model);
    assert.deepEqual(await work(store), expected);
  };
  await onBoth(furnish);
  for (const each of steps) {
    if (each.do === 'wait') clock.advance(each.ms);
    if (each.do === 'touch') {
      const { version } = await model.config();
      await onBoth((one) => one.changeConfig(change(version, { pages: [each.page] })));
    }
    if (each.do === 'settle') {
      const notice = { app: BOT, page: PAGE, psid: each.customer, seq: each.seq, fence: UNCLAIMED };
      await onBoth((one) => one.settle([notice], []));
    }
    if (each.do === 'blank') {
      const now = clock.now();
      const range = { before: now - each.agoMs, dropBefore: now - each.dropAgoMs, limit: each.limit };
      await onBoth((one) => one.blankTexts(PAGE, { ...range, after: null }));
      await onBoth((one) =>
        one.blankTexts(PAGE, { ...range, after: { at: now - 1000, psid: psid('10'), seq: 2 } }),
      );
    }
    if (each.do === 'erase') await onBoth((one) => one.erase({ page: PAGE, psid: each.customer }));
    if (each.do === 'forget') await onBoth((one) => one.forgetAnswers(each.limit));
    if (each.do === 'commit') {
      const commits = await commitsOf(model, each.shares, clock.now());
      await onBoth((one) => one.commit(commits));
    }
  }
  await onBoth(readAll);
}

test('memory and SQLite answer the same, whatever is done to them', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), agree), { numRuns: 40 });
});
