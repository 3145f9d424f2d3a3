/**
 * A configuration as the checks look at it: its pages put together, and everything found by what names it, so that a
 * check costs what there is, and not its square.
 */

import type { AppId, PageId, PersonId } from '../../protocol/ids.ts';
import type { Connection, Page } from '../../protocol/page.ts';
import type { TokenRecord } from '../../store/access.ts';
import {
  type AppRecord,
  type Config,
  type PageRecord,
  type Person,
  snapshotOf,
  type Webhook,
  type WebhookObject,
} from '../../store/config.ts';
import { type Circumstances, named } from './finding.ts';

export type View = Circumstances & {
  readonly config: Config;
  readonly pages: readonly PageView[];
  page(id: PageId): PageView | undefined;
  app(id: AppId): AppRecord | undefined;
  /** The app's name with its id. */
  nameOf(app: AppId): string;
  person(id: PersonId): Person | undefined;
  webhook(app: AppId, object: WebhookObject): Webhook | undefined;
  /** Every callback at an address. */
  webhooksAt(callbackUrl: string): readonly Webhook[];
  tokensOf(app: AppId): readonly TokenRecord[];
  /** The pages on which an app answers first. */
  ledBy(app: AppId): readonly PageView[];
};

export type PageView = {
  readonly record: PageRecord;
  readonly page: Page;
  /** The page's name with its id. */
  readonly name: string;
  /** [C16] The apps that are subscribed and may read messages there. */
  readonly connected: readonly Connection[];
};

export function viewOf(config: Config, circumstances: Circumstances): View {
  const apps = new Map(config.apps.map((app) => [app.id, app]));
  const people = new Map(config.people.map((person) => [person.id, person]));
  const webhooks = Map.groupBy(config.webhooks, ({ app }) => app);
  const addresses = Map.groupBy(config.webhooks, ({ callbackUrl }) => callbackUrl);
  const tokens = Map.groupBy(config.tokens, ({ app }) => app);
  const pages = pageViews(config, { apps, webhooks });
  const byId = new Map(pages.map((each) => [each.record.id, each]));
  // [R10] A default app that has left stays named, and answers nobody.
  const led = pages.filter(({ record, connected }) => connected.some(({ app }) => app === record.lead));
  const leads = Map.groupBy(led, ({ record }) => record.lead);
  return {
    ...circumstances,
    config,
    pages,
    page: (id) => byId.get(id),
    app: (id) => apps.get(id),
    nameOf(id) {
      const app = apps.get(id);
      return app === undefined ? `app ${id}` : named(app);
    },
    person: (id) => people.get(id),
    webhook: (app, object) => webhooks.get(app)?.find((each) => each.object === object),
    webhooksAt: (callbackUrl) => addresses.get(callbackUrl) ?? [],
    tokensOf: (app) => tokens.get(app) ?? [],
    ledBy: (app) => leads.get(app) ?? [],
  };
}

/** Each page is put together of what concerns it. */
function pageViews(
  config: Config,
  {
    apps,
    webhooks,
  }: {
    readonly apps: ReadonlyMap<AppId, AppRecord>;
    readonly webhooks: ReadonlyMap<AppId, readonly Webhook[]>;
  },
): readonly PageView[] {
  const connections = Map.groupBy(config.connections, ({ page }) => page);
  const profile = Map.groupBy(config.profile, ({ page }) => page);
  return config.pages.map((record) => {
    const own = connections.get(record.id) ?? [];
    const page = snapshotOf(
      {
        ...config,
        connections: own,
        apps: own.flatMap(({ app }) => apps.get(app) ?? []),
        webhooks: own.flatMap(({ app }) => webhooks.get(app) ?? []),
        profile: profile.get(record.id) ?? [],
      },
      record,
    );
    const connected = page.connections.filter(({ subscribed }) => subscribed);
    return { record, page, name: named(record), connected };
  });
}
