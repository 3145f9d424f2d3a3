/** What stands beside the messages of a customer's screen, and what is tapped there. */

import type { HttpAnswer } from '../sandbox.ts';
import type { ScreenMessage } from './customer.ts';

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

/** Scores, or words where a question asks for words. */
export type SurveyAnswers = Readonly<
  Record<
    string,
    string | number | { readonly score: string | number; readonly followUp?: string | undefined }
  >
>;

type WireItem = {
  readonly type: string;
  readonly title: string;
  readonly call_to_actions?: readonly WireItem[];
};

export function offersOf(screen: HttpAnswer['body']): Offers {
  return {
    menu: (screen['menu'] as readonly WireItem[]).map(itemOf),
    getStarted: screen['get_started'] === true,
    iceBreakers: screen['ice_breakers'] as readonly string[],
  };
}

const itemOf = ({ type, title, call_to_actions: items = [] }: WireItem): OfferedItem => ({
  type,
  title,
  items: items.map(itemOf),
});

/** The number of an item on each level; null where there is none of these titles. */
export function pathTo(menu: readonly OfferedItem[], titles: readonly string[]): readonly number[] | null {
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
export const surveyOn = (messages: readonly ScreenMessage[]): string | null =>
  messages.findLast(({ attachment }) => attachment?.payload['template_type'] === 'customer_feedback')?.mid ??
  null;

export const wireAnswers = (answers: SurveyAnswers): object =>
  Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => {
      if (typeof answer !== 'object') return [id, { payload: String(answer) }];
      return [id, { payload: String(answer.score), follow_up: answer.followUp }];
    }),
  );
