/**
 * Who may do what: **one table**, mode × call × standing of the caller × (idle, owned). Everything that depends on
 * who the caller is stands here; the manual's table is drawn from it, and a refusal's advice is read from it.
 */

import { type AppId, isInbox, type Psid } from './ids.ts';
import type { Mode } from './modes.ts';
import { type Connection, leadFor, leadOf, type Page } from './page.ts';
import type { RefusalReason } from './refusal.ts';

/**
 * The caller's relation to a thread. On an owned one the owner is `owner` whatever else it is; on an idle one nobody
 * is. `lead`: the primary receiver, or under Conversation Routing the default app.
 */
export type Standing = 'owner' | 'lead' | 'other' | 'inbox';

export const STANDINGS: readonly Standing[] = ['owner', 'lead', 'other', 'inbox'];

/** Everything that a caller can be refused for what it is. */
export type CallName =
  | 'send'
  | 'survey'
  | 'pass'
  | 'take'
  | 'request'
  | 'release'
  | 'extend'
  | 'pass_metadata'
  | 'set_menu'
  | 'thread_owner'
  | 'thread_requests';

/** [P7, M1, M2] The same for what concerns a page and none of its threads. */
export type PageCallName = 'secondary_receivers' | 'set_profile';

/**
 * `yes`: allowed. `human_agent`: allowed with the Human Agent feature and the tag, under Conversation Routing with the
 * right to take besides (H1, H3, R11); else `controlled_by_another`, on an idle thread `not_default_app`.
 * `take_right`: allowed to apps with the right to take (R3), else `take_not_given`. `hold`: accepted, and held until
 * the thread is idle (S1). `unnamed`: answered without the owner's name (R6). Anything else is the reason of the
 * refusal.
 */
export type Verdict = 'yes' | 'human_agent' | 'take_right' | 'hold' | 'unnamed' | RefusalReason;

/** The verdicts of one call: on an idle thread by standing (nobody is its owner), and on an owned one. */
export type Row = {
  readonly idle: Readonly<Record<Exclude<Standing, 'owner'>, Verdict>>;
  readonly owned: Readonly<Record<Standing, Verdict>>;
};

const same = (verdict: Verdict): Row => ({
  idle: { lead: verdict, other: verdict, inbox: verdict },
  owned: { owner: verdict, lead: verdict, other: verdict, inbox: verdict },
});

const everybody: Row = same('yes');

const ownerOnly: Row = { ...same('not_owner'), owned: { ...same('not_owner').owned, owner: 'yes' } };

// [S1] The inbox sends no surveys of its own by this call; it would be held like any app's.
const survey: Row = { ...everybody, owned: { owner: 'yes', lead: 'hold', other: 'hold', inbox: 'hold' } };

// [M3, M4]
const menu: Row = {
  ...everybody,
  owned: { ...same('menu_of_another').owned, owner: 'yes' },
};

