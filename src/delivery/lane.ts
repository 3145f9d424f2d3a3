/**
 * A lane: what one app must be told of one thread, strictly in order, one request in flight.
 *
 * ```
 *            wake                 its turn
 *   (absent) ────▶ ready ────────────────────▶ sending
 *                  ▲  ▲                         │ │ │
 *                  │  │     more is waiting     │ │ └── nothing left ──▶ (absent)
 *                  │  └─────────────────────────┘ │
 *                  │                              │ an attempt failed
 *                  └────── the pause is over ─── resting
 * ```
 *
 * A ready lane whose outlet is shut (no verified callback, an open breaker, switched off) is `parked` until it opens;
 * nothing is dropped.
 */

import type { Recorded } from '../protocol/event.ts';
import type { Instant } from '../protocol/time.ts';
import type { Origin } from '../runtime/ports.ts';
import { bucketOf, UNCLAIMED } from '../store/buckets.ts';
import type { Lane } from '../store/port.ts';
import { pauseAfter } from './timetable.ts';

/** An event, and where it comes from; null: not known any more. */
export type AtHand = { readonly recorded: Recorded; readonly origin: Origin | null };

export type LaneState = {
  readonly lane: Lane;
  /** `app/page/psid` */
  readonly name: string;
  /** The bucket of its thread, and the fence under which its turn was begun. */
  readonly bucket: number;
  fence: number;
  state: 'ready' | 'sending' | 'resting' | 'parked';
  /** The latest event that is known to wait; infinite for a lane found at the start. */
  latestSeq: number;
  /** How often it has been said that something waits. */
  wakes: number;
  /** The latest event that the app has been told of, or that was set aside. */
  doneSeq: number;
  /** What waits behind `doneSeq`, all of it, while it is at hand; null: it must be read from the outbox. */
  buffer: AtHand[] | null;
  /** Of the notice that failed last, while it is at the head: where it comes from. */
  failed: { readonly seq: number; readonly origin: Origin | null } | null;
  /** How often in a row the notice at the head has failed, and since when. */
  failures: number;
  failingSince: Instant | null;
  /** When it failed last. */
  failedAt: Instant | null;
  /** While resting: when the pause is over. */
  retryAt: Instant;
};

export const laneName = ({ app, page, psid }: Lane): string => `${app}/${page}/${psid}`;

/** Most events that a lane keeps at hand. */
export const MAX_BUFFER = 16;

export const createLane = (lane: Lane, latestSeq: number): LaneState => ({
  lane,
  name: laneName(lane),
  bucket: bucketOf(lane),
  fence: UNCLAIMED,
  state: 'parked',
  latestSeq,
  wakes: 0,
  doneSeq: 0,
  buffer: null,
  failed: null,
  failures: 0,
  failingSince: null,
  failedAt: null,
  retryAt: 0,
});

/** The notice at the head got through, or is no more. */
export function forgetLaneFailures(lane: LaneState): void {
  lane.failures = 0;
  lane.failingSince = null;
}

/** The notice at the head failed. Whether it is tried again at once; else the lane rests until `retryAt`. */
export function noteLaneFailure(lane: LaneState, now: Instant): boolean {
  lane.failures += 1;
  lane.failingSince ??= now;
  lane.failedAt = now;
  const pauseMs = pauseAfter(lane.failures);
  lane.retryAt = now + pauseMs;
  lane.buffer = null;
  return pauseMs === 0;
}
