/** [W2, W3, W5, W9] What an app is told of an event, as the body of one POST: one event, one entry (CLIENTS 1.3). */

import { assertNever } from '../protocol/assert.ts';
import { controlNotice } from '../protocol/audience.ts';
import { isBlank } from '../protocol/blank.ts';
import type { Addressed, ControlChanged, Event, Recorded } from '../protocol/event.ts';
import type { AppId, PageId, Psid } from '../protocol/ids.ts';
import type { Act, JsonObject, Outgoing, Referral } from '../protocol/message.ts';
import type { Channel, Platform } from '../protocol/page.ts';
import { attachmentWithoutPayloads } from './payloads.ts';

/** One event on its way to one app. */
export type NoticeInput = {
  readonly page: { readonly id: PageId; readonly platform: Platform };
  readonly app: AppId;
  readonly psid: Psid;
  readonly recorded: Recorded;
};

/** The body of the POST; null when the app is not told of this event. */
export function renderNotice(input: NoticeInput): JsonObject | null {
  const { page, app, recorded } = input;
  const addressed = recorded.audience.find((each) => each.app === app);
  if (addressed?.outcome.told !== true) return null;
  const part = renderPart(recorded, addressed, page.platform);
  if (part === null) return null;
  const { timestamp, seq, epoch } = recorded;
  const item: JsonObject = {
    ...partiesOf(input),
    timestamp,
    thread_seq: seq,
    control_epoch: epoch,
    lane_seq: addressed.outcome.laneSeq,
    ...part,
  };
  const list = addressed.channel === 'standby' ? 'standby' : 'messaging';
  return {
    object: page.platform === 'instagram' ? 'instagram' : 'page',
    entry: [{ id: page.id, time: timestamp, [list]: [item] }],
  };
}

/** Events come from the customer to the page; an echo goes the other way, and a page's own event has no sender. */
function partiesOf({ page, psid, recorded }: NoticeInput): JsonObject {
  const { type } = recorded.event;
  if (type === 'primary_receiver_changed') return { recipient: { id: page.id } };
  const [sender, recipient] = type === 'message_sent' ? [page.id, psid] : [psid, page.id];
  return { sender: { id: sender }, recipient: { id: recipient } };
}

function renderPart(
  { event, timestamp }: Recorded,
  { app, channel }: Addressed,
  platform: Platform,
): JsonObject | null {
  if (isBlank(event)) return null;
  switch (event.type) {
    case 'act_received':
      return renderAct(event.act, channel);
    case 'messages_read':
      // An Instagram account tells of a message, a Page of an instant.
      return platform === 'instagram' && event.mid !== null
        ? { read: { mid: event.mid } }
        : { read: { watermark: timestamp } };
    case 'messages_delivered': {
      const mids = event.mid === null ? {} : { mids: [event.mid] };
      return { delivery: { ...mids, watermark: timestamp } };
    }
    case 'message_sent':
      return { message: renderEcho(event.app, event.message, app) };
    case 'control_changed':
      return renderControl(event, app);
    case 'control_requested': {
      const request = { requested_owner_app_id: appIdOnWire(event.app), metadata: event.metadata };
      return { request_thread_control: request };
    }
    case 'metadata_passed':
      return {
        pass_thread_metadata: {
          sender_app_id: appIdOnWire(event.app),
          target_app_id: appIdOnWire(event.target),
          metadata: event.metadata,
        },
      };
    case 'primary_receiver_changed':
      return renderRole(event, app);
    case 'request_dropped':
    case 'lease_extended':
    case 'term_started':
    case 'filed':
    case 'survey_held':
    case 'survey_dropped':
    case 'menu_changed':
    case 'customer_introduced':
      return null;
    default:
      return assertNever(event);
  }
}

/** [W3] Several clients work with numbers only; an id that a number cannot hold stays text. */
export function appIdOnWire(app: AppId): number | string {
  const number = Number(app);
  return Number.isSafeInteger(number) && String(number) === app ? number : app;
}

function renderControl(event: ControlChanged, app: AppId): JsonObject | null {
  const notice = controlNotice(event, app);
  if (notice === null) return null;
  const change: JsonObject = {
    previous_owner_app_id: event.previous === null ? null : appIdOnWire(event.previous),
    new_owner_app_id: event.next === null ? null : appIdOnWire(event.next),
    metadata: event.metadata,
  };
  return { [`${notice}_thread_control`]: change };
}

/** [P6] */
function renderRole(
  { previous, next }: Extract<Event, { type: 'primary_receiver_changed' }>,
  app: AppId,
): JsonObject | null {
  if (app !== next && app !== previous) return null;
  return { app_roles: { [app]: [app === next ? 'primary_receiver' : 'secondary_receiver'] } };
}

function renderAct(act: Act, channel: Channel): JsonObject {
  switch (act.kind) {
    case 'message':
      return {
        message: {
          mid: act.mid,
          ...(act.text === null ? {} : { text: act.text }),
          ...(act.quickReplyPayload === null ? {} : { quick_reply: { payload: act.quickReplyPayload } }),
          ...(act.attachments.length === 0 ? {} : { attachments: act.attachments }),
          ...referralPart(act.referral),
        },
      };
    case 'postback':
      return {
        postback: {
          mid: act.mid,
          title: act.title,
          // [W2, B2, B3, C15] Only who has control by it may read it: the maker, or the app of the referral.
          ...(channel === 'standby' || act.payload === null ? {} : { payload: act.payload }),
          ...referralPart(act.referral),
        },
      };
    case 'referral':
      return referralPart(act.referral);
    case 'reaction': {
      const { mid, action, reaction, emoji } = act;
      const sign = { ...(reaction === null ? {} : { reaction }), ...(emoji === null ? {} : { emoji }) };
      return { reaction: { mid, action, ...sign } };
    }
    case 'feedback':
      return { messaging_feedback: { feedback_screens: act.screens } };
  }
}

function referralPart(referral: Referral | null): JsonObject {
  if (referral === null) return {};
  const { source, type, adId, ref } = referral;
  return {
    referral: {
      source,
      type,
      ...(adId === null ? {} : { ad_id: adId }),
      ...(ref === null ? {} : { ref }),
    },
  };
}

/** [W5] @param reader who is told */
function renderEcho(app: AppId, { mid, text, attachment, metadata }: Outgoing, reader: AppId): JsonObject {
  const shown = attachment === null || app === reader ? attachment : attachmentWithoutPayloads(attachment);
  return {
    is_echo: true,
    app_id: appIdOnWire(app),
    ...(metadata === null ? {} : { metadata }),
    mid,
    ...(text === null ? {} : { text }),
    ...(shown === null ? {} : { attachments: [shown] }),
  };
}

/** Several webhooks of one app, page and channel as one: their entries in order. */
export function mergeNotices(bodies: readonly JsonObject[]): JsonObject {
  const [first] = bodies;
  if (first === undefined) throw new Error('there is nothing to merge');
  if (bodies.length === 1) return first;
  return { ...first, entry: bodies.flatMap(({ entry }) => (Array.isArray(entry) ? entry : [])) };
}
