/** Calls with a user token: the person, the pages on which she has tasks, and her apps' subscriptions. */

import type { JsonObject } from '../../protocol/message.ts';
import { type PageAccess, pageTokens, tasksOf } from '../../runtime/grants.ts';
import { readList } from '../../wire/fields.ts';
import { identify } from './access.ts';
import { type Answer, answerWith, type Failure, failFor, failWith } from './answer.ts';
import { showApp } from './app-node.ts';
import type { UserCall } from './call.ts';
import type { Place } from './graph.ts';
import { choose } from './nodes.ts';
import { answerFrom, type OwnRoutes, unknownNode } from './own-routes.ts';
import { onSubscriptions, type SubscriptionCall } from './subscriptions.ts';

/** Of every page, as Graph has it. */
const CATEGORY = { category: 'Business', category_list: [{ id: '2200', name: 'Business' }] };

export const USER_ROUTES: OwnRoutes<UserCall> = new Map([
  ['', { GET: readNode }],
  ['accounts', { GET: listAccounts }],
]);

/** What hangs on an app. */
export const USER_APP_ROUTES: OwnRoutes<UserCall> = new Map([['subscriptions', onSubscriptions(readAdmin)]]);

/** The app of the token, for an admin of it. */
function readAdmin(call: UserCall): SubscriptionCall | Failure {
  const { runtime, caller } = call;
  const isAllowed = (): boolean => {
    const again = identify(runtime, caller.text);
    const roles = again.ok ? again.caller.app.roles : [];
    return roles.some(({ person, role }) => person === caller.person.id && role === 'admin');
  };
  return isAllowed() ? { ...call, app: caller.app.id, isAllowed } : failWith('app_admin_required');
}

/** `me` and the person's own id are the person; nobody else's edges are there. */
export async function answerUser(call: UserCall, place: Place): Promise<Answer> {
  if (place.node === call.caller.app.id && USER_APP_ROUTES.has(place.edge ?? '')) {
    return answerFrom(USER_APP_ROUTES, call, place);
  }
  const isOwn = isPerson(call, place.node);
  if (place.edge !== null && USER_ROUTES.has(place.edge) && !isOwn)
    return unknownNode(place.node, place.method);
  return answerFrom(USER_ROUTES, call, place);
}

const isPerson = ({ caller }: UserCall, node: string): boolean => node === 'me' || node === caller.person.id;

/** `GET /me`, `/{person}`, `/{app}`, and `/{page}` with its token if asked for. */
async function readNode(call: UserCall, node: string): Promise<Answer> {
  const { caller } = call;
  if (isPerson(call, node)) return choose(call, { id: caller.person.id, name: caller.person.name });
  if (node === caller.app.id) return showApp(call, caller.app);
  const hidden = withoutList(call);
  if (hidden !== null) return hidden;
  const page = call.runtime.configuration.current().pages.find(({ id }) => id === node) ?? null;
  if (page === null || tasksOf(page, caller.person.id).length === 0) return unknownNode(node, 'GET');
  const fields = readList(call.parameters, 'fields');
  if (!fields.ok) return failFor(fields.problem);
  const { id, name } = page;
  const shown = { id, name, ...CATEGORY };
  if (fields.value?.includes('access_token') !== true) return choose(call, shown);
  // Only now: a token that is asked for the first time is made.
  const found = (await accessOf(call)).find((each) => each.page.id === id);
  if (found === undefined) return unknownNode(node, 'GET');
  return choose(call, { ...shown, access_token: found.text });
}

/** `GET /me/accounts`: all pages in one page of results, so that paging ends at once (CLIENTS 1.11). */
async function listAccounts(call: UserCall): Promise<Answer> {
  const hidden = withoutList(call);
  if (hidden !== null) return hidden;
  const fields = readList(call.parameters, 'fields');
  if (!fields.ok) return failFor(fields.problem);
  const wanted = fields.value;
  const data = (await accessOf(call)).map(({ page, text }): JsonObject => {
    const { id, name } = page;
    const tasks = tasksOf(page, call.caller.person.id);
    const whole: JsonObject = { access_token: text, ...CATEGORY, name, id, tasks };
    if (wanted === null) return whole;
    return Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'id' || wanted.includes(key)));
  });
  return answerWith({ data });
}

/** [A2] Which pages there are, and their tokens, is told only to whom the person allows it. */
const withoutList = ({ caller }: UserCall): Answer | null =>
  caller.token.scopes.includes('pages_show_list')
    ? null
    : failWith('permission_missing', { permission: 'pages_show_list' });

const accessOf = ({ runtime, caller }: UserCall): Promise<readonly PageAccess[]> =>
  pageTokens(runtime, caller.token, caller.text);
