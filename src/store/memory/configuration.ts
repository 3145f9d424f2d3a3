import type { PageId } from '../../protocol/ids.ts';
import { type Config, type ConfigKind, type ConfigRow, keyOf, type PageRecord } from '../config.ts';
import type { ConfigChange } from '../port.ts';

/** The configuration as of one version; maps keep the order in which rows were first written. */
export type Configuration = {
  readonly version: number;
  readonly rows: ReadonlyMap<string, ConfigRow>;
};

export const EMPTY: Configuration = { version: 0, rows: new Map() };

const nameOf = (kind: ConfigKind, key: string): string => `${kind} ${key}`;

/** The configuration after a change, the old one left as it was. */
export function changed(before: Configuration, { put, remove, pages }: ConfigChange): Configuration {
  const version = before.version + 1;
  const rows = new Map(before.rows);
  for (const { kind, key } of remove) rows.delete(nameOf(kind, key));
  for (const row of put) rows.set(nameOf(row.kind, keyOf(row)), row);
  const touched = [...pages, ...put.flatMap((row) => (row.kind === 'page' ? [row.value.id] : []))];
  for (const id of touched) {
    const page = pageOf({ version, rows }, id);
    if (page !== null) rows.set(nameOf('page', id), { kind: 'page', value: { ...page, version } });
  }
  return { version, rows };
}

/** The record of a page; null when there is none. */
export function pageOf({ rows }: Configuration, id: PageId): PageRecord | null {
  const row = rows.get(nameOf('page', id));
  return row?.kind === 'page' ? row.value : null;
}

/** The configuration in the shape of the port. */
export function configOf({ version, rows }: Configuration): Config {
  const all = [...rows.values()];
  return {
    version,
    people: all.flatMap((row) => (row.kind === 'person' ? [row.value] : [])),
    pages: all.flatMap((row) => (row.kind === 'page' ? [row.value] : [])),
    apps: all.flatMap((row) => (row.kind === 'app' ? [row.value] : [])),
    webhooks: all.flatMap((row) => (row.kind === 'webhook' ? [row.value] : [])),
    connections: all.flatMap((row) => (row.kind === 'connection' ? [row.value] : [])),
    tokens: all.flatMap((row) => (row.kind === 'token' ? [row.value] : [])),
    personas: all.flatMap((row) => (row.kind === 'persona' ? [row.value] : [])),
    profile: all.flatMap((row) => (row.kind === 'profile' ? [row.value] : [])),
    reviews: all.flatMap((row) => (row.kind === 'review' ? [row.value] : [])),
  };
}
