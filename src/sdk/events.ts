/** What a webhook tells, one typed event at a time. */

import type { JsonObject } from './json.ts';

/** What every event says of itself. */
export type CommonEvent = {
  readonly object: 'page' | 'instagram';
  readonly pageId: string;
  /** The customer whose thread it is. */
  readonly psid: string;
  /** In milliseconds since 1970; those of a thread are distinct and grow. */
  readonly timestamp: number;
  /** The event's number in its thread, from 1; some are not told to every app. Null: not sent by Baton. */
  readonly threadSeq: number | null;
  /** Grows by one with every change of the thread's owner. Null: not sent by Baton. */
  readonly controlEpoch: number | null;
  /** 1, 2, 3 … of what this app is told of this thread. Null: not sent by Baton. */
  readonly laneSeq: number | null;
  /** The same for every delivery of the same event, and for no other: for de-duplicating in a database. */
  readonly key: string;
  /** The item as it came. */
  readonly raw: JsonObject;
};

/** `messaging`: this app has control, or is meant in person. `standby`: it only listens. */
export type Spoken = { readonly channel: 'messaging' | 'standby' };
/** About control itself. */
export type Moved = { readonly channel: 'handover' };

/** What came or went beside a text: `payload.url`, or a template. */
export type SentAttachment = { readonly type: string; readonly payload: JsonObject };

/** How a customer came: an ad or a link. */
export type Referral = {
  readonly source: string;
  readonly type: string;
  readonly adId: string | null;
  readonly ref: string | null;
};

/** The customer has written, or tapped a quick reply. */
export type MessageEvent = CommonEvent &
  Spoken & {
    readonly kind: 'message';
    readonly mid: string;
    readonly text: string | null;
    /** Of the quick reply that was tapped. */
    readonly quickReply: string | null;
    readonly attachments: readonly SentAttachment[];
    readonly referral: Referral | null;
  };
/** A message to the customer, from whichever app. */
export type EchoEvent = CommonEvent &
  Spoken & {
    readonly kind: 'echo';
    readonly mid: string;
    readonly text: string | null;
    readonly attachments: readonly SentAttachment[];
    /** The app that sent it. */
    readonly appId: string | null;
    /** What it said to the other apps. */
    readonly metadata: string | null;
  };
/** The customer has tapped a button. */
export type PostbackEvent = CommonEvent &
  Spoken & {
    readonly kind: 'postback';
    readonly mid: string | null;
    readonly title: string | null;
    /** Null on standby: only the maker of the button reads it. */
    readonly payload: string | null;
    readonly referral: Referral | null;
  };
/** The customer has come back through an ad or a link. */
export type ReferralEvent = CommonEvent & Spoken & { readonly kind: 'referral'; readonly referral: Referral };
/** The customer has read everything up to `timestamp`. */
export type ReadEvent = CommonEvent & Spoken & { readonly kind: 'read' };
/** Everything up to `timestamp` has reached the customer. */
export type DeliveryEvent = CommonEvent & Spoken & { readonly kind: 'delivery' };
/** The customer has put a reaction on a message, or has taken it back. */
export type ReactionEvent = CommonEvent &
  Spoken & {
    readonly kind: 'reaction';
    /** The message that it is about; also one of the customer's own. */
    readonly mid: string;
    readonly action: 'react' | 'unreact';
    /** Its name, such as `love`; null where it is taken back. */
    readonly reaction: string | null;
    readonly emoji: string | null;
  };
/** [S3] The answer to a question of a survey. */
export type FeedbackAnswer = {
  /** As the app called the question. */
  readonly id: string;
  readonly type: string;
  /** A score as text, or words. */
  readonly payload: string;
  /** What the customer wrote beside a score; null: nothing. */
  readonly followUp: string | null;
};
/** [S3] The customer has answered a survey of this app. */
export type FeedbackEvent = CommonEvent &
  Spoken & { readonly kind: 'feedback'; readonly answers: readonly FeedbackAnswer[] };
/** Anything else, by the name that it has on the wire; read it from `raw`. */
export type OtherEvent = CommonEvent & Spoken & { readonly kind: 'other'; readonly name: string };

type Change = {
  /** Null: nobody had control. */
  readonly previousOwnerAppId: string | null;
  readonly newOwnerAppId: string | null;
  readonly metadata: string | null;
};
/** This app has been given control. */
export type PassEvent = CommonEvent & Moved & { readonly kind: 'pass_thread_control' } & Change;
/** This app has lost control by another's act. */
export type TakeEvent = CommonEvent & Moved & { readonly kind: 'take_thread_control' } & Change;
/** Another app asks for control. */
export type RequestEvent = CommonEvent &
  Moved & {
    readonly kind: 'request_thread_control';
    readonly appId: string;
    readonly metadata: string | null;
  };
/** Another app says something to this one. */
export type MetadataEvent = CommonEvent &
  Moved & { readonly kind: 'pass_thread_metadata'; readonly appId: string; readonly metadata: string | null };
/** This app has become the primary receiver of the page, or has ceased to be it. It has no thread: `psid` is ''. */
export type RolesEvent = CommonEvent &
  Moved & { readonly kind: 'app_roles'; readonly roles: Readonly<Record<string, readonly string[]>> };

/** What is said in a thread. */
export type SpokenEvent =
  | MessageEvent
  | EchoEvent
  | PostbackEvent
  | ReferralEvent
  | ReadEvent
  | DeliveryEvent
  | ReactionEvent
  | FeedbackEvent
  | OtherEvent;
/** What is said in a thread that the app controls, or to it in person. */
export type MessagingEvent = SpokenEvent & { readonly channel: 'messaging' };
/** What is said in a thread of another app, or of nobody. */
export type StandbyEvent = SpokenEvent & { readonly channel: 'standby' };
/** What becomes of control. */
export type HandoverEvent = PassEvent | TakeEvent | RequestEvent | MetadataEvent | RolesEvent;
/** Anything that a webhook tells, by `kind` and `channel`. */
export type WebhookEvent = SpokenEvent | HandoverEvent;
/** The names of the kinds. */
export type EventKind = WebhookEvent['kind'];

/** Somebody who can be asked to tell of events: a `Receiver`. */
export type EventSource = {
  /** Tells of each event as soon as it has arrived and is known to be true. Call what it returns to stop. */
  watch(listener: (event: WebhookEvent) => void): () => void;
};
