/** Requests of operators, of a sandbox, and of whoever looks around, that are carried out as they are. */

import { type Call, type Fields, plain } from './call.ts';
import { DESK, PAGE, type Values, VICTIM, VICTIM_PAGE, VICTIM_PERSON } from './values.ts';

export function otherCalls(values: Values): readonly Call[] {
  const token = values.operator;
  const asOperator = (name: string, path: string, fields: Fields = {}): Call =>
    plain(name, path, { token, fields });
  const app = `/admin/apps/${VICTIM}`;
  return [
    plain('GET /healthz', '/healthz'),
    plain('GET /readyz', '/readyz'),
    plain('GET /docs', '/docs/json'),
    plain('HEAD /healthz', '/healthz'),
    asOperator('GET /metrics', '/metrics'),
    asOperator('GET /admin/apps/{app}/deliveries', `${app}/deliveries`),
    asOperator('POST /admin/apps/{app}/resend', `${app}/resend`, { missed: true }),
    asOperator('POST /admin/apps/{app}/subscriptions', `${app}/subscriptions`, {
      object: 'page',
      callback_url: values.callback,
      verify_token: 'verify',
      fields: ['messages', 'standby'],
      max_batch: 10,
    }),
    asOperator('POST /admin/apps/{app}/switch_on', `${app}/switch_on`),
    asOperator('GET /admin/pages/{page}/routing', `/admin/pages/${VICTIM_PAGE}/routing?to=handover`),
    asOperator('POST /admin/pages/{page}/routing', `/admin/pages/${VICTIM_PAGE}/routing`, {
      to: 'conversation_routing',
    }),
    asOperator('GET /admin/people', '/admin/people'),
    asOperator('POST /admin/people/{person}', `/admin/people/${VICTIM_PERSON}`, {
      name: 'Vera',
      password: 'battery staple',
    }),
    asOperator('POST /admin/people/{person}', '/admin/people/9010', { name: 'Nina' }),
    asOperator(
      'POST /admin/pages/{page}/people/{person}',
      `/admin/pages/${VICTIM_PAGE}/people/${VICTIM_PERSON}`,
      { tasks: ['MODERATE', 'MESSAGING', 'MANAGE'] },
    ),
    asOperator('GET /admin/apps', '/admin/apps'),
    asOperator('POST /admin/apps', '/admin/apps', {
      name: 'New app',
      redirect_uris: ['https://app.example/'],
    }),
    asOperator('GET /admin/apps/{app}', app),
    asOperator('POST /admin/apps/{app}', app, { name: 'Victim', live: true, testers: ['5001'] }),
    asOperator('POST /admin/apps/{app}/roles/{person}', `${app}/roles/${VICTIM_PERSON}`, { role: 'tester' }),
    asOperator('POST /admin/apps/{app}/pages/{page}', `${app}/pages/${VICTIM_PAGE}`, {
      permissions: ['pages_messaging', 'pages_manage_metadata'],
    }),
    asOperator('POST /admin/apps/{app}/reviews', `${app}/reviews`, {
      feature: 'pages_messaging',
      granted: true,
      reason: 'Fine',
    }),
    asOperator('POST /admin/apps/{app}/rotate_secret', `${app}/rotate_secret`, { grace_ms: 2_592_000_000 }),
    asOperator('GET /admin/tokens', `/admin/tokens?app=${VICTIM}`),
    asOperator('POST /admin/tokens', '/admin/tokens', {
      app: VICTIM,
      page: VICTIM_PAGE,
      person: VICTIM_PERSON,
    }),
    asOperator('POST /admin/tokens/revoke', '/admin/tokens/revoke', { app: VICTIM, person: VICTIM_PERSON }),
    ...setupCalls(values, asOperator),
  ];
}

type AsOperator = (name: string, path: string, fields?: Fields) => Call;

