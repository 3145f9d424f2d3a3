/**
 * The claims on a store that one process has to itself. They live with the process: at its start nobody has any, so
 * those of a dead process are void.
 */

import type { Instant } from '../protocol/time.ts';
import { BUCKETS, bucketOf, type Claim, type Share, UNCLAIMED } from './buckets.ts';
import type { ThreadKey } from './port.ts';

export type Claims = {
  /** See `claim` of the port. */
  claim(node: string, forMs: number): Share;
  /** See `release` of the port. */
  release(node: string, buckets: readonly number[] | null): void;
  /** Whether a fence is still that of the thread's bucket. */
  isCurrent(key: ThreadKey, fence: number): boolean;
};

/** @param now the clock by which claims end */
export function createClaims(now: () => Instant): Claims {
  const buckets = Array.from({ length: BUCKETS }, () => ({
    holder: null as string | null,
    fence: UNCLAIMED,
  }));
  const liveUntil = new Map<string, Instant>();

  const heldBy = (node: string): readonly Claim[] =>
    buckets.flatMap(({ holder, fence }, bucket) => (holder === node ? [{ bucket, fence }] : []));

  return {
    claim(node, forMs) {
      const instant = now();
      liveUntil.set(node, instant + forMs);
      for (const [each, until] of liveUntil) if (until <= instant) liveUntil.delete(each);
      const fairShare = Math.ceil(BUCKETS / liveUntil.size);
      let room = fairShare - heldBy(node).length;
      for (const bucket of buckets) {
        if (room <= 0) break;
        if (bucket.holder !== null && liveUntil.has(bucket.holder)) continue;
        bucket.holder = node;
        bucket.fence += 1;
        room -= 1;
      }
      return { claims: heldBy(node), fairShare };
    },
    release(node, given) {
      for (const [index, bucket] of buckets.entries()) {
        if (bucket.holder === node && given?.includes(index) !== false) bucket.holder = null;
      }
      if (given === null) liveUntil.delete(node);
    },
    isCurrent: (key, fence) => buckets[bucketOf(key)]?.fence === fence,
  };
}
