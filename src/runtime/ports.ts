/** What the runtime and http need of the delivery of webhooks, whatever does it. */

import type { Woken } from '../store/port.ts';

export type DeliveryPort = {
  /** Something has been put in the outbox for these lanes; called after the commit, never before. */
  wake(lanes: readonly Woken[]): void;
  /** The configuration has changed: callbacks may be new. */
  reconfigure(): void;
  /** The clock has moved: make due what is due. */
  catchUp(): void;
  /** Answers when every waiting notice's first attempt has ended, and every attempt and handshake in flight. */
  idle(): Promise<void>;
};
