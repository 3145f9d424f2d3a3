/**
 * The sweep: writes down what has become due by itself. Nothing waits for it to be true (I3); it only brings the
 * history up to date, a small group at a time, so that it disturbs nobody (I4).
 */

import type { Observer } from '../observe/observer.ts';
import { dueFacts } from '../protocol/expire.ts';
import type { AppId, PageId, Psid } from '../protocol/ids.ts';
import type { Store, ThreadKey } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Threads } from './threads.ts';
import type { Upkeep } from './upkeep.ts';

/** How often it looks, in machine time. */
export const SWEEP_INTERVAL_MS = 1_000;
/** Most threads that it settles at once. */
export const SWEEP_GROUP = 64;
/** The same when the first in the row do not move. */
export const MAX_SWEEP_GROUP = 4_096;

export type Sweep = AsyncDisposable & {
  start(): void;
  /** Settles everything that is due by now, in the order of its instants. */
  run(): Promise<void>;
  /** [C17] Settles the threads of an app that has been disconnected from a page. */
  disconnected(page: PageId, app: AppId): Promise<void>;
};

export type SweepOptions = {
  readonly store: Store;
  readonly threads: Threads;
  /** Goes on a step each time the sweep looks. */
  readonly upkeep: Pick<Upkeep, 'step'>;
  readonly clock: Clock;
  readonly observer: Observer;
};

export function createSweep({ store, threads, upkeep, clock, observer }: SweepOptions): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  async function tick(key: ThreadKey): Promise<void> {
    try {
      await threads.handle(key, { type: 'tick' });
    } catch (error) {
      observer.fault('sweep', error);
    }
  }

  async function settleDue(): Promise<void> {
    let limit = SWEEP_GROUP;
    let last = '';
    while (!closed && limit <= MAX_SWEEP_GROUP) {
      const keys = await store.due(clock.now(), limit);
      const these = keys.map(({ page, psid }) => `${page}/${psid}`).join();
      if (keys.length === 0) return;
      // What will not move must not hold up what stands behind it.
      limit = these === last ? limit * 2 : SWEEP_GROUP;
      if (these === last && keys.length < limit / 2) return;
      last = these;
      await Promise.all(keys.map(tick));
    }
  }

  async function settleIfDue(key: ThreadKey): Promise<void> {
    const found = await threads.read(key);
    if (found === null || dueFacts(found.page, found.thread, clock.now()).length === 0) return;
    await tick(key);
  }

  async function settleOf(page: PageId, app: AppId): Promise<void> {
    let after: Psid | null = null;
    while (!closed) {
      const keys: readonly ThreadKey[] = await store.ownedBy(page, app, { after, limit: SWEEP_GROUP });
      await Promise.all(keys.map(settleIfDue));
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
    await settleDue();
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
    run: () => inTurn(settleDue),
    disconnected: (page, app) => inTurn(() => settleOf(page, app)),
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
