/** The configuration's tables taken together, and the version that covers them all. */

import type { DatabaseSync } from 'node:sqlite';
import type { PageId } from '../../../protocol/ids.ts';
import type { Config, ConfigKind, ConfigRow } from '../../config.ts';
import type { ConfigChange } from '../../port.ts';
import type { Vault } from '../../vault.ts';
import { atOneInstant, query } from '../database.ts';
import { createApps } from './apps.ts';
import { createConnections } from './connections.ts';
import { createPages } from './pages.ts';
import { createPeople } from './people.ts';
import { createPersonas } from './personas.ts';
import { createProfile } from './profile.ts';
import { createReviews } from './reviews.ts';
import type { ConfigTable } from './table.ts';
import { createTokens } from './tokens.ts';
import { createWebhooks } from './webhooks.ts';

/** The stored configuration. */
export type Configuration = {
  /** Everything, as of one version. */
  read(): Config;
  version(): number;
  pageVersion(page: PageId): number | null;
  /** Page versions are remembered: this forgets them. */
  forget(): void;
  /** Writes rows and versions and answers the new version. Must run inside a transaction. */
  write(change: Pick<ConfigChange, 'put' | 'remove' | 'pages'>): number;
};

type Tables = {
  readonly [Kind in ConfigKind]: ConfigTable<Extract<ConfigRow, { readonly kind: Kind }>['value']>;
};

export function createConfiguration(db: DatabaseSync, vault: Vault): Configuration {
  const version = query<{ version: number }>(db, 'SELECT version FROM configuration');
  const setVersion = db.prepare('UPDATE configuration SET version = ?');
  const pages = createPages(db);
  const tables: Tables = {
    person: createPeople(db),
    page: pages,
    app: createApps(db, vault),
    webhook: createWebhooks(db, vault),
    connection: createConnections(db),
    token: createTokens(db),
    persona: createPersonas(db),
    profile: createProfile(db),
    review: createReviews(db),
  };
  const versions = new Map<PageId, number>();
  const current = (): number => version.get()?.version ?? 0;
  return {
    read: () => atOneInstant(db, () => readAll(tables, current())),
    version: current,
    pageVersion(page) {
      const known = versions.get(page);
      if (known !== undefined) return known;
      const found = pages.version(page);
      if (found !== null) versions.set(page, found);
      return found;
    },
    forget: () => versions.clear(),
    write(change) {
      const next = current() + 1;
      for (const { kind, key } of change.remove) tables[kind].remove(key);
      for (const row of change.put) putRow(tables, row, next);
      for (const page of change.pages) pages.setVersion(page, next);
      setVersion.run(next);
      versions.clear();
      return next;
    },
  };
}

const readAll = (tables: Tables, version: number): Config => ({
  version,
  people: tables.person.all(),
  pages: tables.page.all(),
  apps: tables.app.all(),
  webhooks: tables.webhook.all(),
  connections: tables.connection.all(),
  tokens: tables.token.all(),
  personas: tables.persona.all(),
  profile: tables.profile.all(),
  reviews: tables.review.all(),
});

/** @param version the new one, which a page that is put bears from now on */
function putRow(tables: Tables, row: ConfigRow, version: number): void {
  // The table of a row's kind takes its value; the type can say so only of all kinds together.
  const table: ConfigTable<ConfigRow['value']> = tables[row.kind];
  table.put(row.kind === 'page' ? { ...row.value, version } : row.value);
}
