/** Several commits in one transaction. */

import assert from 'node:assert/strict';
import { assertUnchanged, type Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  broken,
  CUSTOMER,
  everythingOf,
  fresh,
  mid,
  OTHER_CUSTOMER,
  OTHER_PAGE,
  PAGE,
  psid,
  said,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };

export function batchChecks({ check }: Checks): void {
  check('an empty batch is answered with nothing', async ({ store }) => {
    assert.deepEqual(await store.commit([]), []);
  });

  check(
    'each commit of a batch is answered in its place, and a refused one does not touch the others',
    async ({ store, clock }) => {
      const [a, b, c, d, e] = ['1', '2', '3', '4', '5'].map((digits) => fresh(psid(digits)));
      assert.ok(a && b && c && d && e);
      const outcomes = await store.commit([
        add(a, [{ event: said('a') }]),
        add({ ...b, seq: 3 }, [{ event: said('b') }]),
        add(c, [{ event: said('c') }], { pageVersion: 77 }),
        add(d, [{ event: said('d') }], { validUntil: clock.now() }),
        add(e, [{ event: said('e') }]),
      ]);
      assert.deepEqual(outcomes, ['committed', 'stale_thread', 'stale_page', 'too_late', 'committed']);
      const stored = await store.threads(PAGE, { after: null, limit: ALL });
      assert.deepEqual(
        stored.map((thread) => thread.psid),
        [a.psid, e.psid],
      );
    },
  );

  check('a batch that names one thread twice: the later commit sees the earlier', async ({ store }) => {
    const first = add(fresh(), [{ event: said('a'), told: [BOT] }]);
    const second = add(first.thread, [{ event: said('b'), told: [BOT] }]);
    assert.deepEqual(await store.commit([first, second]), ['committed', 'committed']);
    assert.deepEqual(await store.load(KEY), second.thread);
    assert.deepEqual(await store.events(KEY, { after: 0, limit: ALL }), [...first.events, ...second.events]);
    assert.equal((await store.waitingOf(KEY)).length, 2);
  });

  check(
    'a batch that names one thread twice: two decided on the same state are not both written',
    async ({ store }) => {
      const rivals = [add(fresh(), [{ event: said('a') }]), add(fresh(), [{ event: said('b') }])];
      assert.deepEqual(await store.commit(rivals), ['committed', 'stale_thread']);
      assert.deepEqual(await store.load(KEY), rivals[0]?.thread);
    },
  );

  check(
    'a batch that names one thread twice: what stands behind a stale commit is refused, though its number fits by chance',
    async ({ store }) => {
      const others = add(fresh(), [{ event: said('first') }]);
      await write(store, others);
      const stale = add(fresh(), [{ event: said('stale') }]);
      const dependent = add(stale.thread, [{ event: said('dependent') }]);
      assert.equal(dependent.expectedSeq, others.thread.seq);
      assert.deepEqual(await store.commit([stale, dependent]), ['stale_thread', 'stale_thread']);
      assert.deepEqual(await store.load(KEY), others.thread);
      assert.equal(await store.message(mid('dependent')), null);
    },
  );

  check(
    'a batch that names one thread twice: what was decided on a refused commit is refused',
    async ({ store }) => {
      const refused = add(fresh(), [{ event: said('a') }], { pageVersion: 77 });
      const dependent = add(refused.thread, [{ event: said('b') }]);
      assert.deepEqual(await store.commit([refused, dependent]), ['stale_page', 'stale_thread']);
      assert.equal(await store.load(KEY), null);
    },
  );

  check('the same customer number on two pages is two threads', async ({ store }) => {
    const here = add(fresh(CUSTOMER, PAGE), [{ event: said('a') }]);
    const there = add(fresh(CUSTOMER, OTHER_PAGE), [{ event: said('b') }, { event: said('c') }]);
    assert.deepEqual(await store.commit([here, there]), ['committed', 'committed']);
    assert.deepEqual(await store.load(KEY), here.thread);
    assert.deepEqual(await store.load({ page: OTHER_PAGE, psid: CUSTOMER }), there.thread);
  });

  check(
    'a failure in the middle of a batch leaves nothing of it, and the store goes on',
    async ({ store }) => {
      const before = add(fresh(), [{ event: said('a') }]);
      await write(store, before);
      const other = { page: PAGE, psid: OTHER_CUSTOMER };
      await assertUnchanged(
        async () => [await everythingOf(store, KEY), await everythingOf(store, other)],
        async () => {
          const grown = add(before.thread, [{ event: said('b'), told: [BOT] }]);
          const bug = broken(add(fresh(OTHER_CUSTOMER), [{ event: said('c'), told: [BOT] }]));
          await assert.rejects(store.commit([grown, bug]));
        },
      );
      assert.equal(await store.message(mid('b')), null);
      await write(store, add(before.thread, [{ event: said('b') }]));
    },
  );

  check('a batch of two hundred threads is written whole', async ({ store }) => {
    const commits = Array.from({ length: 200 }, (_, index) =>
      add(fresh(psid(String(7000 + index))), [{ event: said(`m${index}`), told: [BOT] }]),
    );
    const outcomes = await store.commit(commits);
    assert.deepEqual(new Set(outcomes), new Set(['committed']));
    assert.equal((await store.threads(PAGE, { after: null, limit: ALL })).length, 200);
    assert.equal((await store.waitingLanes({ after: null, limit: ALL })).length, 200);
  });
}
