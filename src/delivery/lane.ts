/**
 * A lane: what one app must be told of one thread, strictly in order, one request in flight.
 *
 * ```
 *            wake                 its turn
 *   (absent) ────▶ ready ────────────────────▶ sending
 *                    ▲                          │ │ │
 *                    │      more is waiting     │ │ └── nothing left ──▶ (absent)
 *                    ├──────────────────────────┘ │
 *                    │                            │ an attempt failed
 *                    └──── the pause is over ── resting
 * ```
 *
 * A lane whose turn comes while its app has no verified callback is `parked` until the configuration changes; nothing
 * is dropped.
 */

import type { AppId } from '../protocol/ids.ts';
import type { Instant } from '../protocol/time.ts';
import type { Lane } from '../store/port.ts';

export type LaneState = {
  readonly lane: Lane;
  state: 'ready' | 'sending' | 'resting' | 'parked';
  /** Something was put in the outbox since the lane last looked. */
  woken: boolean;
  /** How often in a row the notice at the head has failed. */
  failures: number;
  /** While resting: when the pause is over. */
  retryAt: Instant;
};

/** The lanes of one app, in turn. */
export type AppLanes = {
  readonly app: AppId;
  readonly lanes: Map<string, LaneState>;
  /** Lanes in state `ready`, first come first served. */
  ready: LaneState[];
  inFlight: number;
};

export const laneName = ({ app, page, psid }: Lane): string => `${app}/${page}/${psid}`;
