/**
 * The configuration in memory: read once, written through. A change is planned on the current version and written
 * only if that is still the current one; pages are handed out as snapshots.
 */

import type { AppId, PageId } from '../protocol/ids.ts';
import type { Page } from '../protocol/page.ts';
import type { TokenRecord } from '../store/access.ts';
import {
  type AppRecord,
  type Config,
  keyOf,
  type PageRecord,
  type Persona,
  snapshotOf,
  type Webhook,
} from '../store/config.ts';
import { ERA_SETTING } from '../store/era.ts';
import type { ConfigChange, Store } from '../store/port.ts';
import { Overloaded } from './overloaded.ts';

/** How often a change is planned anew before it is given up as a fault. */
export const MAX_CHANGE_TRIES = 50;
/** Most changes that wait for their turn. */
export const MAX_WAITING_CHANGES = 1_000;

export type Configuration = {
  /** Of the store: what is written bears it. */
  readonly era: string | null;
  current(): Config;
  /** The rules' view of a page; the same object until the page changes. */
  page(id: PageId): Page | null;
  pageRecord(id: PageId): PageRecord | null;
  app(id: AppId): AppRecord | null;
  /** @param key as `keyOf` names a webhook */
  webhook(key: string): Webhook | null;
  persona(id: string): Persona | null;
  /** @param hash as `TokenRecord.hash` */
  token(hash: string): TokenRecord | null;
  /** Reads it anew from the store, unless it is newer already than the version that turned out to be stale. */
  renew(staleVersion: number): Promise<void>;
  /**
   * Makes a change: `plan` is asked again for as long as others change the configuration meanwhile.
   * Null from `plan`: nothing to change. `written` is told once the change stands, even if it cannot be read back.
   */
  change(
    plan: (config: Config) => Promise<ConfigChange | null>,
    written: (change: ConfigChange) => void,
  ): Promise<void>;
};

type Indexed = {
  readonly config: Config;
  readonly pages: ReadonlyMap<PageId, PageRecord>;
  readonly apps: ReadonlyMap<AppId, AppRecord>;
  readonly tokens: ReadonlyMap<string, TokenRecord>;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  readonly personas: ReadonlyMap<string, Persona>;
};

export async function openConfiguration(store: Store): Promise<Configuration> {
  let indexed = indexOf(await store.config());
  const era = await store.setting(ERA_SETTING);
  const snapshots = new Map<PageId, Page>();
  let changing: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** One reading at a time, shared by all who need it. */
  let reading: Promise<void> | null = null;
  function refresh(): Promise<void> {
    reading ??= store.config().then((config) => {
      if (config.version >= indexed.config.version) indexed = indexOf(config);
    });
    reading = reading.finally(() => {
      reading = null;
    });
    return reading;
  }

  async function write(
    plan: (config: Config) => Promise<ConfigChange | null>,
    written: (change: ConfigChange) => void,
  ): Promise<void> {
    for (let tries = 1; tries <= MAX_CHANGE_TRIES; tries++) {
      const change = await plan(indexed.config);
      if (change === null) return;
      const version = await store.changeConfig(change);
      if (version === null) {
        await refresh();
        continue;
      }
      try {
        while (indexed.config.version < version) await refresh();
      } finally {
        written(change);
      }
      return;
    }
    throw new Error(`a change of the configuration was overtaken ${MAX_CHANGE_TRIES} times`);
  }

  return {
    era,
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
    pageRecord: (id) => indexed.pages.get(id) ?? null,
    app: (id) => indexed.apps.get(id) ?? null,
    webhook: (key) => indexed.webhooks.get(key) ?? null,
    persona: (id) => indexed.personas.get(id) ?? null,
    token: (hash) => indexed.tokens.get(hash) ?? null,
    async renew(staleVersion) {
      if (indexed.config.version <= staleVersion) await refresh();
    },
    change(plan, written) {
      if (waiting >= MAX_WAITING_CHANGES)
        return Promise.reject(new Overloaded('changes of the configuration'));
      waiting += 1;
      const result = changing.then(() => write(plan, written));
      changing = result
        .catch(() => undefined)
        .then(() => {
          waiting -= 1;
        });
      return result;
    },
  };
}

const indexOf = (config: Config): Indexed => ({
  config,
  pages: new Map(config.pages.map((page) => [page.id, page])),
  apps: new Map(config.apps.map((app) => [app.id, app])),
  tokens: new Map(config.tokens.map((token) => [token.hash, token])),
  webhooks: new Map(config.webhooks.map((value) => [keyOf({ kind: 'webhook', value }), value])),
  personas: new Map(config.personas.map((persona) => [persona.id, persona])),
});
