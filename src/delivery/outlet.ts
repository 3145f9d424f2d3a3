/**
 * An outlet: one callback of one app, with the lanes that lead to it. Its breaker keeps a dead endpoint from being
 * tried by every lane: after `BREAKER_FAILURES` in a row, by whatever lanes, it opens; then one lane at a time probes,
 * by the timetable, until one gets through.
 */

import type { Instant } from '../protocol/time.ts';
import type { LaneState } from './lane.ts';
import { pauseAfter } from './timetable.ts';

/** Most requests in flight to one app. */
export const MAX_IN_FLIGHT = 64;
/** Failures in a row that open the breaker. */
export const BREAKER_FAILURES = 5;

export type Outlet = {
  /** `app/object` */
  readonly name: string;
  readonly lanes: Map<string, LaneState>;
  /** Lanes in state `ready`, in turn. */
  readonly ready: Set<LaneState>;
  /** Lanes in state `parked`, in turn. */
  readonly parked: Set<LaneState>;
  inFlight: number;
  /** The breaker: when the next probe may start; null while it is closed. */
  probeAt: Instant | null;
  /** Failures in a row, and since when without a success. */
  failures: number;
  failingSince: Instant | null;
  probes: number;
  isWarned: boolean;
  /** Since when requests get through: the first success, or the one that closed the breaker last. */
  healthySince: Instant | null;
  /** The last success. */
  succeededAt: Instant | null;
  /** Which callback its lanes led to when that was looked at last; undefined: not yet. */
  callback: string | undefined;
};

export const createOutlet = (name: string): Outlet => ({
  name,
  lanes: new Map(),
  ready: new Set(),
  parked: new Set(),
  inFlight: 0,
  probeAt: null,
  failures: 0,
  failingSince: null,
  probes: 0,
  isWarned: false,
  healthySince: null,
  succeededAt: null,
  callback: undefined,
});

/** An attempt got through: the breaker closes. */
export function noteSuccess(outlet: Outlet, now: Instant): void {
  if (outlet.probeAt !== null || outlet.healthySince === null) outlet.healthySince = now;
  outlet.succeededAt = now;
  forgetFailures(outlet);
}

/** It leads elsewhere now: what went wrong before says nothing of the new callback. */
export function forgetFailures(outlet: Outlet): void {
  outlet.failures = 0;
  outlet.failingSince = null;
  outlet.probeAt = null;
  outlet.probes = 0;
  outlet.isWarned = false;
}

/** An attempt failed: the breaker may open, or its next probe is put off. */
export function noteFailure(outlet: Outlet, now: Instant): void {
  outlet.failures += 1;
  outlet.failingSince ??= now;
  if (outlet.probeAt === null && outlet.failures < BREAKER_FAILURES) return;
  outlet.probes += 1;
  outlet.probeAt = now + pauseAfter(outlet.probes + 1);
}

/** How many further requests may start now. */
export function freePlaces(outlet: Outlet, now: Instant): number {
  if (outlet.probeAt === null) return MAX_IN_FLIGHT - outlet.inFlight;
  return outlet.inFlight === 0 && outlet.probeAt <= now ? 1 : 0;
}

/** The first of a set, taken out. */
export function takeFirst<Item>(items: Set<Item>): Item | undefined {
  for (const item of items) {
    items.delete(item);
    return item;
  }
  return undefined;
}
