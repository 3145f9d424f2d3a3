/** The one place that may ask what time it is is handed down as a `Clock`; only `systemClock` reads the machine. */

import type { Instant } from '../protocol/time.ts';
import type { Store } from '../store/port.ts';

export type Clock = {
  /** Milliseconds since 1970; never runs backwards. */
  now(): Instant;
};

/** How fast time passes, against the machine's, while a clock that was set back is waited for. */
const CATCHING_UP = 0.5;

/** The machine's clock. Where that steps back, time goes on at half its speed until the machine has caught up. */
export function systemClock(): Clock & {
  /** How far it is ahead of the machine's, after that was set back. */
  errorMs(): number;
} {
  let latest = 0;
  let readAtMs = performance.now();
  return {
    now() {
      const elapsedMs = performance.now() - readAtMs;
      readAtMs += elapsedMs;
      latest = Math.max(latest + elapsedMs * CATCHING_UP, Date.now());
      return Math.floor(latest);
    },
    errorMs: () => Math.max(0, latest - Date.now()),
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

/** The name of the setting that keeps a sandbox's offset. */
const CLOCK_OFFSET = 'sandbox_clock_offset_ms';

/** What a sandbox's clock has been moved by, as the store knows it; 0 elsewhere. */
export const savedOffsetMs = async (store: Pick<Store, 'setting'>): Promise<number> =>
  Number((await store.setting(CLOCK_OFFSET)) ?? 0);

/** Moves a clock so that it stays moved after a restart. */
export async function advanceForGood(
  store: Pick<Store, 'saveSetting'>,
  clock: MovableClock,
  ms: number,
): Promise<void> {
  await store.saveSetting(CLOCK_OFFSET, String(clock.offsetMs() + ms));
  clock.advance(ms);
}

/** A clock that stands still until it is moved: for tests. */
export const simulatedClock = (startsAt: Instant): MovableClock => movableClock({ now: () => startsAt });
