/** The configuration as the delivery of webhooks reads it. */

import type { AppId, PageId } from '../protocol/ids.ts';
import type { Page, Platform } from '../protocol/page.ts';
import { keyOf, objectOf, type Webhook } from '../store/config.ts';
import type { Runtime } from './runtime.ts';
import { secretsOf } from './secrets.ts';

/** One callback of one app, and what is needed to speak to it about a page. */
export type Endpoint = {
  /** `app/object` */
  readonly name: string;
  readonly platform: Platform;
  /** Those that are good, the newest first. */
  readonly secrets: readonly [string, ...string[]];
  readonly webhook: Webhook;
};

/** What changes of a callback by itself. */
export type WebhookHealth = Pick<Webhook, 'verifiedAt' | 'warnedAt' | 'switchedOffAt'>;

export type Directory = {
  page(id: PageId): Page | null;
  /** Where an app hears of a page; null when nowhere. */
  endpoint(app: AppId, page: PageId): Endpoint | null;
  /** Every callback. */
  webhooks(): readonly Webhook[];
  /** Changes the health of a callback, if its address and token are still those given. */
  update(webhook: Webhook, health: Partial<WebhookHealth>): Promise<void>;
};

/** @param runtime asked at each call, since delivery is built before it */
export function directoryOf(runtime: () => Runtime): Directory {
  return {
    page: (id) => runtime().configuration.page(id),
    endpoint(app, page) {
      const { configuration, clock } = runtime();
      const platform = configuration.pageRecord(page)?.platform;
      const record = configuration.app(app);
      if (platform === undefined || record === null) return null;
      const name = `${app}/${objectOf(platform)}`;
      const webhook = configuration.webhook(name);
      return webhook === null ? null : { name, platform, secrets: secretsOf(record, clock.now()), webhook };
    },
    webhooks: () => runtime().configuration.current().webhooks,
    update: (webhook, health) =>
      runtime().change((config) => {
        const key = keyOf({ kind: 'webhook', value: webhook });
        const known = config.webhooks.find((value) => keyOf({ kind: 'webhook', value }) === key);
        const { callbackUrl, verifyToken } = webhook;
        if (known?.callbackUrl !== callbackUrl || known.verifyToken !== verifyToken) return { put: [] };
        return { put: [{ kind: 'webhook', value: { ...known, ...health } }] };
      }),
  };
}
