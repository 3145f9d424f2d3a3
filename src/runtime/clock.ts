/** The one place that may ask what time it is is handed down as a `Clock`; only `systemClock` reads the machine. */

import type { Instant } from '../protocol/time.ts';

export type Clock = {
  /** Milliseconds since 1970; never runs backwards. */
  now(): Instant;
};

/** The machine's clock, held where it would step back. */
export function systemClock(): Clock {
  let latest = 0;
  return {
    now() {
      latest = Math.max(latest, Date.now());
      return latest;
    },
  };
}

/** A clock that can be moved forward: another clock plus an offset that only grows (DESIGN 5). */
export type MovableClock = Clock & {
  readonly offsetMs: () => number;
  /** @param ms zero or more */
  advance(ms: number): void;
};

export function movableClock(base: Clock, startOffsetMs = 0): MovableClock {
  let offset = startOffsetMs;
  return {
    now: () => base.now() + offset,
    offsetMs: () => offset,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a clock moves forward only, not by ${ms} ms`);
      offset += ms;
    },
  };
}

/** A clock that stands still until it is moved: for tests. */
export const simulatedClock = (startsAt: Instant): MovableClock => movableClock({ now: () => startsAt });
