/**
 * Who is told of an event, on which channel, and who is not and why. Settled when the event is written, so that it
 * does not matter when the webhook leaves (W5).
 */

import { assertNever } from './assert.ts';
import type { Addressed, ControlChanged, Event, WithheldReason } from './event.ts';
import { type AppId, isInbox, type Psid } from './ids.ts';
import type { Act } from './message.ts';
import { type Channel, type Connection, connectionOf, type Page, primaryFor, reaches } from './page.ts';
import type { Thread } from './thread.ts';

/** A subscription field, in the spelling of a Page. */
type Field =
  | 'messages'
  | 'messaging_postbacks'
  | 'messaging_referrals'
  | 'message_echoes'
  | 'message_reads'
  | 'messaging_handovers'
  | 'standby';

/** [W1] Other spellings that subscribe to the same field, on both platforms. */
const SPELLINGS: Readonly<Record<string, Field>> = {
  messaging_handover: 'messaging_handovers',
  messaging_referral: 'messaging_referrals',
  messaging_seen: 'message_reads',
};

/** Someone the event is meant for, and the fields that both of its lists must name. */
type Addressee = { readonly app: AppId; readonly channel: Channel; readonly fields: readonly Field[] };

/**
 * [W2, W3, W4, W5, W9] The audience of an event.
 * @param thread the thread after the event
 */
export function audience(page: Page, thread: Thread, event: Event): readonly Addressed[] {
  return addressees(page, thread, event)
    .filter(({ app }) => !isInbox(app))
    .map(({ app, channel, fields }): Addressed => {
      const withheld = withheldFrom(connectionOf(page, app), thread.psid, event, fields);
      if (withheld !== null) return { app, channel, outcome: { told: false, ...withheld } };
      return { app, channel, outcome: { told: true, laneSeq: (thread.lanes[app] ?? 0) + 1 } };
    });
}

function addressees(page: Page, thread: Thread, event: Event): readonly Addressee[] {
  switch (event.type) {
    case 'control_changed':
      return handover([event.previous, event.next].filter((app) => controlNotice(event, app) !== null));
    case 'control_requested': {
      const owner = thread.lease?.owner ?? null;
      const primary = primaryFor(page, thread.psid);
      return handover(primary === owner || primary === event.app ? [owner] : [owner, primary]);
    }
    case 'metadata_passed':
      return handover([event.target]);
    case 'primary_receiver_changed':
      return handover([event.previous, event.next]);
    case 'act_received':
      return ownerAndOthers(page, thread, [actField(event.act)], ['standby']);
    case 'messages_read':
      return ownerAndOthers(page, thread, ['message_reads'], ['standby', 'message_reads']);
    case 'message_sent': {
      const echoed: readonly (AppId | null)[] = [event.app, thread.lease?.owner ?? null];
      return page.connections.map(({ app }) =>
        echoed.includes(app)
          ? { app, channel: 'messages', fields: ['message_echoes'] }
          : { app, channel: 'standby', fields: ['standby', 'message_echoes'] },
      );
    }
    case 'request_dropped':
    case 'lease_extended':
    case 'term_started':
    case 'filed':
    case 'customer_introduced':
      return [];
    default:
      return assertNever(event);
  }
}

/**
 * [W9] Which handover webhook an app gets of a change of control: `pass_thread_control` for the new owner of a pass,
 * a granted request, X4 and X5; `take_thread_control` for one that lost control by another's act; else null.
 */
export function controlNotice(event: ControlChanged, app: AppId | null): 'pass' | 'take' | null {
  if (app === null) return null;
  if (app === event.next) {
    return event.cause === 'pass' || event.cause === 'request' || event.cause === 'inbox' ? 'pass' : null;
  }
  const byItself = event.actor === app || event.cause === 'expiry' || event.cause === 'disconnected';
  return app === event.previous && !byItself ? 'take' : null;
}

const handover = (apps: readonly (AppId | null)[]): readonly Addressee[] =>
  apps
    .filter((app): app is AppId => app !== null)
    .map((app) => ({ app, channel: 'messages', fields: ['messaging_handovers'] }));

/** [W2, W4] The owner on `messages`, everyone else on `standby`; on an idle thread everyone on the page's idle channel. */
function ownerAndOthers(
  page: Page,
  thread: Thread,
  owner: readonly Field[],
  others: readonly Field[],
): readonly Addressee[] {
  const lease = thread.lease;
  return page.connections.map(({ app }) => {
    const channel =
      lease === null ? idleChannelOf(page, thread.psid) : lease.owner === app ? 'messages' : 'standby';
    return { app, channel, fields: channel === 'messages' ? owner : others };
  });
}

/** [W4] The channel of an idle thread: what the page has set, else `messages` where a single app is connected. */
export function idleChannelOf(page: Page, psid: Psid): Channel {
  if (page.idleChannel !== null) return page.idleChannel;
  const connected = page.connections.filter((each) => each.subscribed && reaches(each, psid));
  return connected.length === 1 ? 'messages' : 'standby';
}

function actField(act: Act): Field {
  switch (act.kind) {
    case 'message':
      return 'messages';
    case 'postback':
      return 'messaging_postbacks';
    case 'referral':
      return 'messaging_referrals';
  }
}

function withheldFrom(
  connection: Connection | null,
  psid: Psid,
  event: Event,
  fields: readonly Field[],
): { readonly reason: WithheldReason; readonly field: string | null } | null {
  if (connection?.subscribed !== true) return { reason: 'not_connected', field: null };
  const ofPage = event.type === 'primary_receiver_changed';
  if (!ofPage && !reaches(connection, psid)) return { reason: 'no_role', field: null };
  for (const field of fields) {
    if (!names(connection.appFields, field)) return { reason: 'field_not_subscribed_by_app', field };
    if (!names(connection.pageFields, field)) return { reason: 'field_not_subscribed_on_page', field };
  }
  return null;
}

const names = (list: readonly string[], field: Field): boolean =>
  list.some((spelled) => spelled === field || SPELLINGS[spelled] === field);
