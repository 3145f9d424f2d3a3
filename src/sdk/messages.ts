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

/** How a page on the web opens. */
export type Webview = {
  readonly webview_height_ratio?: 'compact' | 'tall' | 'full';
  readonly messenger_extensions?: boolean;
  readonly fallback_url?: string;
};

/** A button of a template. A `postback` brings control of the thread to the app that made it. */
export type Button =
  | { readonly type: 'postback'; readonly title: string; readonly payload: string }
  | ({ readonly type: 'web_url'; readonly title: string; readonly url: string } & Webview)
  | { readonly type: 'phone_number'; readonly title: string; readonly payload: string }
  | { readonly type: 'account_link'; readonly url: string }
  | { readonly type: 'account_unlink' };

/** A card of a generic template: a title and at least one thing more. */
export type Element = {
  readonly title: string;
  readonly subtitle?: string;
  readonly image_url?: string;
  readonly default_action?: { readonly type: 'web_url'; readonly url: string } & Webview;
  readonly buttons?: readonly Button[];
};

/** The question of a survey. `id`: letters A to Z, digits and underscores; the answer comes back under it. */
export type SurveyQuestion =
  | ({ readonly id: string; readonly type: 'csat'; readonly score_option?: CsatOption } & Scored)
  | ({ readonly id: string; readonly type: 'nps'; readonly score_option?: 'zero_to_ten' } & Scored)
  | ({ readonly id: string; readonly type: 'ces'; readonly score_option?: 'one_to_seven' } & Scored)
  /** Answered in words. */
  | { readonly id: string; readonly type: 'free_form'; readonly title: string };

type CsatOption = 'five_stars' | 'one_to_five' | 'five_emojis';
type Scored = {
  /** 5 to 85 characters; the usual question of the type unless told otherwise. */
  readonly title?: string;
  readonly score_label?: 'neg_pos' | 'hard_easy' | 'dis_sat' | 'unlike_like' | 'poor_great' | 'none';
  /** Asks for words beside the score. */
  readonly follow_up?: { readonly type: 'free_form'; readonly placeholder?: string };
};

/**
 * [S1] A survey: one question. While another app has control it is held, and goes out when nobody has. Source:
 * docs/reference/surveys.md.
 */
export type Survey = {
  readonly template_type: 'customer_feedback';
  /** Up to 65 characters, without an address, as the next two. */
  readonly title: string;
  /** Up to 80 characters. */
  readonly subtitle: string;
  /** Up to 20 characters. */
  readonly button_title: string;
  readonly feedback_screens: readonly [{ readonly questions: readonly [SurveyQuestion] }];
  readonly business_privacy: { readonly url: string };
  /** For how many days it can be answered, from its delivery: 1 to 7, 1 unless told otherwise. */
  readonly expires_in_days?: number;
};

/** What a template can be. */
export type Template =
  | {
      readonly template_type: 'button';
      /** Up to 640 characters. */
      readonly text: string;
      /** 1 to 3. */
      readonly buttons: readonly Button[];
      readonly sharable?: boolean;
    }
  | {
      readonly template_type: 'generic';
      /** 1 to 10. */
      readonly elements: readonly Element[];
      readonly image_aspect_ratio?: 'horizontal' | 'square';
      readonly sharable?: boolean;
    }
  | Survey;

/** What a message can carry in the place of a text. */
export type Attachment =
  | {
      readonly type: 'image' | 'audio' | 'video' | 'file';
      readonly payload:
        | { readonly url: string; readonly is_reusable?: boolean }
        /** Saved before, as this type, by any app of the page. */
        | { readonly attachment_id: string };
    }
  | { readonly type: 'template'; readonly payload: Template };

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
