/** What an operator asks of a thread: who has it, until when, why, and who was told what. */

import type { Addressed, Recorded } from '../protocol/event.ts';
import { type HistoryLine, historyOf } from '../protocol/history.ts';
import type { AppId } from '../protocol/ids.ts';
import { folderOf } from '../protocol/inbox.ts';
import { nameOf } from '../protocol/scene.ts';
import {
  type Control,
  type ControlRequest,
  controlAt,
  type Ended,
  openRequests,
} from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import type { Lane, Store, ThreadKey } from '../store/port.ts';
import type { Configuration } from './configuration.ts';

export type ThreadReport = {
  readonly page: string;
  readonly now: Instant;
  readonly control: Control | Ended | null;
  readonly folder: string;
  readonly epoch: number;
  readonly requests: readonly ControlRequest[];
  readonly history: readonly HistoryLine[];
  readonly events: readonly EventReport[];
  /** The name of an app of this page, with its id. */
  readonly nameOf: (app: AppId | null) => string;
};

export type EventReport = {
  readonly seq: number;
  readonly at: Instant;
  readonly type: string;
  readonly audience: readonly (Addressed & { readonly state: 'delivered' | 'waiting' | 'not told' })[];
};

const READ_GROUP = 500;

/** Null: no such page, or nothing has ever happened on the thread. */
export async function reportThread(
  store: Store,
  {
    configuration,
    key,
    now,
  }: { readonly configuration: Configuration; readonly key: ThreadKey; readonly now: Instant },
): Promise<ThreadReport | null> {
  const page = configuration.page(key.page);
  const thread = await store.load(key);
  if (page === null || thread === null) return null;
  const events = await readEvents(store, key);
  const waiting = new Set((await store.waitingOf(key)).map(({ app, seq }) => `${app}/${seq}`));
  return {
    page: `${page.name} (${page.id})`,
    now,
    control: controlAt(page, thread, now),
    folder: folderOf(page, thread, now),
    epoch: thread.epoch,
    requests: openRequests(page, thread, now),
    history: historyOf(events),
    events: events.map((recorded) => reportEvent(recorded, waiting)),
    nameOf: (app) => (app === null ? 'nobody' : `${nameOf(page, app)} (${app})`),
  };
}

function reportEvent({ seq, at, event, audience }: Recorded, waiting: ReadonlySet<string>): EventReport {
  const type = event.type === 'act_received' ? `${event.act.kind}_received` : event.type;
  return {
    seq,
    at,
    type,
    audience: audience.map((addressed) => ({
      ...addressed,
      state: !addressed.outcome.told
        ? 'not told'
        : waiting.has(`${addressed.app}/${seq}`)
          ? 'waiting'
          : 'delivered',
    })),
  };
}

/** The same, with what their events' ids are made of besides. */
export async function withEras<Pointer extends Lane & { readonly seq: number }>(
  { store, configuration }: { readonly store: Pick<Store, 'events'>; readonly configuration: Configuration },
  pointers: readonly Pointer[],
): Promise<readonly (Pointer & { readonly era: string | undefined })[]> {
  const known = new Map<string, string | undefined>();
  for (const { page, psid, seq } of configuration.era === null ? [] : pointers) {
    const name = `${page}/${psid}/${seq}`;
    if (known.has(name)) continue;
    const [recorded] = await store.events({ page, psid }, { after: seq - 1, limit: 1 });
    known.set(name, recorded?.era);
  }
  return pointers.map((each) => ({ ...each, era: known.get(`${each.page}/${each.psid}/${each.seq}`) }));
}

/** All events of a thread, in order. */
export async function readEvents(store: Pick<Store, 'events'>, key: ThreadKey): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for (;;) {
    const group = await store.events(key, { after: all.at(-1)?.seq ?? 0, limit: READ_GROUP });
    all.push(...group);
    if (group.length < READ_GROUP) return all;
  }
}
