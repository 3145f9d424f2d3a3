/** Threads and their events in plain maps. Ranged reads sort what they find: right for tests, not for millions. */

import type { Recorded } from '../../protocol/event.ts';
import type { AppId, Mid, PageId, Psid } from '../../protocol/ids.ts';
import type { Thread } from '../../protocol/thread.ts';
import type { Instant } from '../../protocol/time.ts';
import { midOf } from '../mid.ts';
import type { ThreadKey } from '../port.ts';

type Row = { thread: Thread; alarm: Instant | null; readonly events: Recorded[] };
type Range = { readonly after: Psid | null; readonly limit: number };

/** What a commit leaves behind on one thread. */
export type Written = {
  readonly thread: Thread;
  readonly alarm: Instant | null;
  readonly events: readonly Recorded[];
};

/** The threads of a memory store. Reads are those of the port `Store`. */
export type Threads = {
  find(key: ThreadKey): Omit<Written, 'events'> | null;
  write(written: Written): void;
  /** Writes the state of a thread anew; its events and its alarm stay. */
  rewrite(thread: Thread): void;
  /** Puts an event in the place of the one with its number. */
  replace(key: ThreadKey, recorded: Recorded): void;
  /** Every event of a page, in no order. */
  ofPage(page: PageId): readonly (ThreadKey & { readonly recorded: Recorded })[];
  due(until: Instant, limit: number): readonly ThreadKey[];
  ownedBy(page: PageId, app: AppId, range: Range): readonly ThreadKey[];
  list(page: PageId, range: Range): readonly Thread[];
  events(key: ThreadKey, range: { readonly after: number; readonly limit: number }): readonly Recorded[];
  message(mid: Mid): (ThreadKey & { readonly recorded: Recorded }) | null;
};

export function createThreads(): Threads {
  const pages = new Map<PageId, Map<Psid, Row>>();
  const messages = new Map<Mid, ThreadKey & { readonly seq: number }>();
  const find = ({ page, psid }: ThreadKey): Row | null => pages.get(page)?.get(psid) ?? null;

  return {
    find,

    write({ thread, alarm, events }) {
      const { page, psid } = thread;
      const ofPage = pages.get(page) ?? new Map<Psid, Row>();
      const row = ofPage.get(psid) ?? { thread, alarm, events: [] };
      pages.set(page, ofPage.set(psid, row));
      row.alarm = alarm;
      if (events.length > 0) row.thread = thread;
      for (const recorded of events) {
        row.events.push(recorded);
        const mid = midOf(recorded.event);
        if (mid !== null) messages.set(mid, { page, psid, seq: recorded.seq });
      }
    },

    rewrite(thread) {
      const row = find(thread);
      if (row !== null) row.thread = thread;
    },

    replace(key, recorded) {
      const row = find(key);
      if (row !== null) row.events[recorded.seq - 1] = recorded;
    },

    ofPage: (page) =>
      [...(pages.get(page)?.entries() ?? [])].flatMap(([psid, { events }]) =>
        events.map((recorded) => ({ page, psid, recorded })),
      ),

    due(until, limit) {
      return [...pages.values()]
        .flatMap((ofPage) => [...ofPage.values()])
        .flatMap(({ thread, alarm }) => (alarm === null || alarm > until ? [] : [{ thread, alarm }]))
        .sort(
          (a, b) =>
            a.alarm - b.alarm ||
            compareText(a.thread.page, b.thread.page) ||
            compareText(a.thread.psid, b.thread.psid),
        )
        .slice(0, limit)
        .map(({ thread }) => keyOf(thread));
    },

    ownedBy: (page, app, range) =>
      select(pages.get(page), range, ({ lease }) => lease?.owner === app).map(keyOf),

    list: (page, range) => select(pages.get(page), range, () => true),

    events: (key, { after, limit }) => find(key)?.events.slice(after, after + limit) ?? [],

    message(mid) {
      const place = messages.get(mid);
      if (place === undefined) return null;
      const recorded = find(place)?.events[place.seq - 1];
      return recorded === undefined ? null : { page: place.page, psid: place.psid, recorded };
    },
  };
}

const keyOf = ({ page, psid }: Thread): ThreadKey => ({ page, psid });

/** The order of texts in every adapter: that of their letters, whatever the language. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Threads of one page, in the order of psids. A psid is never empty, so the page's own lane is left out. */
function select(
  ofPage: ReadonlyMap<Psid, Row> | undefined,
  { after, limit }: Range,
  matches: (thread: Thread) => boolean,
): Thread[] {
  return [...(ofPage?.values() ?? [])]
    .map(({ thread }) => thread)
    .filter((thread) => thread.psid > (after ?? '') && matches(thread))
    .sort((a, b) => compareText(a.psid, b.psid))
    .slice(0, limit);
}
