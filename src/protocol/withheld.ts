/** Why an app that an event is meant for hears nothing of it: asked when the event is written, and again when it leaves. */

import { assertNever } from './assert.ts';
import type { Event, WithheldReason } from './event.ts';
import { type Field, lackingField } from './fields.ts';
import type { AppId, Psid } from './ids.ts';
import { TRAITS } from './modes.ts';
import { type Channel, connectionOf, type Page, type Platform, reaches } from './page.ts';

export type Withheld = {
  readonly reason: WithheldReason;
  /** The field that is missing, where one is. */
  readonly field: Field | null;
};

/** [C16, R3, W1] Why this app may not hear of this event on this channel; null when it may. */
export function withheldFrom(
  page: Page,
  { app, psid, channel }: { readonly app: AppId; readonly psid: Psid; readonly channel: Channel },
  event: Event,
): Withheld | null {
  const connection = connectionOf(page, app);
  if (connection?.subscribed !== true) return { reason: 'not_connected', field: null };
  const ofPage = event.type === 'primary_receiver_changed';
  if (!ofPage && !reaches(connection, psid)) return { reason: 'no_role', field: null };
  const isShut = channel === 'standby' && TRAITS[page.mode].standbyIsGiven && !connection.standbyAccess;
  if (isShut) return { reason: 'no_standby_access', field: null };
  const lacking = lackingField(connection, fieldsFor(event, channel, page.platform));
  if (lacking === null) return null;
  const reason = lacking.list === 'app' ? 'field_not_subscribed_by_app' : 'field_not_subscribed_on_page';
  return { reason, field: lacking.field };
}

/**
 * [W2] The fields that bring an event. On `standby` that field alone brings acts of the customer; echoes, reads and
 * deliveries need their own too. An Instagram account has no field of its own for echoes: they come with `messages`.
 */
function fieldsFor(event: Event, channel: Channel, platform: Platform): readonly Field[] {
  switch (event.type) {
    case 'act_received':
      return channel === 'standby' ? ['standby'] : [ACT_FIELDS[event.act.kind]];
    case 'messages_read':
      return besides(channel, 'message_reads');
    case 'messages_delivered':
      return besides(channel, 'message_deliveries');
    case 'message_sent':
      return besides(channel, platform === 'instagram' ? 'messages' : 'message_echoes');
    case 'control_changed':
    case 'control_requested':
    case 'metadata_passed':
    case 'primary_receiver_changed':
      return ['messaging_handovers'];
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

const besides = (channel: Channel, field: Field): readonly Field[] =>
  channel === 'standby' ? ['standby', field] : [field];

const ACT_FIELDS = {
  message: 'messages',
  postback: 'messaging_postbacks',
  referral: 'messaging_referrals',
  reaction: 'message_reactions',
  feedback: 'messaging_feedback',
} as const;
