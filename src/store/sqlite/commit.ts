/** What happens inside the transaction of a commit: judge, write the events and their notices; rows of threads follow. */

import type { Recorded } from '../../protocol/event.ts';
import { alarmAfter } from '../alarm.ts';
import { assertConsecutive } from '../judge.ts';
import type { Commit, CommitOutcome, ThreadKey } from '../port.ts';
import { toldApps } from '../told.ts';
import type { Events } from './events.ts';
import type { Heads } from './heads.ts';
import type { Outbox } from './outbox.ts';

/** The tables that a commit writes to. */
export type CommitTables = { readonly heads: Heads; readonly events: Events; readonly outbox: Outbox };

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
  const head = tables.heads.find(thread);
  const outcome = judge(commit, head.thread?.seq ?? 0);
  if (outcome !== 'committed') return outcome;
  const alarm = alarmAfter(head.alarm, commit);
  if (events.length > 0) {
    tables.heads.advance(head, thread, alarm);
    for (const recorded of events) writeEvent(tables, thread, recorded);
  } else if (head.alarm !== alarm) {
    tables.heads.setAlarm(head, alarm);
  }
  return outcome;
}

function writeEvent({ events, outbox }: CommitTables, { page, psid }: ThreadKey, recorded: Recorded): void {
  events.write({ page, psid }, recorded);
  for (const app of toldApps(recorded)) outbox.add({ app, page, psid }, recorded.seq);
}
