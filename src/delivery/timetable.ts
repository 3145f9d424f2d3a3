/** When a failed notice is tried again (WIRE 2.3). */

import { SECOND_MS } from '../protocol/time.ts';

/** The pauses after the first, second … failure, in milliseconds; the last one is repeated. */
export type Timetable = readonly number[];

export const RETRY_PAUSES_MS: Timetable = [0, 5, 30, 120, 300, 600].map((seconds) => seconds * SECOND_MS);

/** @param failures how often it has failed, 1 or more */
export const pauseAfter = (failures: number, timetable: Timetable = RETRY_PAUSES_MS): number =>
  timetable[Math.min(failures, timetable.length) - 1] ?? 0;
