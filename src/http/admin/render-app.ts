import { lackingSets, type WebhookSet } from '../../protocol/fields.ts';
import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { connectionOf, type Page } from '../../protocol/page.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { secretsOf } from '../../runtime/secrets.ts';
import type { AppRecord } from '../../store/config.ts';

/** [W1] The sets of webhooks that an app lacks on a page. */
function lackingOn(page: Page | null, app: AppId): readonly WebhookSet[] {
  const connection = page === null ? null : connectionOf(page, app);
  return connection === null ? [] : lackingSets(connection);
}

/** An app as the operator sees it: everything but its secrets. Instants in milliseconds. */
export function renderApp({ configuration, clock }: Runtime, app: AppRecord): JsonObject {
  const { connections, reviews } = configuration.current();
  const hasTwo = secretsOf(app, clock.now()).length > 1;
  return {
    id: app.id,
    name: app.name,
    live: app.live,
    advanced_access: app.advancedAccess,
    testers: app.testers,
    roles: app.roles.map(({ person, role }) => ({ person, role })),
    redirect_uris: app.redirectUris,
    previous_secret_until: hasTwo ? (app.previousSecret?.until ?? null) : null,
    pages: connections
      .filter((each) => each.app === app.id)
      .map(({ page, subscribed, permissions }) => ({
        id: page,
        subscribed,
        permissions,
        lacks: lackingOn(configuration.page(page), app.id),
      })),
    reviews: reviews
      .filter((each) => each.app === app.id)
      .map(({ id, feature, note, askedAt, decision }) => ({
        id,
        feature,
        note,
        asked_at: askedAt,
        granted: decision?.granted ?? null,
        reason: decision?.reason ?? null,
        decided_at: decision?.at ?? null,
      })),
  };
}
