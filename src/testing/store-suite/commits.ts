/** One commit: what it leaves behind, and when it is refused. */

import assert from 'node:assert/strict';
import { evolve } from '../../protocol/evolve.ts';
import { emptyThread } from '../../protocol/thread.ts';
import { assertUnchanged, type Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  change,
  everythingOf,
  FURNISHED,
  fresh,
  mid,
  OTHER_PAGE,
  PAGE,
  page,
  passed,
  START,
  said,
  sent,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };

export function commitChecks({ check }: Checks): void {
  check('a thread of which nothing was written is null and has no events', async ({ store }) => {
    assert.equal(await store.load(KEY), null);
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), []);
  });

  check('a commit is read back as it was written', async ({ store }) => {
    const commit = add(fresh(), [{ event: said('a'), told: [BOT] }, { event: passed(null, BOT, 'vip') }]);
    await write(store, commit);
    assert.deepEqual(await store.load(KEY), commit.thread);
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), commit.events);
  });

  check('the thread that is stored is the fold of the events that are stored', async ({ store }) => {
    const first = add(fresh(), [{ event: said('a') }, { event: passed(null, BOT) }]);
    const second = add(first.thread, [{ event: sent('b'), at: START + 5, told: [BOT] }]);
    await write(store, first, second);
    const events = await store.events(KEY, { after: 0, limit: ALL });
    assert.equal(events.length, 3);
    assert.deepEqual(events.reduce(evolve, emptyThread(PAGE, CUSTOMER)), await store.load(KEY));
  });

  check('of two first messages of a new thread at once exactly one is committed', async ({ store }) => {
    const rivals = [add(fresh(), [{ event: said('a') }]), add(fresh(), [{ event: said('b') }])];
    const outcomes = (await Promise.all(rivals.map((rival) => store.commit([rival])))).flat();
    assert.deepEqual(outcomes.toSorted(), ['committed', 'stale_thread']);
    const winner = rivals[outcomes.indexOf('committed')];
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), winner?.events);
    assert.deepEqual(await store.load(KEY), winner?.thread);
  });

  check('of many commits at once on one thread exactly one is committed', async ({ store }) => {
    const first = add(fresh(), [{ event: said('a') }]);
    await write(store, first);
    const rivals = Array.from({ length: 20 }, (_, index) =>
      add(first.thread, [{ event: said(`r${index}`), told: [BOT] }]),
    );
    const outcomes = (await Promise.all(rivals.map((rival) => store.commit([rival])))).flat();
    assert.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'stale_thread').length, 19);
    assert.equal((await store.events(KEY, { after: 0, limit: ALL })).length, 2);
    assert.equal((await store.waitingOf(KEY)).length, 1);
  });

  for (const [title, expectedSeq] of [
    ['an earlier state', 1],
    ['a state that never was', 5],
  ] as const) {
    check(
      `a commit that was decided on ${title} of the thread is stale and leaves nothing`,
      async ({ store }) => {
        const first = add(fresh(), [{ event: said('a') }, { event: said('b') }]);
        await write(store, first);
        await assertUnchanged(
          () => everythingOf(store, KEY),
          async () => {
            const decidedOn = { ...first.thread, seq: expectedSeq };
            const late = add(decidedOn, [{ event: said('late'), told: [BOT] }]);
            assert.deepEqual(await store.commit([late]), ['stale_thread']);
          },
        );
        assert.equal(await store.message(mid('late')), null);
      },
    );
  }

  for (const [title, pageVersion] of [
    ['an older', FURNISHED - 1],
    ['a newer', FURNISHED + 1],
  ] as const) {
    check(
      `a commit that names ${title} version of the page is refused and leaves nothing`,
      async ({ store }) => {
        const commit = add(fresh(), [{ event: said('a'), told: [BOT] }], { pageVersion });
        assert.deepEqual(await store.commit([commit]), ['stale_page']);
        assert.equal(await store.load(KEY), null);
        assert.equal(await store.message(mid('a')), null);
        assert.deepEqual(await store.waitingOf(KEY), []);
      },
    );
  }

  check('a commit on a page that does not exist is refused', async ({ store }) => {
    for (const pageVersion of [0, FURNISHED]) {
      const commit = add(fresh(CUSTOMER, page('1999')), [{ event: said('a') }], { pageVersion });
      assert.deepEqual(await store.commit([commit]), ['stale_page']);
    }
    assert.equal(await store.load({ page: page('1999'), psid: CUSTOMER }), null);
  });

  check('a change of one page voids what was decided on it, and on no other', async ({ store }) => {
    assert.notEqual(await store.changeConfig(change(FURNISHED, { pages: [PAGE] })), null);
    const outcomes = await store.commit([
      add(fresh(CUSTOMER, PAGE), [{ event: said('a') }]),
      add(fresh(CUSTOMER, OTHER_PAGE), [{ event: said('b') }]),
    ]);
    assert.deepEqual(outcomes, ['stale_page', 'committed']);
  });

  check('a commit on a page that has been taken out is refused', async ({ store }) => {
    await store.changeConfig(change(FURNISHED, { remove: [{ kind: 'page', key: PAGE }] }));
    assert.deepEqual(await store.commit([add(fresh(), [{ event: said('a') }])]), ['stale_page']);
  });

  check('a decision holds until the millisecond before `validUntil`', async ({ store, clock }) => {
    const validUntil = clock.now() + 100;
    clock.advance(99);
    await write(store, add(fresh(), [{ event: said('a') }], { validUntil }));
  });

  check('a decision is too late at `validUntil` itself, and leaves nothing', async ({ store, clock }) => {
    const validUntil = clock.now() + 100;
    clock.advance(100);
    const commit = add(fresh(), [{ event: said('a'), told: [BOT] }], { validUntil });
    assert.deepEqual(await store.commit([commit]), ['too_late']);
    assert.equal(await store.load(KEY), null);
    assert.deepEqual(await store.waitingOf(KEY), []);
  });

  check('a decision without `validUntil` is never too late', async ({ store, clock }) => {
    clock.advance(1_000_000_000);
    await write(store, add(fresh(), [{ event: said('a') }]));
  });
}
