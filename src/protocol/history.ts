/** [C14] The history of a thread: its changes of control, in order. */

import type { ControlChanged, Recorded } from './event.ts';
import type { Instant } from './time.ts';

export type HistoryLine = { readonly seq: number; readonly at: Instant } & Omit<ControlChanged, 'type'>;

/** The lines of the history among these events. */
export function historyOf(events: readonly Recorded[]): readonly HistoryLine[] {
  return events.flatMap(({ seq, at, event }) => {
    if (event.type !== 'control_changed') return [];
    const { type: _, ...line } = event;
    return [{ seq, at, ...line }];
  });
}
