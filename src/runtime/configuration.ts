/**
 * The configuration in memory: read once, written through. A change is planned on the current version and written
 * only if that is still the current one; pages are handed out as snapshots.
 */

import type { AppId, PageId } from '../protocol/ids.ts';
import type { Page } from '../protocol/page.ts';
import {
  type AppRecord,
  type Config,
  type PageRecord,
  snapshotOf,
  type TokenRecord,
} from '../store/config.ts';
import type { ConfigChange, Store } from '../store/port.ts';

export type Configuration = {
  current(): Config;
  /** The rules' view of a page; the same object until the page changes. */
  page(id: PageId): Page | null;
  app(id: AppId): AppRecord | null;
  /** @param hash as `TokenRecord.hash` */
  token(hash: string): TokenRecord | null;
  /** Reads it anew from the store. */
  refresh(): Promise<void>;
  /**
   * Makes a change: `plan` is asked again for as long as others change the configuration meanwhile.
   * Null from `plan`: nothing to change. Answers what was written.
   */
  change(plan: (config: Config) => Promise<ConfigChange | null>): Promise<ConfigChange | null>;
};

type Indexed = {
  readonly config: Config;
  readonly pages: ReadonlyMap<PageId, PageRecord>;
  readonly apps: ReadonlyMap<AppId, AppRecord>;
  readonly tokens: ReadonlyMap<string, TokenRecord>;
};

export async function openConfiguration(store: Store): Promise<Configuration> {
  let indexed = indexOf(await store.config());
  const snapshots = new Map<PageId, Page>();
  let changing: Promise<unknown> = Promise.resolve();

  async function refresh(): Promise<void> {
    const config = await store.config();
    if (config.version >= indexed.config.version) indexed = indexOf(config);
  }

  async function write(plan: (config: Config) => Promise<ConfigChange | null>): Promise<ConfigChange | null> {
    for (;;) {
      const change = await plan(indexed.config);
      if (change === null) return null;
      const version = await store.changeConfig(change);
      await refresh();
      if (version !== null) return change;
    }
  }

  return {
    current: () => indexed.config,
    page(id) {
      const record = indexed.pages.get(id);
      if (record === undefined) return null;
      const known = snapshots.get(id);
      if (known?.version === record.version) return known;
      const page = snapshotOf(indexed.config, record);
      snapshots.set(id, page);
      return page;
    },
    app: (id) => indexed.apps.get(id) ?? null,
    token: (hash) => indexed.tokens.get(hash) ?? null,
    refresh,
    change(plan) {
      const result = changing.then(() => write(plan));
      changing = result.catch(() => undefined);
      return result;
    },
  };
}

const indexOf = (config: Config): Indexed => ({
  config,
  pages: new Map(config.pages.map((page) => [page.id, page])),
  apps: new Map(config.apps.map((app) => [app.id, app])),
  tokens: new Map(config.tokens.map((token) => [token.hash, token])),
});
