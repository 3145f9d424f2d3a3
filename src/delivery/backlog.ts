/**
 * How much may wait for an app. A callback that fails is switched off after an hour (health.ts); one that never proves
 * itself, or takes less than comes, would be waited for without end. So when too much waits and it grows, the app's
 * webhooks are switched off in the same way (W8): what waits stays, and what comes is marked as missed. While it
 * shrinks nothing is done: an app that is switched on again, or whose server begins anew, works its backlog off.
 */

import type { Observer } from '../observe/observer.ts';
import type { AppId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory } from '../runtime/directory.ts';
import { MAX_WAITING_NOTICES, type Store } from '../store/port.ts';

/** How often it is looked at, in machine time. */
const LOOK_EVERY_MS = 1_000;

export type Backlog = {
  /** Looks when it is time to. */
  look(): void;
  /** Answers when no look is under way. */
  settled(): Promise<void>;
};

export type BacklogOptions = {
  readonly store: Pick<Store, 'countWaiting'>;
  readonly directory: Pick<Directory, 'webhooks' | 'update'>;
  readonly clock: Clock;
  readonly machine: Clock;
  readonly observer: Observer;
};

export function createBacklog({ store, directory, clock, machine, observer }: BacklogOptions): Backlog {
  /** What waited at the last look, of apps that were on then. */
  let before: ReadonlyMap<AppId, number> = new Map();
  let lookAt = 0;
  let looking: Promise<void> | null = null;

  async function switchOff(app: AppId, waiting: number): Promise<void> {
    for (const webhook of directory.webhooks()) {
      if (webhook.app !== app || webhook.switchedOffAt !== null) continue;
      observer.warning('webhooks switched off', { app, object: webhook.object, waiting });
      await directory.update(webhook, { switchedOffAt: clock.now() });
    }
  }

  async function lookAtAll(): Promise<void> {
    const on = directory.webhooks().filter(({ switchedOffAt }) => switchedOffAt === null);
    const last = before;
    const counts = new Map<AppId, number>();
    before = counts;
    for (const app of new Set(on.map((webhook) => webhook.app))) {
      const waiting = await store.countWaiting(app);
      counts.set(app, waiting);
      const isGrowing = waiting > (last.get(app) ?? waiting);
      if (waiting > MAX_WAITING_NOTICES && isGrowing) await switchOff(app, waiting);
    }
  }

  return {
    look() {
      const now = machine.now();
      if (looking !== null || now < lookAt) return;
      lookAt = now + LOOK_EVERY_MS;
      looking = lookAtAll()
        .catch((error: unknown) => observer.fault('delivery', error))
        .finally(() => {
          looking = null;
        });
    },
    async settled() {
      await looking;
    },
  };
}
