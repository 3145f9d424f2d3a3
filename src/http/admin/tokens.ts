/** [A5] Tokens as the operator sees them: never their texts, but of one that is made, once. */

import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { parseAppId, parsePageId, parsePersonId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { givePageToken, hasEnded, revokeTokens, tasksOf } from '../../runtime/grants.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { hashToken } from '../../runtime/tokens.ts';
import type { PageToken, TokenRecord } from '../../store/access.ts';
import { fail, readBody, textAt } from '../sandbox/body.ts';
import { appNamed, idAt, MAX_OPERATOR_TEXT, pageNamed, personNamed, readQuery } from './read.ts';

/** Of its hash; enough to name a token among those of a server. */
const ID_DIGITS = 16;
const OWNERS = ['app', 'page', 'person'];

export function addTokens(
  app: FastifyInstance,
  runtime: Runtime,
  preHandler: preHandlerAsyncHookHandler,
): void {
  const { configuration, clock } = runtime;

  app.get('/admin/tokens', { preHandler }, async (request) => {
    const isMeant = readOwners(readQuery(request, OWNERS));
    const { tokens } = configuration.current();
    return { data: tokens.filter(isMeant).map((token) => renderToken(token, hasEnded(token, clock.now()))) };
  });

  app.post('/admin/tokens', { preHandler }, async (request) => {
    const names = readNames(runtime, request);
    const text = await givePageToken(runtime, names);
    return { access_token: text, id: idOf(hashToken(text)), ...names };
  });

  app.post('/admin/tokens/revoke', { preHandler }, async (request) => {
    const body = readBody(request, ['id', 'token', ...OWNERS]);
    const [empty] = Object.entries(body).find(([, value]) => value === null) ?? [];
    // What a mistake has left empty must not make of one token all of them.
    if (empty !== undefined) fail(empty, `${empty} must not be null: leave out what is not meant`);
    if (Object.keys(body).length === 0)
      fail('id', 'Name a token by id or token, or tokens by app, page and person');
    const [id, text] = [textAt(body, 'id', ID_DIGITS), textAt(body, 'token', MAX_OPERATOR_TEXT)];
    const hash = text === null ? null : hashToken(text);
    const isOwned = readOwners(body);
    const isNamed = (each: string): boolean =>
      (id === null || idOf(each) === id) && (hash === null || each === hash);
    // A user token that has ended is forgotten in time; what it gave still bears its name.
    const isGivenByNamed = ({ parent }: PageToken): boolean =>
      parent !== null && configuration.token(parent) === null && isNamed(parent);
    const revoked = await revokeTokens(
      runtime,
      (token) => isOwned(token) && (isNamed(token.hash) || (token.kind === 'page' && isGivenByNamed(token))),
    );
    return { revoked };
  });
}

const idOf = (hash: string): string => hash.slice(0, ID_DIGITS);

/** Which tokens are meant by an app, a page and a person, as far as those are given. */
function readOwners(given: JsonObject): (token: TokenRecord) => boolean {
  const app = idAt(given, 'app', parseAppId);
  const page = idAt(given, 'page', parsePageId);
  const person = idAt(given, 'person', parsePersonId);
  return (token) =>
    (app === null || token.app === app) &&
    (page === null || (token.kind === 'page' && token.page === page)) &&
    (person === null || token.person === person);
}

/** Whom a new token is for; the person must have something to do on the page. */
function readNames(runtime: Runtime, request: FastifyRequest) {
  const body = readBody(request, OWNERS);
  const app = appNamed(runtime, idAt(body, 'app', parseAppId) ?? fail('app', 'app is required'));
  const page = pageNamed(runtime, idAt(body, 'page', parsePageId) ?? fail('page', 'page is required'));
  const named = idAt(body, 'person', parsePersonId) ?? fail('person', 'person is required');
  const person = personNamed(runtime, named);
  if (tasksOf(page, person.id).length === 0) {
    fail('person', `Person ${person.id} has no task on page ${page.id}: a token would open nothing`);
  }
  return { app: app.id, page: page.id, person: person.id };
}

const renderToken = (token: TokenRecord, ended: boolean): JsonObject => ({
  id: idOf(token.hash),
  kind: token.kind,
  app: token.app,
  page: token.kind === 'page' ? token.page : null,
  person: token.person,
  source: token.kind === 'page' ? token.source : 'sign_in',
  given_by: token.kind === 'page' && token.parent !== null ? idOf(token.parent) : null,
  scopes: token.scopes,
  issued_at: token.issuedAt,
  expires_at: token.expiresAt,
  ended,
});
