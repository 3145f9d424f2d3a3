import type { ThreadKey } from './port.ts';

/** How many buckets the threads are spread over. Never changes: it is part of what is stored. */
export const BUCKETS = 256;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The bucket of a thread, 0 to 255: FNV-1a of `page/psid`, folded to eight bits. */
export function bucketOf({ page, psid }: ThreadKey): number {
  let hash = FNV_OFFSET;
  for (const letter of `${page}/${psid}`) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), FNV_PRIME);
  }
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & (BUCKETS - 1);
}
