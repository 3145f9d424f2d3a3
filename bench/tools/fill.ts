/** Filling a store with threads, fast: what the rules decide, written through the store's port in large batches. */

import path from 'node:path';
import { decide } from '../../src/protocol/decide.ts';
import { type Mid, parseAppId, parsePageId, parsePsid } from '../../src/protocol/ids.ts';
import type { Page } from '../../src/protocol/page.ts';
import { emptyThread } from '../../src/protocol/thread.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import type { Commit, Store } from '../../src/store/port.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { startBaton } from './baton.ts';
import { PAGE, psidOf, type World } from './world.ts';

const DATABASE = 'baton.sqlite';
const BATCH = 1_000;

export type FillOptions = {
  readonly data: string;
  readonly world: World;
  readonly threads: number;
  /** When customer number 0, 1, 2 … wrote their one message. */
  readonly wroteAt: (customer: number) => number;
};

/** Loads a world into a new folder and lets customers 0, 1, 2 … write one message each. */
export async function fill({ data, world, threads, wroteAt }: FillOptions): Promise<void> {
  const loading = await startBaton({ data, world });
  await loading[Symbol.asyncDispose]();
  await using store = await openSqliteStore({ path: path.join(data, DATABASE), now: Date.now });
  const page = await pageIn(store);
  for (let from = 0; from < threads; from += BATCH) {
    const commits: Commit[] = [];
    for (let customer = from; customer < Math.min(from + BATCH, threads); customer++) {
      commits.push(firstMessage(page, customer, wroteAt(customer)));
    }
    const outcomes = await store.commit(commits);
    const refused = outcomes.find((outcome) => outcome !== 'committed');
    if (refused !== undefined) throw new Error(`the store answered ${refused}`);
  }
}

/** Whether leases that end by an instant are still waiting for the sweep; looked at beside a running server. */
export async function openWatch(data: string): Promise<
  AsyncDisposable & {
    isDue(until: number): Promise<boolean>;
    /** Whether a thread of the page still has this app as its owner in its row. */
    isOwned(page: string, app: string): Promise<boolean>;
  }
> {
  const store = await openSqliteStore({ path: path.join(data, DATABASE), now: Date.now, readOnly: true });
  return {
    isDue: async (until) => (await store.due(until, 1)).length > 0,
    async isOwned(page, app) {
      const [pageId, appId] = [parsePageId(page), parseAppId(app)];
      if (pageId === null || appId === null) throw new Error(`${page} or ${app} is no id`);
      return (await store.ownedBy(pageId, appId, { after: null, limit: 1 })).length > 0;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function pageIn(store: Store): Promise<Page> {
  const configuration = await openConfiguration(store);
  const id = parsePageId(PAGE);
  const page = id === null ? null : configuration.page(id);
  if (page === null) throw new Error(`the world has no page ${PAGE}`);
  return page;
}

function firstMessage(page: Page, customer: number, now: number): Commit {
  const psid = parsePsid(psidOf(customer));
  if (psid === null) throw new Error(`${psidOf(customer)} is not a psid`);
  const mid = `m_${now.toString(36)}${String(customer).padStart(24, '0')}` as Mid;
  const text = 'Good morning! Is the corner table free on Saturday, at seven?';
  const act = {
    kind: 'message',
    mid,
    text,
    attachments: [],
    quickReplyPayload: null,
    referral: null,
  } as const;
  const decision = decide(page, emptyThread(page.id, psid), { type: 'receive', act }, now);
  if (!decision.ok) throw new Error(`the message was refused: ${decision.refusal.reason}`);
  const { thread, events } = decision;
  return { thread, expectedSeq: 0, events, pageVersion: page.version, validUntil: null };
}
