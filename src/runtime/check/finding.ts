/**
 * Findings: what a configuration will do that nobody can want, each with a code that stays. The manual's
 * `docs/reference/check.md` is tested against the table.
 */

import type { AppId, PageId, PersonId } from '../../protocol/ids.ts';
import type { Instant } from '../../protocol/time.ts';
import type { WebhookObject } from '../../store/config.ts';

/** `error`: something does not work. `warning`: something will be missed. `note`: it may be meant so. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Every finding, by its code. */
export const FINDINGS = {
  // Of a page
  lead_not_connected: 'error',
  lead_reaches_testers_only: 'error',
  no_primary_receiver: 'warning',
  many_may_answer: 'warning',
  inbox_unattended: 'warning',
  nobody_may_send: 'error',
  nobody_may_moderate: 'warning',
  entry_point_not_connected: 'error',
  profile_hidden: 'warning',
  page_without_apps: 'note',

  // Of an app on a page
  messaging_not_permitted: 'error',
  app_reaches_nobody: 'error',
  app_in_development: 'warning',
  app_without_access: 'warning',
  messages_not_subscribed: 'error',
  waiting_not_heard: 'error',
  standby_not_subscribed: 'warning',
  handovers_not_subscribed: 'warning',
  postbacks_not_subscribed: 'warning',
  referrals_not_subscribed: 'warning',
  callback_missing: 'error',
  app_on_no_page: 'note',

  // Of a callback
  callback_not_verified: 'error',
  callback_refused: 'error',
  callback_in_clear: 'warning',
  callback_shared: 'warning',
  webhooks_switched_off: 'error',
  webhooks_failing: 'warning',
  breaker_open: 'warning',

  // Of tokens
  app_without_token: 'warning',
  token_without_task: 'warning',
  token_without_moderate: 'note',
  tokens_end: 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof FINDINGS;

/** What a finding is about. */
export type About = {
  readonly page?: PageId;
  readonly app?: AppId;
  readonly person?: PersonId;
  readonly object?: WebhookObject;
};

export type Finding = About & {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What goes wrong, in a sentence for people; no customer's words, no secret. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
};

/** What a configuration does not say of itself. */
export type Circumstances = {
  readonly now: Instant;
  readonly sandbox: boolean;
  /** Whether webhooks may be sent to an address, IPv4 or IPv6 in text. */
  readonly mayDial: (address: string) => boolean;
  /** The callbacks, as `app/object`, whose breaker is open; none where no server runs. */
  readonly openBreakers: ReadonlySet<string>;
};

export const found = (
  code: FindingCode,
  about: About,
  { message, remedy }: Pick<Finding, 'message' | 'remedy'>,
): Finding => ({ code, severity: FINDINGS[code], ...about, message, remedy });

/** As people are told of something that has a name. */
export const named = ({ name, id }: { readonly name: string; readonly id: string }): string =>
  `${name} (${id})`;