/** Those that set a server up, and look at how it stands. */
function setupCalls({ psids }: Values, asOperator: AsOperator): readonly Call[] {
  const page = `/admin/pages/${VICTIM_PAGE}`;
  const subscriptions = `/admin/apps/${VICTIM}/subscriptions`;
  const thread = `/admin/pages/${PAGE}/threads/${psids[0]}`;
  return [
    asOperator('GET /admin', '/admin'),
    asOperator('GET /admin/check', '/admin/check'),
    asOperator('GET /admin/pages', '/admin/pages'),
    asOperator('POST /admin/pages', '/admin/pages', {
      name: 'Another page',
      platform: 'instagram',
      mode: 'handover',
      idle_channel: 'messaging',
      retention_days: 30,
    }),
    asOperator('GET /admin/pages/{page}', page),
    asOperator('POST /admin/pages/{page}', page, {
      name: 'Victim page',
      idle_channel: 'standby',
      retention_days: 30,
    }),
    asOperator('POST /admin/apps/{app}/subscriptions/{page}', `${subscriptions}/${VICTIM_PAGE}`, {
      subscribed_fields: ['messages', 'standby'],
    }),
    asOperator('POST /admin/pages/{page}/entry_points', `${page}/entry_points`, {
      ad_id: '778',
      app: VICTIM,
      expiration_days: 2,
    }),
    asOperator('DELETE /admin/pages/{page}/entry_points', `${page}/entry_points?ad_id=778`),
    asOperator('GET /admin/pages/{page}/threads', `/admin/pages/${PAGE}/threads?limit=3&owner=${DESK}`),
    asOperator('GET /admin/pages/{page}/threads/{psid}', thread),
    asOperator('POST /admin/pages/{page}/threads/{psid}', `${page}/threads/5099`, { name: 'Budi' }),
    asOperator('GET /admin/apps/{app}/subscriptions', subscriptions),
    asOperator('DELETE /admin/apps/{app}/subscriptions/{page}', `${subscriptions}/${VICTIM_PAGE}`),
    asOperator('DELETE /admin/apps/{app}/subscriptions', `${subscriptions}?object=page`),
  ];
}

export function sandboxCalls({ psids, buttons, survey, written }: Values): readonly Call[] {
  const customer = (name: string, index: number, fields: Fields = {}): Call => {
    const [method, what = ''] = name.split(' ');
    const path = `/sandbox/pages/${PAGE}/customers/${psids[index]}/${what}`;
    return plain(`${method} /sandbox/pages/{page}/customers/{psid}/${what}`, path, { fields });
  };
  const inbox = (name: string, index: number, fields: Fields = {}): Call => {
    const [method, what = ''] = name.split(' ');
    const path = `/sandbox/pages/${PAGE}/inbox/${psids[index]}${what}`;
    return plain(`${method} /sandbox/pages/{page}/inbox/{psid}${what}`, path, { fields });
  };
  return [
    plain('GET /sandbox/clock', '/sandbox/clock'),
    plain('POST /sandbox/clock', '/sandbox/clock', { fields: { advance_ms: 1_000 } }),
    plain('POST /sandbox/settle', '/sandbox/settle'),
    plain('GET /sandbox/deliveries', `/sandbox/deliveries?app=${VICTIM}`),
    customer('POST message', 10, {
      text: 'Hello',
      attachments: [{ type: 'image', payload: { url: 'https://a.example/a.png' } }],
    }),
    customer('POST message', 10, {
      text: 'Red',
      quick_reply: { payload: 'RED' },
      referral: { source: 'ADS', type: 'OPEN_THREAD', ad_id: '777', ref: 'spring' },
    }),
    customer('POST postback', 0, { mid: buttons, button: 0 }),
    customer('POST menu', 10, { item: [0] }),
    customer('POST get_started', 10, { referral: { source: 'SHORTLINK', ref: 'spring' } }),
    customer('POST ice_breaker', 10, { item: 0 }),
    customer('POST reaction', 0, { mid: written, reaction: 'love', action: 'react' }),
    customer('POST delivered', 0),
    customer('POST referral', 11, { source: 'SHORTLINK', ref: 'spring' }),
    customer('POST feedback', 1, { mid: survey, answers: { visit: { payload: '5', follow_up: 'Good' } } }),
    customer('POST read', 0),
    customer('GET screen', 0),
    inbox('GET ', 12),
    inbox('POST /reply', 12, { text: 'This is Ana' }),
    inbox('POST /move', 13, { folder: 'main' }),
    inbox('POST /pass', 13, { target_app_id: DESK, metadata: 'yours' }),
    plain(
      'GET /sandbox/pages/{page}/threads/{psid}/history',
      `/sandbox/pages/${PAGE}/threads/${psids[0]}/history`,
    ),
  ];
}
