/** What customers and apps say to each other. The rules carry it and never look inside. */

import type { AppId, Mid } from './ids.ts';

/** Plain JSON, as it came from the wire and goes back to it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** A picture, a sound, a file, a template … in Graph's shape: `{type, payload}`. */
export type Attachment = { readonly type: string; readonly payload: JsonObject };

/** [E2] How the customer came: by an ad or a link. */
export type Referral = {
  readonly source: 'ADS' | 'SHORTLINK';
  readonly type: string;
  readonly adId: string | null;
  readonly ref: string | null;
};

/** [C15] What the customer does. */
export type Act =
  | {
      readonly kind: 'message';
      readonly mid: Mid;
      readonly text: string | null;
      readonly attachments: readonly Attachment[];
      /** [B4] A quick reply is a message; its maker gains nothing. */
      readonly quickReplyPayload: string | null;
      readonly referral: Referral | null;
    }
  | {
      readonly kind: 'postback';
      /** The message that carried the button. */
      readonly mid: Mid;
      readonly title: string;
      /** [B3] Null in the event when the maker is not connected: nobody else may read it. */
      readonly payload: string | null;
      /** [B1] Who made the button: found from the message before the rules are asked. */
      readonly maker: AppId;
      readonly referral: Referral | null;
    }
  | { readonly kind: 'referral'; readonly referral: Referral };

/** A message to the customer. */
export type Outgoing = {
  readonly mid: Mid;
  readonly text: string | null;
  readonly attachment: Attachment | null;
  /** In Graph's shape. */
  readonly quickReplies: readonly JsonObject[];
  /** Returned in the echo only. */
  readonly metadata: string | null;
  readonly replyTo: Mid | null;
};
