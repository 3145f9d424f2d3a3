/** A transaction in memory: commits are judged and laid ready first, and written only when all of them have been. */

import type { Instant } from '../../protocol/time.ts';
import { alarmAfter } from '../alarm.ts';
import { assertConsecutive } from '../judge.ts';
import type { Commit, CommitOutcome } from '../port.ts';
import type { Threads, Written } from './threads.ts';

/** What is to be written, and the answer to each commit. */
export type Stage = { readonly outcomes: readonly CommitOutcome[]; readonly written: readonly Written[] };

/**
 * Lays commits ready.
 * @param judge decides on a commit that finds its thread at `seq`
 */
export function stage(
  threads: Threads,
  commits: readonly Commit[],
  judge: (commit: Commit, seq: number) => CommitOutcome,
): Stage {
  const latest = new Map<string, { readonly seq: number; readonly alarm: Instant | null }>();
  const written: Written[] = [];
  const outcomes = commits.map((commit) => {
    assertConsecutive(commit);
    const { thread, events } = commit;
    const name = `${thread.page}/${thread.psid}`;
    const stored = threads.find(thread);
    const found = latest.get(name) ?? { seq: stored?.thread.seq ?? 0, alarm: stored?.alarm ?? null };
    const outcome = judge(commit, found.seq);
    if (outcome === 'committed' && thread.seq > 0) {
      const alarm = alarmAfter(found.alarm, commit);
      latest.set(name, { seq: thread.seq, alarm });
      written.push({ thread, alarm, events });
    }
    return outcome;
  });
  return { outcomes, written };
}
