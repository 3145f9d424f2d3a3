/**
 * Who may do what: **one table**, mode × call × standing of the caller × (idle, owned). Everything that depends on
 * who the caller is stands here; the manual's table is drawn from it, and a refusal's advice is read from it.
 */

import { type AppId, isInbox, type Psid } from './ids.ts';
import { type Mode, type Page, primaryFor } from './page.ts';
import type { RefusalReason } from './refusal.ts';

/**
 * The caller's relation to a thread. On an owned one the owner is `owner` whatever else it is; on an idle one nobody
 * is.
 */
export type Standing = 'owner' | 'primary' | 'other' | 'inbox';

export const STANDINGS: readonly Standing[] = ['owner', 'primary', 'other', 'inbox'];

/** Everything that a caller can be refused for what it is. */
export type CallName =
  | 'send'
  | 'pass'
  | 'take'
  | 'request'
  | 'release'
  | 'extend'
  | 'pass_metadata'
  | 'thread_owner'
  | 'thread_requests';

/** [P7] The same for what concerns a page and none of its threads. */
export type PageCallName = 'secondary_receivers';

/** The caller's relation to a page. */
export type PageStanding = 'primary' | 'other';

/**
 * `yes`: allowed. `human_agent`: allowed with the Human Agent feature and the tag, else `controlled_by_another` (H1,
 * H3). Anything else is the reason of the refusal.
 */
export type Verdict = 'yes' | 'human_agent' | RefusalReason;

/** The verdicts of one call: on an idle thread by standing (nobody is its owner), and on an owned one. */
export type Row = {
  readonly idle: Readonly<Record<Exclude<Standing, 'owner'>, Verdict>>;
  readonly owned: Readonly<Record<Standing, Verdict>>;
};

const everybody: Row = {
  idle: { primary: 'yes', other: 'yes', inbox: 'yes' },
  owned: { owner: 'yes', primary: 'yes', other: 'yes', inbox: 'yes' },
};

const ownerOnly: Row = {
  idle: { primary: 'not_owner', other: 'not_owner', inbox: 'not_owner' },
  owned: { owner: 'yes', primary: 'not_owner', other: 'not_owner', inbox: 'not_owner' },
};

/** The table. */
export const PERMISSIONS: Readonly<Record<Mode, Readonly<Record<CallName, Row>>>> = {
  handover: {
    // [C4, C5, H1] The inbox's replies have rules of their own (X3, X4) and never come here as sends.
    send: {
      idle: { primary: 'yes', other: 'yes', inbox: 'yes' },
      owned: { owner: 'yes', primary: 'human_agent', other: 'human_agent', inbox: 'human_agent' },
    },
    // [C6, X6]
    pass: {
      idle: { primary: 'yes', other: 'yes', inbox: 'yes' },
      owned: { owner: 'yes', primary: 'yes', other: 'not_owner', inbox: 'not_owner' },
    },
    // [C3, C7, C19, P4, X2]
    take: {
      idle: { primary: 'yes', other: 'yes', inbox: 'yes' },
      owned: { owner: 'already_owner', primary: 'yes', other: 'not_owner', inbox: 'yes' },
    },
    // [C8, C19]
    request: {
      idle: { primary: 'yes', other: 'yes', inbox: 'yes' },
      owned: { owner: 'already_owner', primary: 'yes', other: 'yes', inbox: 'yes' },
    },
    // [C9, C19]
    release: ownerOnly,
    // [C10, C19]
    extend: ownerOnly,
    // [C12]
    pass_metadata: everybody,
    // [C11]
    thread_owner: everybody,
    // [K4] On an idle thread the queue is empty, and the primary receiver may see that.
    thread_requests: {
      idle: { primary: 'yes', other: 'not_owner', inbox: 'not_owner' },
      owned: { owner: 'yes', primary: 'yes', other: 'not_owner', inbox: 'not_owner' },
    },
  },
};

/** The table's part for calls that concern no thread. */
export const PAGE_PERMISSIONS: Readonly<
  Record<Mode, Readonly<Record<PageCallName, Readonly<Record<PageStanding, Verdict>>>>>
> = {
  handover: {
    // [P7]
    secondary_receivers: { primary: 'yes', other: 'not_primary_receiver' },
  },
};

/** The standing of an app on the thread with this customer, owned by `owner` or idle (null). */
export function standingOf(page: Page, psid: Psid, owner: AppId | null, caller: AppId): Standing {
  if (caller === owner) return 'owner';
  if (isInbox(caller)) return 'inbox';
  return caller === primaryFor(page, psid) ? 'primary' : 'other';
}

/** What the table says of a call by a caller of this standing. */
export function verdictOf(mode: Mode, call: CallName, standing: Standing, owned: boolean): Verdict {
  const row = PERMISSIONS[mode][call];
  if (owned) return row.owned[standing];
  return standing === 'owner' ? 'already_owner' : row.idle[standing];
}

/** [C13] The calls by which a caller of this standing can act on the thread, in the table's order. */
export function allowedCalls(mode: Mode, standing: Standing, owned: boolean): readonly CallName[] {
  const calls = Object.keys(PERMISSIONS[mode]) as CallName[];
  return calls.filter((call) => verdictOf(mode, call, standing, owned) === 'yes');
}
