import type { Instant } from '../protocol/time.ts';
import type { Commit, CommitOutcome } from './port.ts';

/** What a commit finds in the store, its predecessors of the same transaction included. */
export type Found = {
  /** 0: the thread has no events. */
  readonly seq: number;
  /** Null: there is no such page. */
  readonly pageVersion: number | null;
  /** Whether an answer is kept under the commit's key. */
  readonly isAnswered: boolean;
  readonly now: Instant;
};

/** What becomes of a commit. Of several reasons against it the first counts, in the order of `CommitOutcome`. */
function judge(commit: Commit, found: Found): CommitOutcome {
  if (found.isAnswered) return 'repeated';
  if (commit.expectedSeq !== found.seq) return 'stale_thread';
  if (commit.pageVersion !== found.pageVersion) return 'stale_page';
  if (commit.validUntil !== null && found.now >= commit.validUntil) return 'too_late';
  return 'committed';
}

/**
 * Judges the commits of one batch in order. What stands behind a refused commit of its own thread was decided on what
 * has not come to be, and is refused with it, whatever the numbers say.
 */
export function createJudge(): (commit: Commit, found: Found) => CommitOutcome {
  const refused = new Set<string>();
  return (commit, found) => {
    // Names are made only where something was refused, which is rare.
    const outcome = refused.size > 0 && refused.has(nameOf(commit)) ? 'stale_thread' : judge(commit, found);
    if (outcome !== 'committed') refused.add(nameOf(commit));
    return outcome;
  };
}

const nameOf = ({ thread }: Commit): string => `${thread.page}/${thread.psid}`;

/** Throws when the numbers of a commit do not fit each other: a bug of the caller that would corrupt the thread. */
export function assertConsecutive({ thread, expectedSeq, events }: Commit): void {
  const consecutive = events.every(({ seq }, index) => seq === expectedSeq + index + 1);
  if (!consecutive || thread.seq !== expectedSeq + events.length) {
    const seqs = events.map(({ seq }) => seq).join(', ');
    throw new Error(`events [${seqs}] cannot lead a thread from event ${expectedSeq} to ${thread.seq}`);
  }
}
