/** A customer's screen: the messages, and what can be tapped beside them. */

import type { HttpAnswer } from '../sandbox.ts';

/** A quick reply below a message. */
export type ShownReply = { readonly title: string; readonly payload: string };

/** One message on a customer's screen. */
export type ScreenMessage = {
  readonly mid: string;
  readonly from: 'customer' | 'page';
  /** The app that sent it; null: the customer did. */
  readonly appId: string | null;
  readonly text: string | null;
  readonly attachment: { readonly type: string; readonly payload: Readonly<Record<string, unknown>> } | null;
  /** What stands below it. */
  readonly quickReplies: readonly ShownReply[];
  /** In milliseconds since 1970. */
  readonly timestamp: number;
};

/** An item of the menu, as the customer sees it. */
export type OfferedItem = {
  readonly type: string;
  readonly title: string;
  /** What opens where the item is a menu of its own; empty otherwise. */
  readonly items: readonly OfferedItem[];
};

/** What can be tapped beside the messages. */
export type Offers = {
  /** The customer's own menu, or else that of the page. */
  readonly menu: readonly OfferedItem[];
  readonly getStarted: boolean;
  readonly iceBreakers: readonly string[];
};

/** What a customer sees. */
export type Screen = { readonly messages: readonly ScreenMessage[]; readonly offers: Offers };

type WireItem = {
  readonly type: string;
  readonly title: string;
  readonly call_to_actions?: readonly WireItem[];
};
type WireMessage = Omit<ScreenMessage, 'appId' | 'quickReplies'> & {
  readonly app_id: string | null;
  readonly quick_replies?: readonly ShownReply[];
};
type WireScreen = {
  readonly messages: readonly WireMessage[];
  readonly menu: readonly WireItem[];
  readonly get_started?: boolean;
  readonly ice_breakers?: readonly string[];
};

/** A screen as the sandbox tells it. */
export function screenOf(body: HttpAnswer['body']): Screen {
  const {
    messages,
    menu,
    get_started: getStarted = false,
    ice_breakers: iceBreakers = [],
  } = body as WireScreen;
  return {
    messages: messages.map(({ app_id: appId, quick_replies: quickReplies = [], ...message }) => ({
      ...message,
      appId,
      quickReplies,
    })),
    offers: { menu: menu.map(itemOf), getStarted, iceBreakers },
  };
}

const itemOf = ({ type, title, call_to_actions: items = [] }: WireItem): OfferedItem => ({
  type,
  title,
  items: items.map(itemOf),
});

/** Whether a message of the page holds a text; a template's counts like a message's, and so do titles of cards. */
export function shows({ from, text, attachment }: ScreenMessage, wanted: string | RegExp): boolean {
  if (from !== 'page') return false;
  const { text: body, elements } = attachment?.payload ?? {};
  const titles = Array.isArray(elements)
    ? elements.map((element) => (element as { readonly title?: string }).title)
    : [];
  return (
    [text, body, ...titles]
      .filter((each) => typeof each === 'string')
      // `search` looks from the start; `test` of an expression with `g` goes on from where it found something.
      .some((each) => (typeof wanted === 'string' ? each.includes(wanted) : each.search(wanted) >= 0))
  );
}

/** For complaints. */
export function describe(messages: readonly ScreenMessage[]): string {
  const lines = messages.map(({ from, appId, text, attachment }) => {
    const who = from === 'page' ? `app ${appId}` : 'customer';
    return `  ${who}: ${text ?? `(${attachment?.type ?? 'nothing'})`}`;
  });
  return `On the screen:\n${lines.length === 0 ? '  nothing' : lines.join('\n')}`;
}
