/** A customer of the test: writes, taps, and reads a screen. */

import type { Driver } from '../sandbox.ts';
import type { Bell } from './bell.ts';
import { type Offers, offersOf, pathTo, type SurveyAnswers, surveyOn, wireAnswers } from './taps.ts';

/** One message on a customer's screen. */
export type ScreenMessage = {
  readonly mid: string;
  readonly from: 'customer' | 'page';
  /** The app that sent it; null: the customer did. */
  readonly appId: string | null;
  readonly text: string | null;
  readonly attachment: { readonly type: string; readonly payload: Readonly<Record<string, unknown>> } | null;
  /** In milliseconds since 1970. */
  readonly timestamp: number;
};

/** How the customer came: through an ad, or a link with a `ref`. */
export type CustomerReferral =
  | { readonly source: 'ADS'; readonly adId: string; readonly ref?: string | undefined }
  | { readonly source: 'SHORTLINK'; readonly ref: string };

/** A text, attachments, or both. */
export type CustomerMessage = {
  readonly text?: string | undefined;
  readonly attachments?: readonly { readonly type: string; readonly payload: object }[] | undefined;
  /** The payload of the quick reply that was tapped. */
  readonly quickReply?: string | undefined;
  readonly referral?: CustomerReferral | undefined;
};

/** A customer of the test. */
export type TestCustomer = {
  readonly psid: string;
  /** Writes; the message's id. */
  says(message: string | CustomerMessage): Promise<string>;
  /** Taps the postback button with this title, on the latest message that has one. */
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
  /** What can be tapped beside the messages. */
  offers(): Promise<Offers>;
  /** Comes back through an ad or a link, without a word. */
  comes(by: CustomerReferral): Promise<void>;
  /** Has read everything. */
  reads(): Promise<void>;
  /** Everything on the screen, oldest first. */
  screen(): Promise<readonly ScreenMessage[]>;
  /**
   * The first message of the page, after the one seen last, whose text holds this; waits for it. Rejects when none comes
   * in time, and tells what is on the screen.
   * @param timeoutMs 5,000 unless told otherwise
   */
  sees(text: string | RegExp, timeoutMs?: number): Promise<ScreenMessage>;
};

export type CustomerPlace = {
  readonly driver: Driver;
  readonly pageId: string;
  readonly psid: string;
  readonly bell: Bell;
};

export function customerOf({ driver, pageId, psid, bell }: CustomerPlace): TestCustomer {
  const path = `/pages/${pageId}/customers/${psid}`;
  let seen = 0;

  const act = (what: string, body?: object) => driver.sandbox('POST', `${path}/${what}`, body);

  async function screen(): Promise<readonly ScreenMessage[]> {
    const { messages } = (await driver.sandbox('GET', `${path}/screen`)) as { messages: WireMessage[] };
    return messages.map(({ app_id: appId, ...message }) => ({ ...message, appId }));
  }

  const offers = async (): Promise<Offers> => offersOf(await driver.sandbox('GET', `${path}/screen`));

  return {
    psid,
    screen,
    async says(message) {
      return String((await act('message', bodyOf(message)))['message_id']);
    },
    async taps(title) {
      const messages = await screen();
      for (const { mid, attachment } of messages.toReversed()) {
        const place = buttonPlace(attachment, title);
        if (place === null) continue;
        await act('postback', { mid, ...place });
        return;
      }
      throw new Error(`customer ${psid} sees no button ${JSON.stringify(title)}. ${describe(messages)}`);
    },
    offers,
    async picks(...titles) {
      const { menu } = await offers();
      const item = pathTo(menu, titles);
      if (item === null) throw new Error(`customer ${psid} sees no menu item ${titles.join(' / ')}`);
      await act('menu', { item });
    },
    async starts(by) {
      await act('get_started', by === undefined ? {} : { referral: referralOf(by) });
    },
    async asks(question) {
      const item = (await offers()).iceBreakers.indexOf(question);
      if (item === -1) throw new Error(`customer ${psid} sees no ice breaker ${JSON.stringify(question)}`);
      await act('ice_breaker', { item });
    },
    async answers(answers) {
      const messages = await screen();
      const mid = surveyOn(messages);
      if (mid === null) throw new Error(`customer ${psid} sees no survey. ${describe(messages)}`);
      await act('feedback', { mid, answers: wireAnswers(answers) });
    },
    async reacts(mid, reaction) {
      await act('reaction', reaction === null ? { mid, action: 'unreact' } : { mid, reaction });
    },
    async comes(by) {
      await act('referral', referralOf(by));
    },
    async reads() {
      await act('read');
    },
    async sees(text, timeoutMs) {
      let messages: readonly ScreenMessage[] = [];
      return bell.until(
        async () => {
          messages = await screen();
          const at = messages.findIndex((message, index) => index >= seen && shows(message, text));
          if (at === -1) return null;
          seen = at + 1;
          return messages[at] ?? null;
        },
        () => `customer ${psid} did not see ${String(text)} in time. ${describe(messages)}`,
        timeoutMs,
      );
    },
  };
}

type WireMessage = Omit<ScreenMessage, 'appId'> & { readonly app_id: string | null };

/** A template's text counts like a message's, and so do titles of cards. */
function shows({ from, text, attachment }: ScreenMessage, wanted: string | RegExp): boolean {
  if (from !== 'page') return false;
  const { text: body, elements } = attachment?.payload ?? {};
  const titles = Array.isArray(elements) ? elements.map((element) => (element as Titled).title) : [];
  return [text, body, ...titles]
    .filter((each) => typeof each === 'string')
    .some((each) => (typeof wanted === 'string' ? each.includes(wanted) : wanted.test(each)));
}

type Titled = { readonly title?: string; readonly type?: string; readonly buttons?: readonly Titled[] };

/** Where a postback button stands, as the sandbox counts. */
function buttonPlace(
  attachment: ScreenMessage['attachment'],
  title: string,
): { readonly element: number; readonly button: number } | null {
  const { buttons, elements } = (attachment?.payload ?? {}) as Titled & { elements?: readonly Titled[] };
  for (const [element, carrier] of (elements ?? [{ buttons: buttons ?? [] }]).entries()) {
    const button = (carrier.buttons ?? []).findIndex(
      (each) => each.type === 'postback' && each.title === title,
    );
    if (button !== -1) return { element, button };
  }
  return null;
}

function bodyOf(message: string | CustomerMessage): object {
  if (typeof message === 'string') return { text: message };
  const { text, attachments, quickReply, referral } = message;
  return {
    text,
    attachments,
    ...(quickReply === undefined ? {} : { quick_reply: { payload: quickReply } }),
    ...(referral === undefined ? {} : { referral: referralOf(referral) }),
  };
}

const referralOf = (by: CustomerReferral): object =>
  by.source === 'ADS'
    ? { source: by.source, ad_id: by.adId, ref: by.ref }
    : { source: by.source, ref: by.ref };

function describe(messages: readonly ScreenMessage[]): string {
  const lines = messages.map(({ from, appId, text, attachment }) => {
    const who = from === 'page' ? `app ${appId}` : 'customer';
    return `  ${who}: ${text ?? `(${attachment?.type ?? 'nothing'})`}`;
  });
  return `On the screen:\n${lines.length === 0 ? '  nothing' : lines.join('\n')}`;
}
