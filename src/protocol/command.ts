/** Everything that can be asked of a thread. Commands are well-formed: the wire has parsed them. */

import type { AppId, Mid } from './ids.ts';
import type { Act, Json, Outgoing, Referral } from './message.ts';
import type { Instant } from './time.ts';

/** What control calls and sends of an app share. */
export type Call = {
  readonly caller: AppId;
  /** The epoch that the caller believes in; a stale one is refused. Null: not said. */
  readonly controlEpoch: number | null;
};

export type Pass = Call & {
  readonly type: 'pass';
  /** [C6] Null: to the primary receiver, for a secondary app. */
  readonly target: AppId | null;
  readonly metadata: string | null;
};
export type Take = Call & { readonly type: 'take'; readonly metadata: string | null };
export type RequestControl = Call & { readonly type: 'request'; readonly metadata: string | null };
export type Release = Call & { readonly type: 'release'; readonly metadata: string | null };
export type Extend = Call & { readonly type: 'extend'; readonly durationMs: number };
/** [C12] Tell another app something; control stays. */
export type PassMetadata = Call & {
  readonly type: 'pass_metadata';
  readonly target: AppId;
  readonly metadata: string;
};
export type Send = Call & {
  readonly type: 'send';
  readonly message: Outgoing;
  /** [H1] Tagged `HUMAN_AGENT`. */
  readonly humanAgent: boolean;
  readonly persona: PersonaUse | null;
  /** [S1] A survey: held while another app controls the thread. */
  readonly survey: boolean;
  readonly control: AfterSend | null;
};
/** [R5] What becomes of control once the message is out: both, or neither. */
export type AfterSend =
  | { readonly type: 'pass'; readonly target: AppId | null; readonly metadata: string | null }
  | { readonly type: 'release'; readonly metadata: string | null };
/** [C20] A persona and the app that made it, found before the rules are asked. */
export type PersonaUse = { readonly id: string; readonly maker: AppId };
/** `typing_on`, `typing_off`, `mark_seen`: under the rules of a send; nothing is kept. */
export type Signal = Call & {
  readonly type: 'signal';
  readonly humanAgent: boolean;
  readonly control: AfterSend | null;
};
/** [M3, M4] The menu of one customer, in Graph's shape; null deletes it. */
export type SetMenu = Call & { readonly type: 'set_menu'; readonly menu: Json };

/** [C15] The customer acts. */
export type Receive = {
  readonly type: 'receive';
  readonly act: Act;
  /** [S2] The instant from which the act is too late, where there is one. */
  readonly until?: Instant;
};
/** [M5, M6] The customer taps something of the page's profile, or of their menu. */
export type Tap = {
  readonly type: 'tap';
  /** What the tap will be called. */
  readonly mid: Mid;
  readonly what:
    | { readonly kind: 'menu' /** An index for each level. */; readonly path: readonly number[] }
    | { readonly kind: 'get_started' }
    | { readonly kind: 'ice_breaker'; readonly index: number };
  readonly referral: Referral | null;
};
/** The customer has read everything so far; no act. */
export type Read = { readonly type: 'read' };
/** Everything so far has reached the customer; no act. */
export type Delivered = { readonly type: 'delivered' };

/** [X3, X4] A person answers in the inbox. */
export type InboxReply = { readonly type: 'inbox_reply'; readonly message: Outgoing };
export type Folder = 'main' | 'general' | 'done';
/** [X2, X5] A person moves the thread to a folder. */
export type InboxMove = { readonly type: 'inbox_move'; readonly folder: Folder };

/** The page learns of a customer, or of a customer's name; no act. */
export type Introduce = { readonly type: 'introduce'; readonly name: string | null };
/** [I4] Carry out what is due. */
export type Tick = { readonly type: 'tick' };

export type Command =
  | Pass
  | Take
  | RequestControl
  | Release
  | Extend
  | PassMetadata
  | Send
  | Signal
  | SetMenu
  | Receive
  | Tap
  | Read
  | Delivered
  | InboxReply
  | InboxMove
  | Introduce
  | Tick;
