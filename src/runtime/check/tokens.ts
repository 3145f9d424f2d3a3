/** [A1, A5] What of tokens goes wrong: an app has none, the one it has opens nothing, or it will soon. */

import type { AppId, PersonId } from '../../protocol/ids.ts';
import type { Connection } from '../../protocol/page.ts';
import { DAY_MS, type Instant } from '../../protocol/time.ts';
import type { PageToken, TokenRecord } from '../../store/access.ts';
import { hasEnded, tasksOf } from '../grants.ts';
import { type Finding, found, named } from './finding.ts';
import type { PageView, View } from './view.ts';

/** Tokens that end so soon are told of. */
const SOON_MS = 7 * DAY_MS;

export const checkTokens = (view: View): readonly Finding[] =>
  view.pages.flatMap((page) => page.connected.flatMap((connection) => checkTokensOf(view, page, connection)));

function checkTokensOf(view: View, page: PageView, { app }: Connection): readonly Finding[] {
  const id = page.page.id;
  const about = { page: id, app };
  const own = view.tokensOf(app);
  const good = own.filter((token) => !hasEnded(token, view.now));
  const tokens = good.filter((token): token is PageToken => token.kind === 'page' && token.page === id);
  const [name, make] = [view.nameOf(app), `baton token create --app ${app} --page ${id} --person <person>`];
  const sources = [...tokens, ...good.filter((token) => mayGive(page, token))];
  if (sources.length === 0) {
    const had = own.some((token) => token.kind === 'page' && token.page === id);
    const what = had ? 'no Page token any more: the last has ended' : 'no Page token';
    const message = `${name} is connected to ${page.name} and has ${what}: it hears, and can call nothing.`;
    return [found('app_without_token', about, { message, remedy: `Make one: ${make}` })];
  }
  const last = Math.max(...sources.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY));
  return [...checkEnd(view, page, { about, last, make }), ...checkTasks(view, page, tokens)];
}

function checkEnd(
  view: View,
  page: PageView,
  {
    about,
    last,
    make,
  }: { readonly about: { readonly app: AppId }; readonly last: Instant; readonly make: string },
): readonly Finding[] {
  if (last > view.now + SOON_MS) return [];
  const message = `Every token of ${view.nameOf(about.app)} for ${page.name} ends by ${new Date(last).toISOString()}: from then on its calls are refused.`;
  const remedy = `Let the person sign in again, or make one that lasts: ${make}`;
  return [found('tokens_end', { page: page.page.id, ...about }, { message, remedy })];
}

/** Whether a user token can give a Page token of this page. */
const mayGive = ({ record }: PageView, token: TokenRecord): boolean =>
  token.kind === 'user' && tasksOf(record, token.person).length > 0;

/** [A1] The person behind a token may have lost what made it good for something. */
function checkTasks(view: View, page: PageView, tokens: readonly PageToken[]): readonly Finding[] {
  const people = [...new Set(tokens.map(({ person }) => person))];
  const has = (person: PersonId, task: 'MESSAGING' | 'MODERATE'): boolean =>
    tasksOf(page.record, person).includes(task);
  const canModerate = people.some((person) => has(person, 'MODERATE'));
  return people.flatMap((person) => {
    const [token] = tokens.filter((each) => each.person === person);
    if (token === undefined || has(person, 'MODERATE')) return [];
    const about = { page: token.page, app: token.app, person };
    const [name, who] = [view.nameOf(token.app), personName(view, person)];
    const remedy = `Give the task, baton person tasks ${person} ${token.page} --set MODERATE,MESSAGING, or revoke the token: baton token revoke --app ${token.app} --page ${token.page} --person ${person}`;
    if (!has(person, 'MESSAGING')) {
      const message = `A token of ${name} for ${page.name} stands on ${who}, who has neither MESSAGING nor MODERATE there: its messages and control calls are refused.`;
      return [found('token_without_task', about, { message, remedy })];
    }
    if (canModerate) return [];
    const message = `No token of ${name} for ${page.name} stands on a person with MODERATE: it can send, and its control calls are refused.`;
    return [found('token_without_moderate', about, { message, remedy })];
  });
}

function personName(view: View, id: PersonId): string {
  const person = view.person(id);
  return person === undefined ? `person ${id}` : named(person);
}
