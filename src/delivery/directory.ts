/** What delivery asks of the configuration. */

import type { AppId, PageId } from '../protocol/ids.ts';
import type { Platform } from '../protocol/page.ts';
import { type Config, objectOf, type Webhook } from '../store/config.ts';

export type Endpoint = {
  readonly platform: Platform;
  readonly callbackUrl: string;
  readonly secret: string;
  readonly isVerified: boolean;
};

export type Directory = {
  /** Where an app hears of a page; null when nowhere. */
  endpoint(app: AppId, page: PageId): Endpoint | null;
  /** The callbacks that have not been verified yet. */
  unverified(): readonly Webhook[];
  /** The handshake has succeeded with this address and token. */
  verified(webhook: Webhook): Promise<void>;
};

/** A directory that reads the present configuration. */
export function directoryOf(current: () => Config, verified: Directory['verified']): Directory {
  return {
    endpoint(app, page) {
      const config = current();
      const platform = config.pages.find(({ id }) => id === page)?.platform;
      const secret = config.apps.find(({ id }) => id === app)?.secret;
      if (platform === undefined || secret === undefined) return null;
      const object = objectOf(platform);
      const webhook = config.webhooks.find((each) => each.app === app && each.object === object);
      if (webhook === undefined) return null;
      const { callbackUrl, verifiedAt } = webhook;
      return { platform, callbackUrl, secret, isVerified: verifiedAt !== null };
    },
    unverified: () => current().webhooks.filter(({ verifiedAt }) => verifiedAt === null),
    verified,
  };
}
