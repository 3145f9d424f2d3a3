/**
 * Buckets: equal shares of all threads, by which the delivery of webhooks is divided among nodes. A node claims buckets
 * for a while and renews its claims as long as it lives. Each bucket has a fence, a number that grows whenever another
 * node takes it, or the same one takes it again after having given it back. What a node settles bears the fence under
 * which it was begun; where that is no longer the bucket's, another node has the lane, and the settlement is void: the
 * notice waits on. So a node that was frozen past its claims does no harm but a second delivery.
 */

import type { ThreadKey } from './port.ts';

/** How many buckets there are: for good, since stored rows may bear theirs. */
export const BUCKETS = 256;

/** The fence of a bucket that nobody has claimed yet. */
export const UNCLAIMED = 0;

export type Claim = { readonly bucket: number; readonly fence: number };

/** What a node has, and how many it may have, now that so many nodes are alive. */
export type Share = { readonly claims: readonly Claim[]; readonly fairShare: number };

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The bucket of a thread, 0 to 255: FNV-1a of `page/psid`, folded to eight bits. Part of what is stored. */
export function bucketOf({ page, psid }: ThreadKey): number {
  const hash = mix(mix(mix(FNV_OFFSET, page), '/'), psid);
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & (BUCKETS - 1);
}

/** Ids are digits: each letter is a code unit. */
function mix(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}
