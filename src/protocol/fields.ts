/** [W1] Subscription fields: what an app can choose to hear of. */

import type { Connection, Platform } from './page.ts';

/** A field for which something is sent, in the spelling of a Page. */
export type Field =
  | 'messages'
  | 'messaging_postbacks'
  | 'messaging_referrals'
  | 'message_echoes'
  | 'message_reads'
  | 'message_deliveries'
  | 'message_reactions'
  | 'messaging_feedback'
  | 'messaging_handovers'
  | 'standby';

/** Other spellings that subscribe to the same field, on both platforms. */
const SPELLINGS: Readonly<Record<string, Field>> = {
  messaging_handover: 'messaging_handovers',
  messaging_referral: 'messaging_referrals',
  messaging_seen: 'message_reads',
};

/** Every name that a subscription may hold (WIRE 2.4); those that nothing is sent for are accepted and never heard of. */
export const FIELDS: ReadonlySet<string> = new Set(
  `messages messaging_postbacks messaging_referrals messaging_referral messaging_handovers messaging_handover standby
  message_echoes message_deliveries message_reads messaging_seen message_reactions message_edits message_edit
  message_mention message_context messaging_account_linking messaging_appointments messaging_checkout_updates
  messaging_customer_information messaging_direct_sends messaging_fblogin_account_linking messaging_feedback
  messaging_game_plays messaging_in_thread_lead_form_submit messaging_integrity messaging_optins messaging_optouts
  messaging_payments messaging_policy_enforcement messaging_pre_checkouts response_feedback send_cart inbox_labels
  feature_access_list calls feed mention name picture category description conversations leadgen ratings videos
  live_videos comments live_comments mentions story_insights`.split(/\s+/),
);

/** Names that only an Instagram account has. */
const INSTAGRAM_ONLY: ReadonlySet<string> = new Set([
  'comments',
  'live_comments',
  'mentions',
  'story_insights',
]);

/** Whether a subscription of accounts of this platform may hold this name. */
export const isFieldOf = (platform: Platform, name: string): boolean =>
  FIELDS.has(name) && (platform === 'instagram' || !INSTAGRAM_ONLY.has(name));

/** Whether a list of fields, as the app spelled them, names this one. */
export const namesField = (list: readonly string[], field: Field): boolean =>
  list.some((spelled) => spelled === field || SPELLINGS[spelled] === field);

/** The field that an app lacks to be told, and in which of its two lists; null when it lacks none. */
export function lackingField(
  { appFields, pageFields }: Connection,
  fields: readonly Field[],
): { readonly field: Field; readonly list: 'app' | 'page' } | null {
  for (const field of fields) {
    if (!namesField(appFields, field)) return { field, list: 'app' };
    if (!namesField(pageFields, field)) return { field, list: 'page' };
  }
  return null;
}

/** One of the two sets of webhooks that an app needs for its part in the protocol. */
export type WebhookSet = 'messaging' | 'handover';

/** [W1] The sets of which a subscribed app hears nothing, or not everything; empty for one that is all right. */
export function lackingSets(connection: Connection): readonly WebhookSet[] {
  if (!connection.subscribed) return [];
  const lacksMessaging = lackingField(connection, ['messages']) !== null;
  const lacksHandover = lackingField(connection, ['standby', 'messaging_handovers']) !== null;
  return [
    ...(lacksMessaging ? (['messaging'] as const) : []),
    ...(lacksHandover ? (['handover'] as const) : []),
  ];
}

/** Everything that is worth hearing for an app that does not choose. */
export const EVERY_FIELD: readonly Field[] = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_handovers',
  'message_echoes',
  'message_reads',
  'message_deliveries',
  'message_reactions',
  'messaging_feedback',
  'standby',
];
