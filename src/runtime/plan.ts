/**
 * Planning a change of the configuration: from the rows that are wanted to the rows that must be written, with what
 * follows from them: losses of connections, the primary receiver that is none any more (C17), the events that tell
 * of a new one (P6).
 */

import { isDeepStrictEqual } from 'node:util';
import type { Recorded } from '../protocol/event.ts';
import { type AppId, PAGE_LANE, type PageId } from '../protocol/ids.ts';
import { replaceConnection } from '../protocol/page.ts';
import { record } from '../protocol/record.ts';
import { emptyThread, type Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import {
  type AppRecord,
  type Config,
  type ConfigRow,
  type ConnectionRecord,
  keyOf,
  objectOf,
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
  for (const page of after.pages) {
    const commit = await tellRoles(config, { after, page, now, load });
    if (commit !== null) commits.push(commit);
  }
  return { expectedVersion: config.version, put, remove, pages, commits };
}

/** Every row of a configuration, people first. */
export function rowsOf(lists: Lists): readonly ConfigRow[] {
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
  const connections = after.connections.map((wanted): ConnectionRecord => {
    const old = before.connections.find((each) => each.page === wanted.page && each.app === wanted.app);
    const next = relationIn(after, wanted);
    if (next === null) return wanted;
    const was = old === undefined ? null : relationIn(before, old);
    const numbered =
      old === undefined || was === null ? null : { ...was, number: old.number, losses: old.losses };
    const { number, losses } = replaceConnection(numbered, next, now);
    return { ...wanted, number, losses };
  });
  return { ...after, connections };
}

function relationIn(config: Config, connection: ConnectionRecord): ReturnType<typeof relationOf> | null {
  const app = config.apps.find((each) => each.id === connection.app);
  return app === undefined ? null : relationOf(app, connection, null);
}

/** [C17] An app that has ceased to be connected is no longer the primary receiver. */
function withoutLostPrimaries(config: Config): Config {
  const isConnected = (page: PageId, app: AppId): boolean =>
    config.connections.some((each) => each.page === page && each.app === app && each.subscribed);
  const pages = config.pages.map((page) =>
    page.primaryReceiver === null || isConnected(page.id, page.primaryReceiver)
      ? page
      : { ...page, primaryReceiver: null },
  );
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

/** [P6] The event on the page's own lane that tells of a new primary receiver, if there is one. */
async function tellRoles(
  before: Config,
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
): Promise<Commit | null> {
  const previous = before.pages.find(({ id }) => id === page.id)?.primaryReceiver ?? null;
  const next = page.primaryReceiver;
  if (previous === next) return null;
  const key = { page: page.id, psid: PAGE_LANE };
  const thread = (await load(key)) ?? emptyThread(page.id, PAGE_LANE);
  const event: Recorded['event'] = { type: 'primary_receiver_changed', previous, next };
  const story = record(snapshotOf(after, page), { thread, events: [] }, [{ at: now, event }]);
  return { ...story, expectedSeq: thread.seq, pageVersion: page.version, validUntil: null };
}

/** [W1] The webhook of an app for the accounts of a page's kind. */
export const webhookOf = (config: Config, app: AppRecord['id'], platform: PageRecord['platform']) =>
  config.webhooks.find((each) => each.app === app && each.object === objectOf(platform)) ?? null;
