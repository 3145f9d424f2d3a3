/**
 * Planning a change of the configuration: from the rows that are wanted to the rows that must be written, with what
 * follows from them: losses of connections, the primary receiver that is none any more (C17), the events that tell
 * of a new one (P6).
 */

import { isDeepStrictEqual } from 'node:util';
import type { Event } from '../protocol/event.ts';
import { type AppId, PAGE_LANE, type PageId } from '../protocol/ids.ts';
import { replaceConnection, toldLead } from '../protocol/page.ts';
import { record } from '../protocol/record.ts';
import { emptyThread, type Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import {
  type Config,
  type ConfigKind,
  type ConfigRow,
  type ConnectionRecord,
  keyOf,
  type PageRecord,
  relationOf,
  snapshotOf,
} from '../store/config.ts';
import { inEra } from '../store/era.ts';
import type { Commit, ConfigChange, ThreadKey } from '../store/port.ts';

/**
 * The rows that are wanted. Of connections, number and losses are not looked at, nor the switches of pages: they are
 * worked out here.
 */
export type Wanted = {
  readonly put: readonly ConfigRow[];
  readonly remove?: ConfigChange['remove'];
};

type Lists = Omit<Config, 'version'>;

/** The list of a configuration in which the rows of a kind stand; people first. */
const LISTS = {
  person: 'people',
  page: 'pages',
  app: 'apps',
  webhook: 'webhooks',
  connection: 'connections',
  token: 'tokens',
  persona: 'personas',
  profile: 'profile',
  review: 'reviews',
} as const satisfies Readonly<Record<ConfigKind, keyof Lists>>;
const KINDS = Object.keys(LISTS) as readonly ConfigKind[];

/** The rows of one kind, by their keys. */
type Rows = ReadonlyMap<string, ConfigRow>;

/** What a plan is made with, besides rows. */
type Around = {
  readonly now: Instant;
  readonly load: (key: ThreadKey) => Promise<Thread | null>;
  /** Of the store. */
  readonly era: string | null;
};

/** What has to be written so that the wanted rows stand; null when they stand already. */
export async function planChange(
  config: Config,
  wanted: Wanted,
  around: Around,
): Promise<ConfigChange | null> {
  const { now } = around;
  const gone = goneRows(config, wanted.remove ?? []);
  const remove = gone.map((row) => ({ kind: row.kind, key: keyOf(row) }));
  const asked = merge(config, wanted.put, remove);
  const after = withoutLostPrimaries(withSwitches(config, withLosses(config, asked, now), now));
  const put = changedRows(config, after, wanted.put);
  if (put.length === 0 && remove.length === 0) return null;
  const pages = concernedPages(after, [...put, ...gone]);
  const commits: Commit[] = [];
  const primaries = new Map(config.pages.map((page) => [page.id, toldLead(page)]));
  for (const page of after.pages) {
    const previous = primaries.get(page.id) ?? null;
    if (previous !== toldLead(page)) commits.push(await tellRoles(previous, page, { ...around, after }));
  }
  return { expectedVersion: config.version, put, remove, pages, commits };
}

/** Every row of one kind. */
function rowsOf(config: Config, kind: ConfigKind): Rows {
  // Each list holds the values of its kind; the type can say so only of all kinds together.
  const values: readonly ConfigRow['value'][] = config[LISTS[kind]];
  return new Map(
    values.map((value) => {
      const row = { kind, value } as ConfigRow;
      return [keyOf(row), row];
    }),
  );
}

/** The rows to be removed that are there, each once. */
function goneRows(config: Config, remove: ConfigChange['remove']): readonly ConfigRow[] {
  return KINDS.flatMap((kind) => {
    const keys = new Set(remove.filter((each) => each.kind === kind).map(({ key }) => key));
    if (keys.size === 0) return [];
    return [...rowsOf(config, kind)].flatMap(([key, row]) => (keys.has(key) ? [row] : []));
  });
}

/** Lists of which nothing is wanted stay the same objects: a change costs what it changes, not what there is. */
function merge(config: Config, put: readonly ConfigRow[], remove: ConfigChange['remove']): Config {
  const lists: Partial<Record<keyof Lists, readonly ConfigRow['value'][]>> = {};
  for (const kind of KINDS) {
    const wanted = put.filter((row) => row.kind === kind);
    const gone = remove.filter((each) => each.kind === kind);
    if (wanted.length === 0 && gone.length === 0) continue;
    const rows = new Map(rowsOf(config, kind));
    for (const { key } of gone) rows.delete(key);
    for (const row of wanted) rows.set(keyOf(row), row);
    lists[LISTS[kind]] = [...rows.values()].map(({ value }) => value);
  }
  return { ...config, ...(lists as Partial<Lists>) };
}

/** [C17] Every connection with the losses that lie between the two configurations. */
function withLosses(before: Config, after: Config, now: Instant): Config {
  const known = new Map(before.connections.map((each) => [nameOf(each), each]));
  const [appsBefore, appsAfter] = [before, after].map(
    ({ apps }) => new Map(apps.map((app) => [app.id, app])),
  );
  const connections = after.connections.map((wanted): ConnectionRecord => {
    const old = known.get(nameOf(wanted));
    const [was, next] = [appsBefore?.get(wanted.app), appsAfter?.get(wanted.app)];
    if (next === undefined) return wanted;
    const numbered =
      old === undefined || was === undefined
        ? null
        : { ...relationOf(was, old, null), number: old.number, losses: old.losses };
    const { number, losses } = replaceConnection(numbered, relationOf(next, wanted, null), now);
    return { ...wanted, number, losses };
  });
  return { ...after, connections };
}

const nameOf = ({ page, app }: Pick<ConnectionRecord, 'page' | 'app'>): string => `${page}/${app}`;

/** [R12] Every page with the number of its switches of mode, the coming one included. */
function withSwitches(before: Config, after: Config, now: Instant): Config {
  const known = new Map(before.pages.map((page) => [page.id, page]));
  const pages = after.pages.map((page) => {
    const was = known.get(page.id);
    if (was === undefined) return { ...page, switches: { number: 0, at: 0 } };
    const { number, at } = was.switches;
    return { ...page, switches: was.mode === page.mode ? { number, at } : { number: number + 1, at: now } };
  });
  return { ...after, pages };
}

/** [C17] An app that has ceased to be connected is no longer the primary receiver; a default app stays named (R10). */
function withoutLostPrimaries(config: Config): Config {
  const connected = new Set(
    config.connections
      .filter(({ subscribed, permissions }) => subscribed && permissions.includes('pages_messaging'))
      .map(nameOf),
  );
  const pages = config.pages.map((page) => {
    const app = toldLead(page);
    return app === null || connected.has(nameOf({ page: page.id, app })) ? page : { ...page, lead: null };
  });
  return { ...config, pages };
}

/** What follows from a change by itself is written in these. */
const FOLLOWING: readonly ConfigKind[] = ['page', 'connection'];

/** The rows that are others now: looked for among those that were wanted, and where something follows from them. */
function changedRows(before: Config, after: Config, put: readonly ConfigRow[]): readonly ConfigRow[] {
  return KINDS.flatMap((kind) => {
    const wanted = new Set(put.filter((row) => row.kind === kind).map(keyOf));
    const follows = FOLLOWING.includes(kind);
    if (wanted.size === 0 && !follows) return [];
    const known = rowsOf(before, kind);
    return [...rowsOf(after, kind)].flatMap(([key, row]) => {
      const isLookedAt = follows || wanted.has(key);
      return isLookedAt && !isDeepStrictEqual(known.get(key)?.value, row.value) ? [row] : [];
    });
  });
}

/** The pages whose snapshot a change of these rows, or their removal, can alter. */
function concernedPages(after: Config, rows: readonly ConfigRow[]): readonly PageId[] {
  const apps = new Set<AppId>();
  const pages = new Set<PageId>();
  for (const row of rows) {
    if (row.kind === 'page') pages.add(row.value.id);
    if (row.kind === 'connection' || row.kind === 'profile') pages.add(row.value.page);
    if (row.kind === 'token' && row.value.kind === 'page') pages.add(row.value.page);
    if (row.kind === 'app') apps.add(row.value.id);
    if (row.kind === 'webhook') apps.add(row.value.app);
  }
  for (const { page, app } of after.connections) if (apps.has(app)) pages.add(page);
  return [...pages];
}

/** [P6] The event on the page's own lane that tells of a new primary receiver. */
async function tellRoles(
  previous: AppId | null,
  page: PageRecord,
  { after, now, load, era }: Around & { readonly after: Config },
): Promise<Commit> {
  const thread = (await load({ page: page.id, psid: PAGE_LANE })) ?? emptyThread(page.id, PAGE_LANE);
  const event: Event = { type: 'primary_receiver_changed', previous, next: toldLead(page) };
  const story = record(snapshotOf(after, page), { thread, events: [] }, [{ at: now, event }]);
  const events = inEra(story.events, era);
  return {
    thread: story.thread,
    events,
    expectedSeq: thread.seq,
    pageVersion: page.version,
    validUntil: null,
  };
}
