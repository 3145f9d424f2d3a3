/** Everything that can be asked of a thread. Commands are well-formed: the wire has parsed them. */

import type { AppId } from './ids.ts';
import type { Act, Outgoing } from './message.ts';

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
};
/** [C20] A persona and the app that made it, found before the rules are asked. */
export type PersonaUse = { readonly id: string; readonly maker: AppId };
/** `typing_on`, `typing_off`, `mark_seen`: under the rules of a send; nothing is kept. */
export type Signal = Call & { readonly type: 'signal'; readonly humanAgent: boolean };

/** [C15] The customer acts. */
export type Receive = { readonly type: 'receive'; readonly act: Act };
/** The customer has read everything so far; no act. */
export type Read = { readonly type: 'read' };

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
  | Receive
  | Read
  | InboxReply
  | InboxMove
  | Introduce
  | Tick;
