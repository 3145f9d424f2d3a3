/**
 * The sweep: writes down what has become due by itself. Nothing waits for it to be true (I3); it only brings the
 * history up to date, a small group at a time, so that it disturbs nobody (I4).
 */

import type { Observer } from '../observe/observer.ts';
import { dueFact } from '../protocol/expire.ts';
import type { AppId, PageId, Psid } from '../protocol/ids.ts';
import type { Instant } from '../protocol/time.ts';
import type { Store, ThreadKey } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Threads } from './threads.ts';
import type { Upkeep } from './upkeep.ts';

/** How often it looks, in machine time. */
export const SWEEP_INTERVAL_MS = 1_000;
/** Most threads that it settles at once: half a millisecond of work, for which everybody else waits. */
export const SWEEP_GROUP = 8;
/** The pause after each group while nobody waits for the sweep, in machine time. */
const PAUSE_MS = 1;
/**
 * The same while others work, and for how long after one of them they count as working. With short pauses the sweep
 * writes so much that flushes of the disk take longer, which everybody waits for.
 */
const BUSY_PAUSE_MS = 5;
const BUSY_FOR_MS = 100;
/** Most threads that it looks through for one that can be settled, when those before it cannot. */
export const MAX_SWEEP_GROUP = 4_096;

export type Sweep = AsyncDisposable & {
  start(): void;
  /** Settles everything that is due by now, in the order of its instants. */
  run(): Promise<void>;
  /** Up to which instant all that was due has been written down. */
  settledUntil(): Instant;
  /** [C17] Settles the threads of an app that has been disconnected from a page. */
  disconnected(page: PageId, app: AppId): Promise<void>;
};

export type SweepOptions = {
  readonly store: Store;
  readonly threads: Pick<Threads, 'handle' | 'read' | 'calls'>;
  /** Goes on a step each time the sweep looks. */
  readonly upkeep: Pick<Upkeep, 'step'>;
  readonly clock: Clock;
  readonly observer: Observer;
};

export function createSweep({ store, threads, upkeep, clock, observer }: SweepOptions): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let settledUntil = clock.now();

  let seenCalls = 0;
  let busyUntilMs = 0;

  /** The others go first. */
  function others(): Promise<void> {
    const calls = threads.calls();
    if (calls !== seenCalls) busyUntilMs = performance.now() + BUSY_FOR_MS;
    seenCalls = calls;
    const pauseMs = performance.now() < busyUntilMs ? BUSY_PAUSE_MS : PAUSE_MS;
    return new Promise((resolve) => setTimeout(resolve, pauseMs));
  }

  async function tick(key: ThreadKey): Promise<void> {
    try {
      await threads.handle(key, { type: 'tick' });
    } catch (error) {
      observer.fault('sweep', error);
    }
  }

  /** @param pause between two groups */
  async function settleDue(pause: () => Promise<unknown>): Promise<void> {
    let limit = SWEEP_GROUP;
    /** Those of the latest look that have been tried: what will not move must not hold up what stands behind it. */
    let tried = new Set<string>();
    while (!closed) {
      const now = clock.now();
      const keys = await store.due(now, limit);
      if (keys.length === 0) settledUntil = now;
      const group = keys.filter((key) => !tried.has(nameOf(key))).slice(0, SWEEP_GROUP);
      if (group.length > 0) {
        await Promise.all(group.map(tick));
        const stuck = keys.map(nameOf).filter((name) => tried.has(name));
        tried = new Set([...stuck, ...group.map(nameOf)]);
        await pause();
      } else {
        if (keys.length < limit || limit === MAX_SWEEP_GROUP) return;
        limit = Math.min(limit * 2, MAX_SWEEP_GROUP);
      }
    }
  }

  async function settleIfDue(key: ThreadKey): Promise<void> {
    const found = await threads.read(key);
    if (found === null || dueFact(found.page, found.thread, clock.now()) === null) return;
    await tick(key);
  }

  async function settleOf(page: PageId, app: AppId): Promise<void> {
    let after: Psid | null = null;
    while (!closed) {
      const keys: readonly ThreadKey[] = await store.ownedBy(page, app, { after, limit: SWEEP_GROUP });
      await Promise.all(keys.map(settleIfDue));
      await others();
      after = keys.at(-1)?.psid ?? null;
      if (after === null) return;
    }
  }

  /** One run at a time; each caller waits for a whole run of its own. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = running.then(work);
    running = turn.catch(() => undefined);
    return turn;
  }

  async function look(): Promise<void> {
    await settleDue(others);
    await upkeep.step().catch((error: unknown) => observer.fault('upkeep', error));
  }

  function schedule(): void {
    timer = setTimeout(
      () =>
        void inTurn(look)
          .catch(() => undefined)
          .then(again),
      SWEEP_INTERVAL_MS,
    );
    timer.unref();
  }
  const again = (): void => {
    if (!closed) schedule();
  };

  return {
    start: schedule,
    run: () => inTurn(() => settleDue(async () => undefined)),
    settledUntil: () => settledUntil,
    disconnected: (page, app) => inTurn(() => settleOf(page, app)),
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

const nameOf = ({ page, psid }: ThreadKey): string => `${page}/${psid}`;