/** The table. The inbox's replies have rules of their own (X3, X4) and never come here as sends. */
export const PERMISSIONS: Readonly<Record<Mode, Readonly<Record<CallName, Row>>>> = {
  handover: {
    // [C4, C5, H1]
    send: {
      idle: everybody.idle,
      owned: { owner: 'yes', lead: 'human_agent', other: 'human_agent', inbox: 'human_agent' },
    },
    survey,
    // [C6, X6]
    pass: {
      idle: everybody.idle,
      owned: { owner: 'yes', lead: 'yes', other: 'not_owner', inbox: 'not_owner' },
    },
    // [C3, C7, C19, P4, X2]
    take: {
      idle: everybody.idle,
      owned: { owner: 'already_owner', lead: 'yes', other: 'not_owner', inbox: 'yes' },
    },
    // [C8, C19]
    request: {
      idle: everybody.idle,
      owned: { owner: 'already_owner', lead: 'yes', other: 'yes', inbox: 'yes' },
    },
    // [C9, C19]
    release: ownerOnly,
    // [C10, C19]
    extend: ownerOnly,
    // [C12]
    pass_metadata: everybody,
    set_menu: menu,
    // [C11]
    thread_owner: everybody,
    // [K4] On an idle thread the queue is empty, and the primary receiver may see that.
    thread_requests: {
      idle: { lead: 'yes', other: 'not_owner', inbox: 'not_owner' },
      owned: { owner: 'yes', lead: 'yes', other: 'not_owner', inbox: 'not_owner' },
    },
  },
  conversation_routing: {
    // [R2, R11]
    send: {
      idle: { lead: 'yes', other: 'human_agent', inbox: 'human_agent' },
      owned: { owner: 'yes', lead: 'human_agent', other: 'human_agent', inbox: 'human_agent' },
    },
    survey,
    // [R4]
    pass: {
      idle: everybody.idle,
      owned: { owner: 'yes', lead: 'not_owner', other: 'not_owner', inbox: 'not_owner' },
    },
    // [R3, R11]
    take: {
      idle: { lead: 'take_right', other: 'take_right', inbox: 'yes' },
      owned: { owner: 'already_owner', lead: 'take_right', other: 'take_right', inbox: 'yes' },
    },
    // [R4]
    request: same('not_available'),
    release: ownerOnly,
    extend: ownerOnly,
    // [R4]
    pass_metadata: same('not_available'),
    set_menu: menu,
    // [R6]
    thread_owner: {
      idle: { lead: 'yes', other: 'unnamed', inbox: 'unnamed' },
      owned: { owner: 'yes', lead: 'yes', other: 'unnamed', inbox: 'unnamed' },
    },
    // [R4]
    thread_requests: same('not_available'),
  },
};

/** The verdicts of a call that concerns no thread: where an app leads the page, for it and for the others; else for all. */
export type PageRow = {
  readonly led: { readonly lead: Verdict; readonly other: Verdict };
  readonly unled: Verdict;
};

// [M1, M2, M6, R10]
const profile: PageRow = { led: { lead: 'yes', other: 'profile_of_lead' }, unled: 'yes' };

/** The table's part for calls that concern no thread. */
export const PAGE_PERMISSIONS: Readonly<Record<Mode, Readonly<Record<PageCallName, PageRow>>>> = {
  handover: {
    // [P7]
    secondary_receivers: {
      led: { lead: 'yes', other: 'not_primary_receiver' },
      unled: 'not_primary_receiver',
    },
    set_profile: profile,
  },
  conversation_routing: {
    // [R4]
    secondary_receivers: { led: { lead: 'not_available', other: 'not_available' }, unled: 'not_available' },
    set_profile: profile,
  },
};

/** The standing of an app on the thread with this customer, owned by `owner` or idle (null). */
export function standingOf(page: Page, psid: Psid, owner: AppId | null, caller: AppId): Standing {
  if (caller === owner) return 'owner';
  // The inbox keeps its own rights where it stands in for the default app (R10).
  if (isInbox(caller)) return 'inbox';
  return caller === leadFor(page, psid) ? 'lead' : 'other';
}

/** What the table says of a call by a caller of this standing. */
export function verdictOf(mode: Mode, call: CallName, standing: Standing, owned: boolean): Verdict {
  const row = PERMISSIONS[mode][call];
  if (owned) return row.owned[standing];
  return standing === 'owner' ? 'already_owner' : row.idle[standing];
}

/** What the table says of a page call by this app. */
export function pageVerdictOf(page: Page, call: PageCallName, caller: AppId): Verdict {
  const { led, unled } = PAGE_PERMISSIONS[page.mode][call];
  const lead = leadOf(page);
  if (lead === null) return unled;
  return caller === lead ? led.lead : led.other;
}

/** [R3] Whether a verdict lets this caller do what it asks, the tag `HUMAN_AGENT` left aside. */
export const isOpen = (verdict: Verdict, caller: Pick<Connection, 'takeControl'> | null): boolean =>
  verdict === 'yes' || verdict === 'hold' || (verdict === 'take_right' && caller?.takeControl === true);

/** [C13] The calls by which a caller of this standing can act on the thread, in the table's order. */
export function allowedCalls(
  mode: Mode,
  standing: Standing,
  owned: boolean,
  caller: Pick<Connection, 'takeControl'> | null,
): readonly CallName[] {
  const calls = Object.keys(PERMISSIONS[mode]) as CallName[];
  return calls.filter((call) => isOpen(verdictOf(mode, call, standing, owned), caller));
}
