import { wakeAt } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import type { Commit } from './port.ts';

/**
 * A thread's alarm after a commit. It is lazy: an alarm that comes too early costs the sweep a look, while moving it
 * at every message would cost each of them the rewriting of an index. One that has gone off, at or before the last
 * event, is set anew.
 * @param before the alarm that stands, or null when there is none
 */
export function alarmAfter(before: Instant | null, { thread, events }: Commit): Instant | null {
  const wanted = wakeAt(thread);
  const hasGoneOff = before !== null && before <= thread.lastEventAt;
  if (events.length === 0 || before === null || hasGoneOff) return wanted;
  return wanted === null ? before : Math.min(before, wanted);
}
