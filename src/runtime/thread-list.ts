/** The conversations of a page, for an operator: a part at a time, and no part costs more than so many looks. */

import type { AppId, Psid } from '../protocol/ids.ts';
import { folderOf } from '../protocol/inbox.ts';
import type { Page } from '../protocol/page.ts';
import { type Control, openRequests, ownerAt, type Thread } from '../protocol/thread.ts';
import type { Store } from '../store/port.ts';
import type { Runtime } from './runtime.ts';

/** Most threads that are looked at for one part of a list. */
export const MAX_THREADS_LOOKED_AT = 5_000;
const READ_GROUP = 500;

/** Which threads are meant: all, those that an app controls, or those that nobody does. */
export type Which =
  | { readonly kind: 'all' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'owned'; readonly owner: AppId };

/** One line of the list. */
export type ThreadLine = {
  readonly psid: Psid;
  readonly control: Control | null;
  readonly folder: string;
  readonly requests: number;
  /** How many surveys wait until it is idle (S1). */
  readonly held: number;
  readonly epoch: number;
  readonly lastActAt: number | null;
  readonly lastEventAt: number;
};

export type ThreadPart = {
  readonly lines: readonly ThreadLine[];
  /** From behind whom the list goes on; null: it has ended. A part may be short, or empty, and the list go on. */
  readonly after: Psid | null;
};

/** A part of the threads of a page, by psid. */
export async function listThreads(
  { store, clock }: Pick<Runtime, 'store' | 'clock'>,
  page: Page,
  { which, limit, ...range }: { readonly which: Which; readonly limit: number; readonly after: Psid | null },
): Promise<ThreadPart> {
  const lines: ThreadLine[] = [];
  let { after } = range;
  for (let looked = 0; looked < MAX_THREADS_LOOKED_AT; looked += READ_GROUP) {
    const now = clock.now();
    const group = await readGroup(store, page, { which, after });
    for (const thread of group) {
      after = thread.psid;
      const control = ownerAt(page, thread, now);
      if (!isMeant(which, control)) continue;
      lines.push(lineOf(page, thread, { control, now }));
      if (lines.length === limit) return { lines, after };
    }
    if (group.length < READ_GROUP) return { lines, after: null };
    // The store answers at once: others must have their turn.
    await new Promise(setImmediate);
  }
  return { lines, after };
}

async function readGroup(
  store: Pick<Store, 'threads' | 'ownedBy' | 'load'>,
  { id }: Page,
  { which, after }: { readonly which: Which; readonly after: Psid | null },
): Promise<readonly Thread[]> {
  const range = { after, limit: READ_GROUP };
  if (which.kind !== 'owned') return store.threads(id, range);
  const keys = await store.ownedBy(id, which.owner, range);
  const threads = await Promise.all(keys.map((key) => store.load(key)));
  return threads.filter((thread) => thread !== null);
}

function isMeant(which: Which, control: Control | null): boolean {
  if (which.kind === 'owned') return control?.owner === which.owner;
  return which.kind === 'all' || control === null;
}

const lineOf = (
  page: Page,
  thread: Thread,
  { control, now }: { readonly control: Control | null; readonly now: number },
): ThreadLine => ({
  psid: thread.psid,
  control,
  folder: folderOf(page, thread, now),
  requests: openRequests(page, thread, now).length,
  held: thread.held.length,
  epoch: thread.epoch,
  lastActAt: thread.lastActAt,
  lastEventAt: thread.lastEventAt,
});
