/**
 * Planning a change of the configuration: from the rows that are wanted to the rows that must be written, with what
 * follows from them: losses of connections, the primary receiver that is none any more (C17), the events that tell
 * of a new one (P6).
 */

import { isDeepStrictEqual } from 'node:util';
import type { Event } from '../protocol/event.ts';
import { type AppId, PAGE_LANE, type PageId } from '../protocol/ids.ts';
import { replaceConnection } from '../protocol/page.ts';
import { record } from '../protocol/record.ts';
import { emptyThread, type Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import {
  type Config,
  type ConfigRow,
  type ConnectionRecord,
  keyOf,
  type PageRecord,
  relationOf,
  snapshotOf,
} from '../store/config.ts';
import type { Commit, ConfigChange, ThreadKey } from '../store/port.ts';

/** The rows that are wanted. Of connections, number and losses are not looked at: they are worked out here. */
export type Wanted = {
  readonly put: readonly ConfigRow[];
  readonly remove?: ConfigChange['remove'];
};

type Lists = Omit<Config, 'version'>;

/** What has to be written so that the wanted rows stand; null when they stand already. */
export async function planChange(
  config: Config,
  wanted: Wanted,
  { now, load }: { readonly now: Instant; readonly load: (key: ThreadKey) => Promise<Thread | null> },
): Promise<ConfigChange | null> {
  const remove = (wanted.remove ?? []).filter(({ kind, key }) =>
    rowsOf(config).some((row) => row.kind === kind && keyOf(row) === key),
  );
  const asked = merge(config, wanted.put, remove);
  const after = withoutLostPrimaries(withLosses(config, asked, now));
  const put = changedRows(config, after);
  if (put.length === 0 && remove.length === 0) return null;
  const pages = concernedPages(config, after, put, remove);
  const commits: Commit[] = [];
  const primaries = new Map(config.pages.map(({ id, primaryReceiver }) => [id, primaryReceiver]));
  for (const page of after.pages) {
    const previous = primaries.get(page.id) ?? null;
    if (previous !== page.primaryReceiver)
      commits.push(await tellRoles(previous, { after, page, now, load }));
  }
  return { expectedVersion: config.version, put, remove, pages, commits };
}

/** Every row of a configuration, people first. */
function rowsOf(lists: Lists): readonly ConfigRow[] {
  return [
    ...lists.people.map((value): ConfigRow => ({ kind: 'person', value })),
    ...lists.pages.map((value): ConfigRow => ({ kind: 'page', value })),
    ...lists.apps.map((value): ConfigRow => ({ kind: 'app', value })),
    ...lists.webhooks.map((value): ConfigRow => ({ kind: 'webhook', value })),
    ...lists.connections.map((value): ConfigRow => ({ kind: 'connection', value })),
    ...lists.tokens.map((value): ConfigRow => ({ kind: 'token', value })),
    ...lists.personas.map((value): ConfigRow => ({ kind: 'persona', value })),
  ];
}

function merge(config: Config, put: readonly ConfigRow[], remove: ConfigChange['remove']): Config {
  const rows = new Map(rowsOf(config).map((row) => [`${row.kind}:${keyOf(row)}`, row]));
  for (const { kind, key } of remove) rows.delete(`${kind}:${key}`);
  for (const row of put) rows.set(`${row.kind}:${keyOf(row)}`, row);
  const all = [...rows.values()];
  const of = <Kind extends ConfigRow['kind']>(kind: Kind) =>
    all.flatMap((row) =>
      row.kind === kind ? [row.value as Extract<ConfigRow, { kind: Kind }>['value']] : [],
    );
  return {
    version: config.version,
    people: of('person'),
    pages: of('page'),
    apps: of('app'),
    webhooks: of('webhook'),
    connections: of('connection'),
    tokens: of('token'),
    personas: of('persona'),
  };
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

/** [C17] An app that has ceased to be connected is no longer the primary receiver. */
function withoutLostPrimaries(config: Config): Config {
  const connected = new Set(config.connections.filter(({ subscribed }) => subscribed).map(nameOf));
  const pages = config.pages.map((page) => {
    const { id, primaryReceiver: app } = page;
    return app === null || connected.has(nameOf({ page: id, app }))
      ? page
      : { ...page, primaryReceiver: null };
  });
  return { ...config, pages };
}

function changedRows(before: Config, after: Config): readonly ConfigRow[] {
  const known = new Map(rowsOf(before).map((row) => [`${row.kind}:${keyOf(row)}`, row.value]));
  return rowsOf(after).filter((row) => !isDeepStrictEqual(known.get(`${row.kind}:${keyOf(row)}`), row.value));
}

/** The pages whose snapshot a change of these rows can alter. */
function concernedPages(
  before: Config,
  after: Config,
  put: readonly ConfigRow[],
  remove: ConfigChange['remove'],
): readonly PageId[] {
  const apps = new Set<AppId>();
  const pages = new Set<PageId>();
  const gone = rowsOf(before).filter((row) =>
    remove.some(({ kind, key }) => kind === row.kind && key === keyOf(row)),
  );
  for (const row of [...put, ...gone]) {
    if (row.kind === 'page') pages.add(row.value.id);
    if (row.kind === 'connection' || row.kind === 'token') pages.add(row.value.page);
    if (row.kind === 'app') apps.add(row.value.id);
    if (row.kind === 'webhook') apps.add(row.value.app);
  }
  for (const { page, app } of after.connections) if (apps.has(app)) pages.add(page);
  return [...pages];
}

/** [P6] The event on the page's own lane that tells of a new primary receiver. */
async function tellRoles(
  previous: AppId | null,
  {
    after,
    page,
    now,
    load,
  }: {
    readonly after: Config;
    readonly page: PageRecord;
    readonly now: Instant;
    readonly load: (key: ThreadKey) => Promise<Thread | null>;
  },
): Promise<Commit> {
  const thread = (await load({ page: page.id, psid: PAGE_LANE })) ?? emptyThread(page.id, PAGE_LANE);
  const event: Event = { type: 'primary_receiver_changed', previous, next: page.primaryReceiver };
  const story = record(snapshotOf(after, page), { thread, events: [] }, [{ at: now, event }]);
  return { ...story, expectedSeq: thread.seq, pageVersion: page.version, validUntil: null };
}
