/**
 * Who is told of an event, on which channel, and who is not and why. Settled when the event is written, so that it
 * does not matter when the webhook leaves (W5).
 */

import { assertNever } from './assert.ts';
import type { Addressed, ControlChanged, Event } from './event.ts';
import { type AppId, isInbox, type Psid } from './ids.ts';
import { type Channel, connectionOf, leadFor, type Page, reaches } from './page.ts';
import type { Thread } from './thread.ts';
import { withheldFrom } from './withheld.ts';

/** Someone the event is meant for. */
type Addressee = { readonly app: AppId; readonly channel: Channel };

/**
 * [W2, W3, W4, W5, W9] The audience of an event.
 * @param thread the thread after the event
 */
export function audience(page: Page, thread: Thread, event: Event): readonly Addressed[] {
  return addressees(page, thread, event)
    .filter(({ app }) => !isInbox(app))
    .map(({ app, channel }): Addressed => {
      const withheld = withheldFrom(page, { app, psid: thread.psid, channel }, event);
      if (withheld !== null) return { app, channel, outcome: { told: false, ...withheld } };
      const laneSeq = (thread.lanes[app] ?? 0) + 1;
      const missed = connectionOf(page, app)?.switchedOff === true;
      return { app, channel, outcome: missed ? { told: true, laneSeq, missed } : { told: true, laneSeq } };
    });
}

function addressees(page: Page, thread: Thread, event: Event): readonly Addressee[] {
  switch (event.type) {
    case 'control_changed':
      return onMessages([event.previous, event.next].filter((app) => controlNotice(event, app) !== null));
    case 'control_requested': {
      const owner = thread.lease?.owner ?? null;
      const lead = leadFor(page, thread.psid);
      return onMessages(lead === owner || lead === event.app ? [owner] : [owner, lead]);
    }
    case 'metadata_passed':
      return onMessages([event.target]);
    case 'primary_receiver_changed':
      return onMessages([event.previous, event.next]);
    case 'act_received':
      // [S3] A survey is answered to the app that sent it, and to nobody else.
      return event.act.kind === 'feedback' ? onMessages([event.act.maker]) : ownerAndOthers(page, thread);
    case 'messages_read':
    case 'messages_delivered':
      return ownerAndOthers(page, thread);
    case 'message_sent': {
      const echoed: readonly (AppId | null)[] = [event.app, thread.lease?.owner ?? null];
      return page.connections.map(({ app }) => ({
        app,
        channel: echoed.includes(app) ? 'messages' : 'standby',
      }));
    }
    case 'request_dropped':
    case 'lease_extended':
    case 'term_started':
    case 'filed':
    case 'survey_held':
    case 'survey_dropped':
    case 'menu_changed':
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

const onMessages = (apps: readonly (AppId | null)[]): readonly Addressee[] =>
  apps.filter((app): app is AppId => app !== null).map((app) => ({ app, channel: 'messages' }));

/** [W2, W4] The owner on `messages`, everyone else on `standby`; on an idle thread everyone on the page's idle channel. */
function ownerAndOthers(page: Page, thread: Thread): readonly Addressee[] {
  const lease = thread.lease;
  const others = lease === null ? idleChannelOf(page, thread.psid) : 'standby';
  return page.connections.map(({ app }) => ({ app, channel: app === lease?.owner ? 'messages' : others }));
}

/** [W4] The channel of an idle thread: what the page has set, else `messages` where a single app is connected. */
function idleChannelOf(page: Page, psid: Psid): Channel {
  if (page.idleChannel !== null) return page.idleChannel;
  const connected = page.connections.filter((each) => each.subscribed && reaches(each, psid));
  return connected.length === 1 ? 'messages' : 'standby';
}
