/** What happens inside the transaction of a commit: judge, write the thread, its events and its notices. */

import type { Recorded } from '../../protocol/event.ts';
import { alarmAfter } from '../alarm.ts';
import { assertConsecutive } from '../judge.ts';
import type { Commit, CommitOutcome, ThreadKey } from '../port.ts';
import { toldApps } from '../told.ts';
import type { Events } from './events.ts';
import type { Outbox } from './outbox.ts';
import type { Threads } from './threads.ts';

/** The tables that a commit writes to. */
export type CommitTables = { readonly threads: Threads; readonly events: Events; readonly outbox: Outbox };

/**
 * Writes one commit if it may be. Must run inside a transaction that is undone when this throws.
 * @param judge decides on a commit that finds its thread at `seq`
 */
export function writeCommit(
  tables: CommitTables,
  commit: Commit,
  judge: (commit: Commit, seq: number) => CommitOutcome,
): CommitOutcome {
  assertConsecutive(commit);
  const { thread, events } = commit;
  const before = tables.threads.head(thread);
  const outcome = judge(commit, before?.seq ?? 0);
  if (outcome !== 'committed') return outcome;
  const alarm = alarmAfter(before?.alarm ?? null, commit);
  if (events.length > 0) {
    tables.threads.write(thread, alarm, before);
    for (const recorded of events) writeEvent(tables, thread, recorded);
  } else if (before !== null && before.alarm !== alarm) {
    tables.threads.setAlarm(thread, alarm);
  }
  return outcome;
}

function writeEvent({ events, outbox }: CommitTables, { page, psid }: ThreadKey, recorded: Recorded): void {
  events.write({ page, psid }, recorded);
  for (const app of toldApps(recorded)) outbox.add({ app, page, psid }, recorded.seq);
}
