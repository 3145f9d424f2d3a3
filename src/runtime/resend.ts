/** [W8] Sending again: one event, what was missed or set aside, or everything since an instant, up to 7 days back. */

import type { Recorded } from '../protocol/event.ts';
import { type AppId, PAGE_LANE, type PageId, type Psid, parsePageId, parsePsid } from '../protocol/ids.ts';
import { DAY_MS, type Instant } from '../protocol/time.ts';
import { parseEra } from '../store/era.ts';
import { type Lane, MAX_WAITING_NOTICES, type Store, type ThreadKey } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Configuration } from './configuration.ts';
import type { DeliveryPort } from './ports.ts';
import { readEvents } from './report.ts';

/** How far back events are sent again. */
export const RESEND_WITHIN_MS = 7 * DAY_MS;
/** Most threads looked at, and notices queued, at once. */
const GROUP = 256;

/** What is to be sent again. */
export type Wanted =
  | ({ readonly kind: 'event' } & NamedEvent)
  /** What was written while its webhooks were switched off. */
  | { readonly kind: 'missed' }
  | { readonly kind: 'set_aside' }
  | { readonly kind: 'since'; readonly at: Instant };

export type ResendOptions = {
  readonly store: Store;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly delivery: Pick<DeliveryPort, 'wake'>;
};

/** More than may wait for an app; nothing has been queued. */
export class TooMuchToResend extends Error {
  constructor(found: number) {
    super(`${found} notices would wait, and at most ${MAX_WAITING_NOTICES} may`);
    this.name = 'TooMuchToResend';
  }
}

/**
 * Puts notices of an app into the outbox again; answers how many.
 * @throws TooMuchToResend
 */
export async function resend(app: AppId, wanted: Wanted, options: ResendOptions): Promise<number> {
  await assertRoom(app, wanted, options);
  let queued = 0;
  for await (const group of inGroups(found(app, wanted, options))) {
    await options.store.requeue(group);
    const lanes = new Map(group.map(({ seq: _, ...lane }) => [`${lane.page}/${lane.psid}`, lane]));
    options.delivery.wake(
      [...lanes.values()].map((lane) => ({ ...lane, seq: Number.POSITIVE_INFINITY, events: null })),
    );
    queued += group.length;
    await others();
  }
  return queued;
}

async function assertRoom(app: AppId, wanted: Wanted, options: ResendOptions): Promise<void> {
  let all = await options.store.countWaiting(app);
  for await (const group of found(app, wanted, options)) all += group.length;
  if (all > MAX_WAITING_NOTICES) throw new TooMuchToResend(all);
}

/** Calls that wait have their turn first: threads may be many. */
const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A group is one transaction, with one flush of the disk. */
async function* inGroups(found: AsyncIterable<readonly Pointer[]>): AsyncGenerator<readonly Pointer[]> {
  let group: Pointer[] = [];
  for await (const pointers of found) {
    for (const pointer of pointers) {
      group.push(pointer);
      if (group.length < GROUP) continue;
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

type Pointer = Lane & { readonly seq: number };

async function* found(
  app: AppId,
  wanted: Wanted,
  options: ResendOptions,
): AsyncGenerator<readonly Pointer[]> {
  const { store, configuration, clock } = options;
  const earliest = clock.now() - RESEND_WITHIN_MS;
  switch (wanted.kind) {
    case 'event': {
      const [recorded] = await store.events(wanted.key, { after: wanted.seq - 1, limit: 1 });
      if (recorded?.seq !== wanted.seq || recorded.era !== wanted.era) return;
      if (recorded.at >= earliest && isToldTo(app, recorded, false))
        yield [{ app, ...wanted.key, seq: wanted.seq }];
      return;
    }
    case 'set_aside': {
      const asides = await store.asides({ app, limit: Number.MAX_SAFE_INTEGER });
      const pointers = asides.map(({ page, psid, seq }) => ({ app, page, psid, seq }));
      if (pointers.length > 0) yield pointers;
      return;
    }
    case 'missed':
    case 'since': {
      const since = wanted.kind === 'since' ? Math.max(wanted.at, earliest) : earliest;
      const isMissed = wanted.kind === 'missed';
      for (const { page } of configuration.current().connections.filter((each) => each.app === app)) {
        yield* ofPage(store, { app, page, since, isMissed });
      }
    }
  }
}

type Search = {
  readonly app: AppId;
  readonly page: PageId;
  readonly since: Instant;
  /** Only what was written while the webhooks were switched off. */
  readonly isMissed: boolean;
};

async function* ofPage(store: Store, search: Search): AsyncGenerator<readonly Pointer[]> {
  yield* ofThread(store, PAGE_LANE, search);
  let after: Psid | null = null;
  do {
    const threads = await store.threads(search.page, { after, limit: GROUP });
    for (const { psid, lastEventAt } of threads) {
      if (lastEventAt >= search.since) yield* ofThread(store, psid, search);
    }
    after = threads.at(-1)?.psid ?? null;
    await others();
  } while (after !== null);
}

async function* ofThread(store: Store, psid: Psid, search: Search): AsyncGenerator<readonly Pointer[]> {
  const { app, page, since, isMissed } = search;
  const events = await readEvents(store, { page, psid });
  const pointers = events
    .filter((recorded) => recorded.at >= since && isToldTo(app, recorded, isMissed))
    .map(({ seq }) => ({ app, page, psid, seq }));
  if (pointers.length > 0) yield pointers;
}

const isToldTo = (app: AppId, { audience }: Recorded, isMissed: boolean): boolean =>
  audience.some(
    (each) => each.app === app && each.outcome.told && (!isMissed || each.outcome.missed === true),
  );

/** What the id of an event names, besides the app. */
export type NamedEvent = {
  readonly key: ThreadKey;
  readonly seq: number;
  readonly era: string | undefined;
};

/** Null: it is not the id of an event of this app. */
export function parseEventId(app: AppId, text: string): NamedEvent | null {
  const [of, page = '', psid = '', seq = '', era, ...rest] = text.split('_');
  const pageId = parsePageId(page);
  const thread = psid === 'page' ? PAGE_LANE : parsePsid(psid);
  const isNumber = /^[1-9][0-9]{0,14}$/.test(seq);
  if (era !== undefined && parseEra(era) === null) return null;
  if (of !== app || pageId === null || thread === null || !isNumber || rest.length > 0) return null;
  return { key: { page: pageId, psid: thread }, seq: Number(seq), era };
}
