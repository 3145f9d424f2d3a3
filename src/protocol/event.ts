/** What has happened on a thread. Events are facts: written once, never changed, folded by `evolve`. */

import type { AppId, Mid } from './ids.ts';
import type { Act, Outgoing } from './message.ts';
import type { Channel, Made } from './page.ts';
import type { Instant } from './time.ts';

/** [C14] Why control changed. */
export type Cause =
  | 'pass'
  | 'take'
  | 'request'
  | 'release'
  | 'expiry'
  | 'entry_point'
  | 'menu'
  | 'postback'
  | 'inbox'
  | 'primary_receiver'
  | 'default_app'
  | 'disconnected';

/** [C14] A line of the history. `previous` and `next` always differ. */
export type ControlChanged = {
  readonly type: 'control_changed';
  readonly cause: Cause;
  /** The app that did it; null where the customer or time did. */
  readonly actor: AppId | null;
  readonly previous: AppId | null;
  readonly next: AppId | null;
  /** The number of the next owner's connection (C17); 0 when there is none. */
  readonly connection: number;
  readonly metadata: string | null;
  /** [R7] From when the next owner's 24 hours run, where that is not from now. */
  readonly leaseFrom?: Instant;
};

export type Event =
  | ControlChanged
  /** [C8] An app asks for a thread that another controls. */
  | {
      readonly type: 'control_requested';
      readonly app: AppId;
      readonly connection: number;
      /** The number of the page's last switch of modes (R12). */
      readonly switches: number;
      readonly metadata: string | null;
    }
  /** [C17, R12] A request of an app that has been disconnected leaves the queue, and all when the mode is switched. */
  | { readonly type: 'request_dropped'; readonly app: AppId }
  /** [C10] `until` is where the extension ends; it never lies before an earlier one. */
  | { readonly type: 'lease_extended'; readonly app: AppId; readonly until: Instant }
  /** [E1] The owner holds the thread by an entry point. */
  | { readonly type: 'term_started'; readonly entryPoint: string; readonly days: number }
  /** [C12] */
  | {
      readonly type: 'metadata_passed';
      readonly app: AppId;
      readonly target: AppId;
      /** Null: blanked. */
      readonly metadata: string | null;
    }
  | { readonly type: 'act_received'; readonly act: Act }
  /** Up to a message, where there was one. */
  | { readonly type: 'messages_read'; readonly mid: Mid | null }
  | { readonly type: 'messages_delivered'; readonly mid: Mid | null }
  | {
      readonly type: 'message_sent';
      readonly app: AppId;
      readonly message: Outgoing;
      readonly persona: string | null;
      /** [I1, R7] Sent by the owner, and so it renews the lease. */
      readonly renews: boolean;
    }
  /** [S1] */
  | {
      readonly type: 'survey_held';
      readonly app: AppId;
      readonly connection: number;
      readonly message: Outgoing;
      readonly persona: string | null;
    }
  /** [S2, C17] A held survey that will not go out. */
  | {
      readonly type: 'survey_dropped';
      readonly app: AppId;
      readonly mid: Mid;
      readonly reason: 'outside_window' | 'not_connected' | 'erased';
    }
  /** [M3, M4] Null: deleted. */
  | { readonly type: 'menu_changed'; readonly app: AppId; readonly menu: Made | null }
  /** [X7] Marked *Done*, or the mark taken off. */
  | { readonly type: 'filed'; readonly done: boolean }
  | { readonly type: 'customer_introduced'; readonly name: string | null }
  /** [P6] On the page's own lane. */
  | {
      readonly type: 'primary_receiver_changed';
      readonly previous: AppId | null;
      readonly next: AppId | null;
    };

/** Why an app that an event is meant for is not told. */
export type WithheldReason =
  /** Not subscribed to the page. */
  | 'not_connected'
  /** [A3] In development, and the customer has no role on the app. */
  | 'no_role'
  /** [R3] The page has not given it the standby channel. */
  | 'no_standby_access'
  /** [W1] A field is missing from the app's own list. */
  | 'field_not_subscribed_by_app'
  /** [W1] A field is missing from the app's list for this page. */
  | 'field_not_subscribed_on_page';

/** [W2] One app that the event is meant for, and what comes of it. */
export type Addressed = {
  readonly app: AppId;
  readonly channel: Channel;
  readonly outcome: /** Told, as number `laneSeq` of what this app hears of this thread: 1, 2, 3 … without gaps. */
    | {
        readonly told: true;
        readonly laneSeq: number;
        /** [W8] Its webhooks were switched off: it is told only if it is sent again. */
        readonly missed?: true;
      }
    /** Not told, for want of `field` where a field is the reason. */
    | { readonly told: false; readonly reason: WithheldReason; readonly field: string | null };
};

/** An event in its place on a thread. */
export type Recorded = {
  /** 1, 2, 3 … per thread. */
  readonly seq: number;
  /** Of the store in which it was written (store/era.ts), absent before the first; rules do not look at it. */
  readonly era?: string;
  /** When it happened; the history is dated by it (I3). Never before the event in front of it. */
  readonly at: Instant;
  /** [W7] What webhooks show: `at`, or the next free millisecond of the thread after it. */
  readonly timestamp: Instant;
  /** The thread's epoch after this event. */
  readonly epoch: number;
  readonly event: Event;
  readonly audience: readonly Addressed[];
};
