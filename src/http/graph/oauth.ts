/** `/oauth/access_token`: an app shows its secret and gets a token. GET and POST alike, as clients do. */

import { parseAppId } from '../../protocol/ids.ts';
import { SECOND_MS } from '../../protocol/time.ts';
import { exchangeToken, type Granted, redeemCode } from '../../runtime/grants.ts';
import type { AppRecord } from '../../store/config.ts';
import { problemOf } from '../../wire/problem.ts';
import { appWith, identify } from './access.ts';
import { type Answer, answerWith, failFor, failWith } from './answer.ts';
import { changeWhile } from './change-as.ts';
import type { OpenCall, OpenRoute } from './open-routes.ts';

/** `grant_type=client_credentials`: an app token. `fb_exchange_token`: a long-lived user token. Else `code`: a user token. */
export const giveToken: OpenRoute = async (call, method) => {
  const { runtime, parameters } = call;
  if (method !== 'GET' && method !== 'POST') {
    return failWith('unknown_method', { path: '/oauth/access_token', method: String(method) });
  }
  const secret = parameters.text('client_secret') ?? '';
  const id = parameters.text('client_id') ?? '';
  const app = appWith(runtime, id, secret);
  // Without a secret, or an app that it could be of, nothing has been tried.
  const isGuess = secret !== '' && parseAppId(id) !== null;
  if (app === null) return { ...failWith('client_invalid'), isGuess };
  const limited = call.spend(app.id);
  if (limited !== null) return limited;
  const grant = parameters.text('grant_type') ?? 'authorization_code';
  if (grant === 'client_credentials') {
    // With the secret that was shown: who has only the one before must not get the new one.
    return answerWith({ access_token: `${app.id}|${secret}`, token_type: 'bearer' });
  }
  // [A5] By its turn the secret may be good no more.
  const change = changeWhile(runtime, () => appWith(runtime, id, secret) !== null);
  const own = { ...call, runtime: { ...runtime, change } };
  if (grant === 'fb_exchange_token') return exchange(own, app);
  if (grant === 'authorization_code') return redeem(own, app);
  const grants = 'authorization_code, client_credentials, fb_exchange_token';
  return failFor(problemOf('grant_type', `must be one of ${grants}`));
};

async function exchange({ runtime, parameters }: OpenCall, app: AppRecord): Promise<Answer> {
  const text = parameters.text('fb_exchange_token') ?? '';
  if (text === '') return failFor(problemOf('fb_exchange_token', 'is required'));
  const found = identify(runtime, text);
  if (!found.ok) return found;
  if (found.kind !== 'user' || found.caller.app.id !== app.id) return failWith('token_invalid');
  const granted = await exchangeToken(runtime, found.caller.token, text);
  return granted === null ? failWith('token_invalid') : answerGranted(granted);
}

async function redeem({ runtime, parameters }: OpenCall, app: AppRecord): Promise<Answer> {
  const [code, redirectUri] = [parameters.text('code') ?? '', parameters.text('redirect_uri') ?? ''];
  if (code === '') return failFor(problemOf('code', 'is required'));
  if (redirectUri === '') return failFor(problemOf('redirect_uri', 'is required'));
  const granted = await redeemCode(runtime, { app: app.id, code, redirectUri });
  return granted === null ? failWith('code_invalid') : answerGranted(granted);
}

const answerGranted = ({ text, lastsMs }: Granted): Answer =>
  answerWith({ access_token: text, token_type: 'bearer', expires_in: Math.floor(lastsMs / SECOND_MS) });
