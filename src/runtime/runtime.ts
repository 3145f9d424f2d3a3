/** The runtime put together: what http and the sandbox drive. */

import type { Observer } from '../observe/observer.ts';
import type { Files } from '../store/attachments.ts';
import type { ConnectionRecord } from '../store/config.ts';
import type { ConfigChange, Store, Woken } from '../store/port.ts';
import { type Answers, createAnswers } from './answers.ts';
import { createSavedAttachments, type SavedAttachments } from './attachments.ts';
import type { Clock } from './clock.ts';
import { createCommitter } from './committer.ts';
import type { Configuration } from './configuration.ts';
import { planChange, type Wanted } from './plan.ts';
import type { DeliveryPort, Origin } from './ports.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { createThreads, lanesOf, type Threads } from './threads.ts';
import { createUpkeep, type Upkeep } from './upkeep.ts';

export type Runtime = AsyncDisposable & {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly store: Store;
  readonly configuration: Configuration;
  readonly threads: Threads;
  /** Calls that bear a key. */
  readonly answers: Answers;
  /** What apps have saved, to be sent again. */
  readonly attachments: SavedAttachments;
  readonly sweep: Sweep;
  readonly upkeep: Upkeep;
  /** Goes on with what a stop has interrupted. */
  resume(): Promise<void>;
  /** Makes the rows stand that `plan` wants on the configuration it is given, and what follows from them. */
  change(plan: (config: ReturnType<Configuration['current']>) => Wanted | Promise<Wanted>): Promise<void>;
};

export type RuntimeOptions = {
  readonly store: Store;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly delivery: Pick<DeliveryPort, 'wake' | 'reconfigure'>;
  /** Where uploaded files are kept. */
  readonly files: Files;
};

export function createRuntime(options: RuntimeOptions): Runtime {
  const { store, configuration, clock, observer, delivery } = options;
  const wake = (lanes: readonly Woken[], origin?: Origin): void => delivery.wake(lanes, origin);
  const committer = createCommitter(store, observer);
  const threads = createThreads({ store, committer, configuration, clock, observer, wake });
  const answers = createAnswers({ store, threads });
  const attachments = createSavedAttachments({ store, files: options.files, clock, observer });
  const upkeep = createUpkeep({ store, configuration, clock, attachments, observer });
  const sweep = createSweep({ store, threads, upkeep, clock, observer });

  function follow(change: ConfigChange, before: ReadonlyMap<string, number>): void {
    for (const { thread, events } of change.commits) wake(lanesOf(thread, events));
    delivery.reconfigure();
    for (const row of change.put) {
      if (row.kind !== 'connection') continue;
      const { page, app, number } = row.value;
      if (number !== (before.get(`${page}/${app}`) ?? 0)) void settleLosses(row.value);
    }
  }

  /** [C17] Writes the lines of leases that a loss has ended, and remembers up to which loss that has been done. */
  async function settleLosses({ page, app, number }: ConnectionRecord): Promise<void> {
    try {
      await sweep.disconnected(page, app);
      await store.saveSetting(sweptName(page, app), String(number));
    } catch (error) {
      observer.fault('sweep', error);
    }
  }

  return {
    clock,
    observer,
    store,
    configuration,
    threads,
    answers,
    attachments,
    sweep,
    upkeep,
    async change(plan) {
      let before: ReadonlyMap<string, number> = new Map();
      await configuration.change(
        async (config) => {
          before = new Map(config.connections.map(({ page, app, number }) => [`${page}/${app}`, number]));
          const { era } = configuration;
          return planChange(config, await plan(config), {
            now: clock.now(),
            load: (key) => store.load(key),
            era,
          });
        },
        (change) => follow(change, before),
      );
    },
    async resume() {
      for (const connection of configuration.current().connections) {
        const { page, app, number } = connection;
        const swept = Number((await store.setting(sweptName(page, app))) ?? 0);
        if (swept !== number) void settleLosses(connection);
      }
    },
    [Symbol.asyncDispose]: () => sweep[Symbol.asyncDispose](),
  };
}

const sweptName = (page: string, app: string): string => `swept/${page}/${app}`;
