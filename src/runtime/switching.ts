/** [R9] Switching a page from one mode to the other while it runs, and the report that comes before. */

import type { AppId, PageId, Psid } from '../protocol/ids.ts';
import type { Mode } from '../protocol/modes.ts';
import type { CallName } from '../protocol/permissions.ts';
import { nameOf } from '../protocol/scene.ts';
import { type ThreadChanged, threadChanged } from '../protocol/switching.ts';
import type { Thread } from '../protocol/thread.ts';
import type { Runtime } from './runtime.ts';

/** Most threads that a report shows one by one; all are counted. */
export const MAX_THREADS_SHOWN = 20;
const READ_GROUP = 500;

export type SwitchReport = {
  readonly page: PageId;
  readonly from: Mode;
  readonly to: Mode;
  /** All threads of the page, and how many of them would be treated otherwise. */
  readonly threads: { readonly all: number; readonly changed: number };
  /** How many open requests would be dropped (R12). */
  readonly dropped: number;
  /** How many threads would have another app answer first. */
  readonly leads: number;
  /** For each app the calls that it would lose and gain, and on how many threads. */
  readonly apps: readonly AppReport[];
  /** The first of the threads that would be treated otherwise. */
  readonly shown: readonly (ThreadChanged & { readonly psid: Psid })[];
};

export type AppReport = {
  readonly app: AppId;
  readonly name: string;
  readonly loses: readonly CallOnThreads[];
  readonly gains: readonly CallOnThreads[];
};
export type CallOnThreads = { readonly call: CallName; readonly threads: number };

/** What a switch would change, as of now; null when there is no such page. Changes nothing. */
export async function reportSwitch(
  { configuration, clock, store }: Pick<Runtime, 'configuration' | 'clock' | 'store'>,
  id: PageId,
  to: Mode,
): Promise<SwitchReport | null> {
  const page = configuration.page(id);
  if (page === null) return null;
  const tally = createTally();
  for (let after: Psid | null = null; ; ) {
    const group: readonly Thread[] = await store.threads(id, { after, limit: READ_GROUP });
    for (const thread of group) tally.add(thread.psid, threadChanged(page, to, thread, clock.now()));
    after = group.at(-1)?.psid ?? null;
    if (after === null) break;
    // The store answers at once: others must have their turn.
    await new Promise(setImmediate);
  }
  return { page: id, from: page.mode, to, ...tally.sum((app) => nameOf(page, app)) };
}

type Counts = Map<CallName, number>;

function createTally() {
  const apps = new Map<AppId, { readonly loses: Counts; readonly gains: Counts }>();
  const shown: (ThreadChanged & { readonly psid: Psid })[] = [];
  const sums = { all: 0, changed: 0, dropped: 0, leads: 0 };
  const count = (counts: Counts, calls: readonly CallName[]): void => {
    for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  };
  const listed = (counts: Counts): readonly CallOnThreads[] =>
    [...counts].map(([call, threads]) => ({ call, threads }));
  return {
    add(psid: Psid, changed: ThreadChanged | null): void {
      sums.all += 1;
      if (changed === null) return;
      sums.changed += 1;
      sums.dropped += changed.dropped.length;
      sums.leads += changed.lead === null ? 0 : 1;
      for (const { app, loses, gains } of changed.calls) {
        const counts = apps.get(app) ?? { loses: new Map(), gains: new Map() };
        apps.set(app, counts);
        count(counts.loses, loses);
        count(counts.gains, gains);
      }
      if (shown.length < MAX_THREADS_SHOWN) shown.push({ psid, ...changed });
    },
    sum: (name: (app: AppId) => string) => ({
      threads: { all: sums.all, changed: sums.changed },
      dropped: sums.dropped,
      leads: sums.leads,
      apps: [...apps].map(([app, { loses, gains }]) => ({
        app,
        name: name(app),
        loses: listed(loses),
        gains: listed(gains),
      })),
      shown,
    }),
  };
}

/** [R9, R12] Puts a page under the other mode; nothing happens when it is under it already. */
export async function switchMode(runtime: Pick<Runtime, 'change'>, id: PageId, to: Mode): Promise<void> {
  await runtime.change(({ pages }) => ({
    put: pages
      .filter((page) => page.id === id && page.mode !== to)
      .map((page) => ({ kind: 'page', value: { ...page, mode: to } })),
  }));
}
