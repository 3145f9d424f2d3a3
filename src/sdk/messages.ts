/** What an app can say, in Graph's own shapes. */

/** A button under a message that answers with a message. */
export type QuickReply = {
  readonly content_type: 'text' | 'user_phone_number' | 'user_email';
  /** Up to 20 characters. */
  readonly title?: string;
  /** Up to 1,000 characters; comes back with the customer's message. */
  readonly payload?: string;
  readonly image_url?: string;
};

/** A button of a template. A `postback` brings control of the thread to the app that made it. */
export type Button =
  | { readonly type: 'postback'; readonly title: string; readonly payload: string }
  | { readonly type: 'web_url'; readonly title: string; readonly url: string }
  | { readonly type: 'phone_number'; readonly title: string; readonly payload: string };

/** A card of a generic template: a title and at least one thing more. */
export type Element = {
  readonly title: string;
  readonly subtitle?: string;
  readonly image_url?: string;
  readonly default_action?: { readonly type: 'web_url'; readonly url: string };
  readonly buttons?: readonly Button[];
};

/** What a message can carry in the place of a text. Other templates than these two go as they are. */
export type Attachment =
  | {
      readonly type: 'image' | 'audio' | 'video' | 'file';
      readonly payload: { readonly url: string; readonly is_reusable?: boolean };
    }
  | {
      readonly type: 'template';
      readonly payload:
        | { readonly template_type: 'button'; readonly text: string; readonly buttons: readonly Button[] }
        | {
            readonly template_type: 'generic';
            readonly elements: readonly Element[];
            readonly image_aspect_ratio?: 'horizontal' | 'square';
          };
    };

/** A message: a text or an attachment, not both. */
export type Message = {
  /** Up to 2,000 characters. */
  readonly text?: string;
  readonly attachment?: Attachment;
  /** Up to 13. */
  readonly quick_replies?: readonly QuickReply[];
  /** Up to 1,000 characters. The customer does not see it; every app that hears the echo does. */
  readonly metadata?: string;
};

/** What the customer sees without a message. */
export type SenderAction = 'typing_on' | 'typing_off' | 'mark_seen';

/** Quick replies that send their own title. At most 13, of up to 20 characters. */
export const choices = (titles: readonly string[]): readonly QuickReply[] =>
  titles.map((title) => ({ content_type: 'text', title, payload: title }));
