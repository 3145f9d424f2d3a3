import type { Instant } from '../protocol/time.ts';
import type { Commit, CommitOutcome } from './port.ts';

/** What a commit finds in the store, its predecessors of the same transaction included. */
export type Found = {
  /** 0: the thread has no events. */
  readonly seq: number;
  /** Null: there is no such page. */
  readonly pageVersion: number | null;
  readonly now: Instant;
};

/** What becomes of a commit. Of several reasons against it the first counts, in the order of `CommitOutcome`. */
export function judge(commit: Commit, found: Found): CommitOutcome {
  if (commit.expectedSeq !== found.seq) return 'stale_thread';
  if (commit.pageVersion !== found.pageVersion) return 'stale_page';
  if (commit.validUntil !== null && found.now >= commit.validUntil) return 'too_late';
  return 'committed';
}

/** Throws when the numbers of a commit do not fit each other: a bug of the caller that would corrupt the thread. */
export function assertConsecutive({ thread, expectedSeq, events }: Commit): void {
  const consecutive = events.every(({ seq }, index) => seq === expectedSeq + index + 1);
  if (!consecutive || thread.seq !== expectedSeq + events.length) {
    const seqs = events.map(({ seq }) => seq).join(', ');
    throw new Error(`events [${seqs}] cannot lead a thread from event ${expectedSeq} to ${thread.seq}`);
  }
}
