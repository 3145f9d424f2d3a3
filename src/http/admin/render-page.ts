/** Pages as the operator sees them. */

import type { JsonObject } from '../../protocol/message.ts';
import { type EntryPoint, inboxOf } from '../../protocol/page.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ConnectionRecord, PageRecord } from '../../store/config.ts';

/** A page in a list. */
export function summarizePage({ configuration }: Runtime, page: PageRecord): JsonObject {
  const connections = configuration.page(page.id)?.connections ?? [];
  return {
    id: page.id,
    name: page.name,
    platform: page.platform,
    mode: page.mode,
    ...leadIn(page),
    apps: connections.filter(({ subscribed }) => subscribed).length,
    people: page.people.length,
    entry_points: page.entryPoints.length,
  };
}

/** A page with everything that was said of it. */
export function renderPage({ configuration }: Runtime, page: PageRecord): JsonObject {
  const { connections, people, profile } = configuration.current();
  return {
    id: page.id,
    name: page.name,
    platform: page.platform,
    mode: page.mode,
    ...leadIn(page),
    inbox: inboxOf(page),
    idle_channel: page.idleChannel === 'messages' ? 'messaging' : page.idleChannel,
    retention_days: page.retentionDays,
    people: page.people.map(({ person, tasks }) => ({
      person,
      name: people.find(({ id }) => id === person)?.name ?? '',
      tasks,
    })),
    apps: connections
      .filter((each) => each.page === page.id)
      .map((each) => ({
        id: each.app,
        name: configuration.app(each.app)?.name ?? '',
        ...renderConnection(each),
      })),
    entry_points: page.entryPoints.map(renderEntryPoint),
    profile: profile.filter((each) => each.page === page.id).map(({ part, app }) => ({ part, app })),
  };
}

/** [P1, R1] Who answers first, under the name that it has in the page's mode; in the other one it is null. */
const leadIn = ({ mode, lead, platform }: PageRecord): JsonObject => ({
  primary_receiver: mode === 'handover' ? lead : null,
  default_app: mode === 'handover' ? null : (lead ?? inboxOf({ platform })),
});

/** What an app's subscription to a page is. */
export const renderConnection = (record: ConnectionRecord): JsonObject => ({
  subscribed: record.subscribed,
  subscribed_fields: record.fields,
  permissions: record.permissions,
  take_control: record.takeControl,
  standby_access: record.standbyAccess,
});

export const renderEntryPoint = ({ source, key, app, days }: EntryPoint): JsonObject => ({
  ...(source === 'ADS' ? { ad_id: key } : { ref: key }),
  app,
  expiration_days: days,
});
