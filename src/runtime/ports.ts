/** What the runtime and http need of the delivery of webhooks, whatever does it. */

import type { TraceContext } from '../observe/spans.ts';
import type { Webhook } from '../store/config.ts';
import type { Woken } from '../store/port.ts';

/** A callback that is to be used. */
export type Candidate = Pick<Webhook, 'app' | 'object' | 'callbackUrl' | 'verifyToken'>;

/** What became of a handshake. `busy`: it was not made, since others are under way. */
export type Verified =
  | { readonly kind: 'verified' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'busy' };

/** Where something new on lanes comes from, for as long as that is remembered: not beyond a restart. */
export type Origin = {
  /** When it was committed, by `performance.now()`. */
  readonly committedAtMs: number;
  /** Null: it belongs to no trace. */
  readonly trace: TraceContext | null;
};

export type DeliveryPort = {
  /** Something has been put in the outbox for these lanes; called after the commit, never before. */
  wake(lanes: readonly Woken[], origin?: Origin): void;
  /** [W6] Asks a callback to echo a challenge, once and at once; one at a time of each app and object. */
  verify(callback: Candidate): Promise<Verified>;
  /** The configuration has changed: callbacks may be new. */
  reconfigure(): void;
  /** The clock has moved: make due what is due. */
  catchUp(): void;
  /** Answers when every waiting notice's first attempt has ended, and every attempt and handshake in flight. */
  idle(): Promise<void>;
};
