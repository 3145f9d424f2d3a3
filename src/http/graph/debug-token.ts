/** `GET /debug_token`: what a token is, for its app, or for the token itself. */

import type { JsonObject } from '../../protocol/message.ts';
import { unixSeconds } from '../../protocol/time.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { hashToken } from '../../runtime/tokens.ts';
import type { PageToken, UserToken } from '../../store/access.ts';
import type { AppRecord } from '../../store/config.ts';
import { problemOf } from '../../wire/problem.ts';
import { type AnyCaller, allowedTo, identify, tokenIn } from './access.ts';
import { answerWith, failFor, failWith } from './answer.ts';
import type { OpenRoute } from './open-routes.ts';

/** [A5] Of a token that the caller has nothing to do with, be there such a token or not. */
const NOTHING: JsonObject = { is_valid: false };

/** An `appsecret_proof` is not looked at: clients send that of another token (CLIENTS 1.10). */
export const debugToken: OpenRoute = async ({ runtime, parameters, authorization, spend }, method) => {
  if (method !== 'GET') return failWith('unknown_method', { path: '/debug_token', method: String(method) });
  const text = tokenIn(parameters, authorization);
  if (text === '') return failWith('token_missing');
  const asking = identify(runtime, text);
  if (!asking.ok) return asking;
  const limited = spend(asking.caller.app.id);
  if (limited !== null) return limited;
  const input = parameters.text('input_token') ?? '';
  if (input === '') return failFor(problemOf('input_token', 'is required'));
  return answerWith({ data: describe(runtime, { asking, isOwn: input === text, input }) });
};

function describe(
  runtime: Runtime,
  { asking, isOwn, input }: { readonly asking: AnyCaller; readonly isOwn: boolean; readonly input: string },
): JsonObject {
  const { app } = asking.caller;
  const found = identify(runtime, input);
  if (found.ok && found.kind === 'app') {
    return found.caller.app.id === app.id && asking.kind === 'app' ? describeApp(app) : NOTHING;
  }
  const token = runtime.configuration.token(hashToken(input));
  const isMeant = isOwn || (asking.kind === 'app' && token?.app === app.id);
  if (token === null || token.kind === 'code' || !isMeant) return NOTHING;
  return { ...describeToken(runtime, app, token), is_valid: found.ok };
}

const describeApp = ({ id, name }: AppRecord): JsonObject => ({
  app_id: id,
  type: 'APP',
  application: name,
  expires_at: 0,
  is_valid: true,
  scopes: [],
});

function describeToken(runtime: Runtime, { id, name }: AppRecord, token: PageToken | UserToken): JsonObject {
  const { issuedAt, expiresAt, person } = token;
  const common: JsonObject = {
    app_id: id,
    type: token.kind === 'page' ? 'PAGE' : 'USER',
    application: name,
    expires_at: expiresAt === null ? 0 : unixSeconds(expiresAt),
    ...(issuedAt === 0 ? {} : { issued_at: unixSeconds(issuedAt) }),
    user_id: person,
  };
  if (token.kind === 'user') return { ...common, scopes: token.scopes };
  return { ...common, profile_id: token.page, scopes: allowedTo(runtime, token) };
}
