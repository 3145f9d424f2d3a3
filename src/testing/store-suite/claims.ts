/** Which node delivers which buckets, and what a node that has lost them cannot do any more. */

import assert from 'node:assert/strict';
import { BUCKETS, bucketOf, type Share } from '../../store/buckets.ts';
import type { Lane, Store } from '../../store/port.ts';
import type { Checks } from './subject.ts';
import { ALL, add, BOT, CUSTOMER, fresh, PAGE, psid, START, said, waitingSeqs, write } from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const BOTS: Lane = { app: BOT, ...KEY };
const TERM_MS = 1_000;

const fencesOf = ({ claims }: Share): ReadonlyMap<number, number> =>
  new Map(claims.map(({ bucket, fence }) => [bucket, fence]));

const bucketsOf = (share: Share): readonly number[] => [...fencesOf(share).keys()];

async function fenceFor(store: Store, node: string): Promise<number> {
  const fence = fencesOf(await store.claim(node, TERM_MS)).get(bucketOf(KEY));
  assert.ok(fence !== undefined);
  return fence;
}

export function claimChecks({ check, onEmpty }: Checks): void {
  onEmpty(
    'the only node has every bucket, and keeps its fences while it renews',
    async ({ store, clock }) => {
      const first = await store.claim('a', TERM_MS);
      assert.deepEqual(
        bucketsOf(first),
        Array.from({ length: BUCKETS }, (_, index) => index),
      );
      assert.equal(first.fairShare, BUCKETS);
      clock.advance(TERM_MS - 1);
      assert.deepEqual(await store.claim('a', TERM_MS), first);
      clock.advance(TERM_MS * 10);
      assert.deepEqual(await store.claim('a', TERM_MS), first, 'nobody else has come meanwhile');
    },
  );

  onEmpty('a node that comes later waits until it is given something', async ({ store }) => {
    const all = await store.claim('a', TERM_MS);
    const none = await store.claim('b', TERM_MS);
    assert.deepEqual(none, { claims: [], fairShare: BUCKETS / 2 });
    const fewer = await store.claim('a', TERM_MS);
    assert.deepEqual(fewer, { claims: all.claims, fairShare: BUCKETS / 2 });
    const given = [0, 7, 200];
    await store.release('a', given);
    assert.deepEqual(bucketsOf(await store.claim('b', TERM_MS)), given);
    assert.equal((await store.claim('a', TERM_MS)).claims.length, BUCKETS - given.length);
  });

  onEmpty('nobody gives away what is not theirs', async ({ store }) => {
    const all = await store.claim('a', TERM_MS);
    await store.release('b', [1, 2, 3]);
    await store.release('b', null);
    assert.deepEqual(await store.claim('a', TERM_MS), all);
  });

  onEmpty('the buckets of a node that has gone are free at once, with another fence', async ({ store }) => {
    const before = fencesOf(await store.claim('a', TERM_MS));
    await store.release('a', null);
    const after = fencesOf(await store.claim('b', TERM_MS));
    assert.equal(after.size, BUCKETS);
    for (const [bucket, fence] of after) assert.ok(fence > (before.get(bucket) ?? fence));
  });

  onEmpty(
    'claims that are not renewed end at their instant, and others take them',
    async ({ store, clock }) => {
      await store.claim('a', TERM_MS);
      clock.advance(TERM_MS - 1);
      assert.equal((await store.claim('b', TERM_MS)).claims.length, 0);
      clock.advance(1);
      assert.equal((await store.claim('b', TERM_MS)).claims.length, BUCKETS);
      const late = await store.claim('a', TERM_MS);
      assert.deepEqual(late, { claims: [], fairShare: BUCKETS / 2 });
    },
  );

  check(
    'what is settled under a fence that is over waits on; the attempt is written down',
    async ({ store, clock }) => {
      await write(store, add(fresh(), [{ event: said('a'), told: [BOT] }]));
      const old = await fenceFor(store, 'a');
      clock.advance(TERM_MS);
      const fence = await fenceFor(store, 'b');
      const attempt = { ...BOTS, seq: 1, at: START, status: 200, error: null, durationMs: 1 };
      await store.settle([{ ...BOTS, seq: 1, fence: old }], [attempt]);
      assert.deepEqual(await waitingSeqs(store, BOTS), [1]);
      assert.deepEqual(await store.attempts({ app: BOT, limit: ALL }), [attempt]);
      await store.settle([{ ...BOTS, seq: 1, fence }], []);
      assert.deepEqual(await waitingSeqs(store, BOTS), []);
    },
  );

  check(
    'what is set aside under a fence that is over waits on, and is not remembered',
    async ({ store, clock }) => {
      await write(store, add(fresh(), [{ event: said('a'), told: [BOT] }]));
      const old = await fenceFor(store, 'a');
      clock.advance(TERM_MS);
      const fence = await fenceFor(store, 'b');
      const aside = { ...BOTS, seq: 1, at: START, reason: 'field' };
      await store.setAside([{ ...aside, fence: old }]);
      assert.deepEqual(await waitingSeqs(store, BOTS), [1]);
      assert.deepEqual(await store.asides({ app: BOT, limit: ALL }), []);
      await store.setAside([{ ...aside, fence }]);
      assert.deepEqual(await waitingSeqs(store, BOTS), []);
      assert.deepEqual(await store.asides({ app: BOT, limit: ALL }), [aside]);
    },
  );

  onEmpty('threads are spread over all buckets, and each is always in the same one', async () => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let index = 0; index < 25_600; index++) {
      const key = { page: PAGE, psid: psid(String(5_000 + index)) };
      const bucket = bucketOf(key);
      assert.equal(bucketOf({ ...key }), bucket);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    assert.equal(counts.length, BUCKETS);
    assert.ok(
      Math.min(...counts) >= 50 && Math.max(...counts) <= 200,
      `${Math.min(...counts)} to ${Math.max(...counts)}`,
    );
  });
}
