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
      /** [C14] What was tapped: a button of a message, an item of a menu, Get Started or an ice breaker. */
      readonly tapped: Tappable;
      /** The message that carried the button; of anything else the tap's own. */
      readonly mid: Mid;
      readonly title: string;
      /** [B3] Null in the event when the maker is not connected: nobody else may read it. */
      readonly payload: string | null;
      /** [B1] Who made the button: found from the message before the rules are asked. */
      readonly maker: AppId;
      readonly referral: Referral | null;
    }
  | { readonly kind: 'referral'; readonly referral: Referral }
  | {
      readonly kind: 'reaction';
      /** The message that it is about. */
      readonly mid: Mid;
      readonly action: 'react' | 'unreact';
      /** `love`, `smile` … and the sign itself; null of one that is taken back. */
      readonly reaction: string | null;
      readonly emoji: string | null;
    }
  | {
      readonly kind: 'feedback';
      /** The survey. */
      readonly mid: Mid;
      /** [S3] The app that sent it. */
      readonly maker: AppId;
      /** `feedback_screens` in Graph's shape; null: blanked. */
      readonly screens: Json;
    };

export type Tappable = 'button' | 'menu' | 'get_started' | 'ice_breaker';

/** [E1] The ad or link that an act came by. */
export const referralOf = (act: Act): Referral | null =>
  act.kind === 'reaction' || act.kind === 'feedback' ? null : act.referral;

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
  /** What the file that came with it was saved as, where it is for this message alone. */
  readonly upload?: string;
};
