/** [W8] An app that keeps failing is warned, and in the end its webhooks are switched off. */

import type { Observer } from '../observe/observer.ts';
import { HOUR_MS } from '../protocol/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory, Endpoint, WebhookHealth } from '../runtime/directory.ts';
import type { Webhook } from '../store/config.ts';
import type { Outlet } from './outlet.ts';

/** Failing for so long without a success, an app's developer is warned. */
export const WARN_AFTER_MS = HOUR_MS / 4;
/** Failing for so long, its webhooks are switched off. */
export const SWITCH_OFF_AFTER_MS = HOUR_MS;

export type Health = {
  /** An attempt has failed. */
  failing(outlet: Outlet, endpoint: Endpoint): Promise<void>;
  /** An attempt has got through after a warning. */
  recovered(outlet: Outlet): void;
};

export type HealthOptions = {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly observer: Observer;
};

export function createHealth({ directory, clock, observer }: HealthOptions): Health {
  async function update(webhook: Webhook, health: Partial<WebhookHealth>): Promise<void> {
    try {
      await directory.update(webhook, health);
    } catch (error) {
      observer.fault('delivery', error);
    }
  }

  return {
    async failing(outlet, { webhook }) {
      const now = clock.now();
      // A warning outlives a restart; the time before it is known from it.
      const warnedSince = webhook.warnedAt === null ? now : webhook.warnedAt - WARN_AFTER_MS;
      const failingMs = now - Math.min(outlet.failingSince ?? now, warnedSince);
      const { app, object } = webhook;
      outlet.isWarned = failingMs >= WARN_AFTER_MS;
      // Nobody is switched off unwarned, however long ago the last attempt was.
      if (failingMs >= SWITCH_OFF_AFTER_MS && webhook.warnedAt !== null) {
        observer.warning('webhooks switched off', { app, object, failingMs });
        await update(webhook, { switchedOffAt: now });
      } else if (outlet.isWarned && webhook.warnedAt === null) {
        observer.warning('webhooks keep failing', { app, object, failingMs });
        await update(webhook, { warnedAt: now });
      }
    },
    recovered(outlet) {
      const webhook = directory.webhooks().find(({ app, object }) => `${app}/${object}` === outlet.name);
      if (webhook === undefined || webhook.warnedAt === null) return;
      directory
        .update(webhook, { warnedAt: null })
        .catch((error: unknown) => observer.fault('delivery', error));
    },
  };
}
