/** What a customer does with what stands on the screen. */

import { type CustomerReferral, referralOf } from './referral.ts';
import { describe, type OfferedItem, type Screen, type ScreenMessage } from './screen.ts';

/** Scores, or words where a question asks for words. */
export type SurveyAnswers = Readonly<
  Record<
    string,
    string | number | { readonly score: string | number; readonly followUp?: string | undefined }
  >
>;

/** What a customer taps. Each rejects when it does not stand there. */
export type CustomerTaps = {
  /**
   * Taps what has this title: a quick reply of the latest message, or else the postback button of the latest message that
   * has one.
   */
  taps(title: string): Promise<void>;
  /** Picks from the menu, by the titles that lead there: `picks('Help', 'Call us')`. */
  picks(...titles: readonly string[]): Promise<void>;
  /** Taps Get Started, come through an ad or a link or not. */
  starts(by?: CustomerReferral): Promise<void>;
  /** Taps an ice breaker. */
  asks(question: string): Promise<void>;
  /**
   * Answers the latest survey on the screen, by the ids of its questions: `{ visit: 5 }`, `{ visit: 'in words' }` or
   * `{ visit: { score: 5, followUp: 'Good beans' } }`.
   */
  answers(answers: SurveyAnswers): Promise<void>;
  /** Puts a reaction on a message, by a name such as `love`; null takes it back. */
  reacts(mid: string, reaction: string | null): Promise<void>;
};

export type TapsPlace = {
  readonly psid: string;
  /** A call of the sandbox, as this customer. */
  readonly act: (what: string, body?: object) => Promise<unknown>;
  readonly look: () => Promise<Screen>;
};

export function tapsOf({ psid, act, look }: TapsPlace): CustomerTaps {
  const missing = (what: string, { messages }: Screen): Error =>
    new Error(`customer ${psid} sees no ${what}. ${describe(messages)}`);
  return {
    async taps(title) {
      const screen = await look();
      const tap = replyOn(screen.messages, title) ?? buttonOn(screen.messages, title);
      if (tap === null) throw missing(`button ${JSON.stringify(title)}`, screen);
      await act(tap.call, tap.body);
    },
    async picks(...titles) {
      const screen = await look();
      const item = pathTo(screen.offers.menu, titles);
      if (item === null) throw missing(`menu item ${titles.join(' / ')}`, screen);
      await act('menu', { item });
    },
    async starts(by) {
      await act('get_started', by === undefined ? {} : { referral: referralOf(by) });
    },
    async asks(question) {
      const screen = await look();
      const item = screen.offers.iceBreakers.indexOf(question);
      if (item === -1) throw missing(`ice breaker ${JSON.stringify(question)}`, screen);
      await act('ice_breaker', { item });
    },
    async answers(answers) {
      const screen = await look();
      const mid = surveyOn(screen.messages);
      if (mid === null) throw missing('survey', screen);
      await act('feedback', { mid, answers: wireAnswers(answers) });
    },
    async reacts(mid, reaction) {
      await act('reaction', reaction === null ? { mid, action: 'unreact' } : { mid, reaction });
    },
  };
}

/** A call of the sandbox. */
type Tap = { readonly call: string; readonly body: object };

/** [B4] A quick reply is a message with its title. It goes when something else is said. */
function replyOn(messages: readonly ScreenMessage[], title: string): Tap | null {
  const reply = messages.at(-1)?.quickReplies.find((each) => each.title === title);
  if (reply === undefined) return null;
  return { call: 'message', body: { text: title, quick_reply: { payload: reply.payload } } };
}

type Carrier = {
  readonly buttons?: readonly { readonly type?: string; readonly title?: string }[];
};

function buttonOn(messages: readonly ScreenMessage[], title: string): Tap | null {
  for (const { mid, attachment } of messages.toReversed()) {
    const { buttons = [], elements } = (attachment?.payload ?? {}) as Carrier & {
      readonly elements?: readonly Carrier[];
    };
    for (const [element, carrier] of (elements ?? [{ buttons }]).entries()) {
      const isMeant = (each: { readonly type?: string; readonly title?: string }): boolean =>
        each.type === 'postback' && each.title === title;
      const button = (carrier.buttons ?? []).findIndex(isMeant);
      if (button !== -1) return { call: 'postback', body: { mid, element, button } };
    }
  }
  return null;
}

/** The number of an item on each level; null where there is none of these titles. */
function pathTo(menu: readonly OfferedItem[], titles: readonly string[]): readonly number[] | null {
  const path: number[] = [];
  let items = menu;
  for (const title of titles) {
    const at = items.findIndex((item) => item.title === title);
    if (at === -1) return null;
    path.push(at);
    items = items[at]?.items ?? [];
  }
  return path.length === 0 ? null : path;
}

/** The latest survey; null: there is none. */
const surveyOn = (messages: readonly ScreenMessage[]): string | null =>
  messages.findLast(({ attachment }) => attachment?.payload['template_type'] === 'customer_feedback')?.mid ??
  null;

const wireAnswers = (answers: SurveyAnswers): object =>
  Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => {
      if (typeof answer !== 'object') return [id, { payload: String(answer) }];
      return [id, { payload: String(answer.score), follow_up: answer.followUp }];
    }),
  );
