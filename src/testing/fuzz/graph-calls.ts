/** Requests of the Graph that are carried out as they are, one of each kind at least. */

import type { Json } from '../../protocol/message.ts';
import { type Call, type Fields, graph, plain } from './call.ts';
import {
  BOT,
  DESK,
  PAGE,
  PASSWORD,
  PERSON,
  REDIRECT,
  ROUTED_PAGE,
  secretOf,
  tokenOf,
  type Values,
  VICTIM,
  VICTIM_PAGE,
} from './values.ts';

const bot = { token: tokenOf(BOT), secret: secretOf(BOT) };
const desk = { token: tokenOf(DESK), secret: secretOf(DESK) };
const routed = { token: tokenOf(BOT, ROUTED_PAGE), secret: secretOf(BOT) };
const victim = { token: tokenOf(VICTIM, VICTIM_PAGE), secret: secretOf(VICTIM) };
const appToken = { token: `${VICTIM}|${secretOf(VICTIM)}`, secret: secretOf(VICTIM) };

const MENU: Json = [
  {
    locale: 'default',
    composer_input_disabled: false,
    call_to_actions: [
      { type: 'postback', title: 'Order', payload: 'ORDER' },
      { type: 'web_url', title: 'Site', url: 'https://shop.example/' },
    ],
  },
];
const PROFILE: Fields = {
  get_started: { payload: 'START' },
  persistent_menu: MENU,
  ice_breakers: [{ question: 'Open today?', payload: 'HOURS' }],
  greeting: [{ locale: 'default', text: 'Welcome' }],
  whitelisted_domains: ['https://shop.example'],
  commands: [{ locale: 'default', commands: [{ name: 'order', description: 'Order a cake' }] }],
};
const TEMPLATES: readonly Json[] = [
  {
    template_type: 'generic',
    elements: [
      {
        title: 'Cake',
        subtitle: 'With cherries',
        image_url: 'https://shop.example/cake.png',
        default_action: { type: 'web_url', url: 'https://shop.example/cake' },
        buttons: [{ type: 'postback', title: 'Order', payload: 'ORDER' }],
      },
    ],
  },
  {
    template_type: 'button',
    text: 'What now?',
    buttons: [
      { type: 'postback', title: 'Order', payload: 'ORDER' },
      { type: 'phone_number', title: 'Call', payload: '+15105551234' },
    ],
  },
];
export const SURVEY: Json = {
  template_type: 'customer_feedback',
  title: 'Rate your visit',
  subtitle: 'It helps us',
  button_title: 'Rate us',
  feedback_screens: [{ questions: [{ id: 'visit', type: 'csat', follow_up: { type: 'free_form' } }] }],
  business_privacy: { url: 'https://shop.example/privacy' },
};
export const PICTURE = {
  name: 'filedata',
  filename: 'cake.png',
  type: 'image/png',
  bytes: '\u0089PNG\r\n\u001a\n',
};
const BUTTONS = TEMPLATES[1] ?? null;
/** What tells it from every other message. */
export const BUTTON_MESSAGE: Fields = { attachment: { type: 'template', payload: BUTTONS } };

export const graphCalls = (values: Values): readonly Call[] => [
  ...controlCalls(values),
  ...sendCalls(values),
  ...profileCalls(values),
  ...readCalls(values),
  ...batchCalls(values),
  ...accessCalls(values),
];

function controlCalls({ psids, routedPsid }: Values): readonly Call[] {
  const to = (index: number): Json => ({ id: psids[index] ?? '' });
  const keyed = { headers: { 'idempotency-key': `take-${psids[2]}` } };
  const control = (edge: string, who: typeof bot, fields: Fields, extra = {}): Call =>
    graph(`POST /{page}/${edge}`, `/v20.0/me/${edge}`, { ...who, fields, ...extra });
  return [
    control('pass_thread_control', bot, { recipient: to(1), target_app_id: DESK, metadata: 'a cake' }),
    control('take_thread_control', bot, { recipient: to(2), metadata: 'mine' }, keyed),
    control('request_thread_control', desk, { recipient: to(3), metadata: 'please' }),
    control('release_thread_control', bot, { recipient: to(4) }),
    control('extend_thread_control', bot, { recipient: to(5), duration: '86400' }),
    control('pass_thread_metadata', bot, { recipient: to(6), target_app_id: Number(DESK), metadata: 'm' }),
    control('extend_thread_control', routed, { recipient: { id: routedPsid } }),
    graph('GET /{page}/thread_owner', `/${PAGE}/thread_owner`, {
      ...desk,
      fields: { recipient: psids[7] ?? '', fields: 'thread_owner,control_epoch' },
    }),
    graph('GET /{page}/thread_requests', '/v20.0/me/thread_requests', {
      ...bot,
      fields: { recipient: psids[3] ?? '' },
    }),
    graph('GET /{page}/secondary_receivers', '/v20.0/me/secondary_receivers', {
      ...bot,
      fields: { fields: 'id,name', platform: 'MESSENGER' },
    }),
  ];
}

function sendCalls({ psids, routedPsid, written, attachment, persona }: Values): readonly Call[] {
  const recipient: Json = { id: psids[7] ?? '' };
  const send = (fields: Fields, extra = {}): Call =>
    graph('POST /{page}/messages', '/v20.0/me/messages', {
      ...bot,
      fields: { recipient, ...fields },
      ...extra,
    });
  return [
    send({ messaging_type: 'RESPONSE', message: { text: 'Hello', metadata: 'm' } }),
    send({ message: { text: 'Once' } }, { headers: { 'idempotency-key': `once-${psids[7]}` } }),
    send({
      persona_id: persona,
      message: { text: 'Which?', quick_replies: [{ content_type: 'text', title: 'Red', payload: 'RED' }] },
    }),
    send({ tag: 'HUMAN_AGENT', messaging_type: 'MESSAGE_TAG', message: { text: 'Late' } }),
    ...TEMPLATES.map((payload) => send({ message: { attachment: { type: 'template', payload } } })),
    send({ message: { attachment: { type: 'template', payload: SURVEY } } }),
    send({ message: { attachment: { type: 'image', payload: { attachment_id: attachment } } } }),
    send({
      message: {
        attachment: { type: 'image', payload: { url: 'https://shop.example/a.png', is_reusable: true } },
      },
    }),
    send({ message: { attachment: { type: 'image', payload: {} } } }, { file: PICTURE }),
    send({ sender_action: 'typing_on' }),
    send({
      recipient: { id: psids[0] ?? '' },
      sender_action: 'react',
      payload: { message_id: written, reaction: 'love' },
    }),
    graph('POST /{page}/messages', `/${ROUTED_PAGE}/messages`, {
      ...routed,
      fields: {
        recipient: { id: routedPsid },
        message: { text: 'Hello' },
        thread_control: { control_type: 'RELEASE' },
      },
    }),
    graph('POST /{page}/message_attachments', '/v20.0/me/message_attachments', {
      ...bot,
      fields: { message: { attachment: { type: 'image', payload: { is_reusable: true } } } },
      file: PICTURE,
    }),
    graph('POST /{page}/nlp_configs', '/v20.0/me/nlp_configs', { ...bot, fields: { nlp_enabled: true } }),
  ];
}

function profileCalls({ psids }: Values): readonly Call[] {
  const psid = psids[8] ?? '';
  const of = (name: string, edge: string, fields: Fields): Call =>
    graph(`${name} /{page}/${edge}`, `/v20.0/me/${edge}`, { ...bot, fields });
  return [
    of('POST', 'messenger_profile', PROFILE),
    of('GET', 'messenger_profile', { fields: 'get_started,persistent_menu,greeting' }),
    of('DELETE', 'messenger_profile', { fields: ['commands'] }),
    of('POST', 'custom_user_settings', { psid, persistent_menu: MENU }),
    of('GET', 'custom_user_settings', { psid }),
    of('DELETE', 'custom_user_settings', { psid, params: ['persistent_menu'] }),
    of('POST', 'personas', { name: 'Rosa', profile_picture_url: 'https://shop.example/rosa.png' }),
    of('GET', 'personas', { limit: '2' }),
  ];
}

function readCalls({ psids, buttons, persona, fileKey }: Values): readonly Call[] {
  const conversation = `t_${PAGE}_${psids[0]}`;
  const read = (name: string, path: string, fields: Fields = {}): Call =>
    graph(name, path, { ...bot, fields });
  return [
    read('GET /{id}', '/me', { fields: '["id","name"]' }),
    read('GET /{id}', `/v6.0/${psids[0]}`, { fields: 'first_name, last_name' }),
    read('GET /{id}', `/v20.0/${buttons}`, { fields: 'id,from,to,message' }),
    read('GET /{id}', `/v20.0/${conversation}`, { fields: 'messages.limit(2){message,from},participants' }),
    read('GET /{id}', `/v20.0/${persona}`),
    read('GET /{id}', `/v20.0/${DESK}`),
    read('DELETE /{id}', `/v20.0/${persona}`),
    read('GET /{page}/conversations', '/v20.0/me/conversations', { platform: 'messenger', limit: '3' }),
    read('GET /{page}/messages', `/v20.0/${conversation}/messages`, { limit: '2' }),
    plain('GET /attachments/{key}', `/attachments/${fileKey}`),
  ];
}

function batchCalls({ psids }: Values): readonly Call[] {
  const recipient = encodeURIComponent(JSON.stringify({ id: psids[9] }));
  const batch: Json = [
    { method: 'GET', relative_url: 'me', name: 'page' },
    {
      method: 'post',
      relative_url: '/v20.0/me/messages',
      body: `recipient=${recipient}&message=${encodeURIComponent('{"text":"From {result=page:$.name}"}')}`,
    },
    { method: 'GET', relative_url: `me/thread_owner?recipient=${psids[9]}`, depends_on: 'page' },
    { method: 'POST', relative_url: 'me/take_thread_control', body: `recipient=${recipient}` },
    null,
  ];
  return [
    graph('POST /', '/v20.0/', { ...bot, fields: { batch, include_headers: false } }),
    graph('POST /', '/', {
      ...bot,
      fields: { batch: JSON.stringify(batch) },
      headers: { 'idempotency-key': `batch-${psids[9]}` },
    }),
  ];
}

function accessCalls({ userToken, code, callback, ticket, cookie }: Values): readonly Call[] {
  const user = { token: userToken, secret: secretOf(BOT) };
  const client = { client_id: BOT, client_secret: secretOf(BOT) };
  const oauth = (name: string, fields: Fields): Call =>
    graph(`${name} /oauth/access_token`, '/v20.0/oauth/access_token', { token: null, fields });
  const dialog = { client_id: BOT, redirect_uri: REDIRECT, response_type: 'code', state: 's' };
  const webhook = {
    object: 'page',
    callback_url: callback,
    verify_token: 'verify',
    fields: 'messages,standby',
  };
  return [
    graph('GET /{page}/subscribed_apps', '/v20.0/me/subscribed_apps', victim),
    graph('POST /{page}/subscribed_apps', '/v20.0/me/subscribed_apps', {
      ...victim,
      fields: { subscribed_fields: ['messages', 'standby', 'messaging_handovers'] },
    }),
    graph('DELETE /{page}/subscribed_apps', `/${VICTIM_PAGE}/subscribed_apps`, victim),
    graph('GET /{person}/accounts', '/v20.0/me/accounts', {
      ...user,
      fields: { fields: 'id,name,access_token' },
    }),
    graph('GET /{id}', `/v20.0/${PERSON}`, user),
    graph('GET /{id}', `/v20.0/${PAGE}`, { ...user, fields: { fields: 'access_token' } }),
    graph('GET /{id}', `/v20.0/${VICTIM}`, appToken),
    graph('POST /{app}/subscriptions', `/v20.0/${VICTIM}/subscriptions`, { ...appToken, fields: webhook }),
    graph('GET /{app}/subscriptions', `/v20.0/${VICTIM}/subscriptions`, appToken),
    graph('DELETE /{app}/subscriptions', `/v20.0/${VICTIM}/subscriptions`, {
      ...appToken,
      fields: { object: 'page' },
    }),
    graph('POST /{app}/review_requests', `/v20.0/${VICTIM}/review_requests`, {
      ...appToken,
      fields: { feature: 'human_agent', note: 'We answer at night' },
    }),
    graph('GET /{app}/review_requests', `/v20.0/${VICTIM}/review_requests`, appToken),
    oauth('GET', { ...client, grant_type: 'client_credentials' }),
    oauth('POST', { ...client, redirect_uri: REDIRECT, code }),
    oauth('GET', { ...client, grant_type: 'fb_exchange_token', fb_exchange_token: userToken }),
    graph('GET /debug_token', '/debug_token', {
      token: `${BOT}|${secretOf(BOT)}`,
      fields: { input_token: userToken },
    }),
    { ...graph('GET /dialog/oauth', '/v20.0/dialog/oauth', { token: null, fields: dialog }), area: 'form' },
    {
      ...graph('POST /dialog/oauth', '/dialog/oauth', {
        token: null,
        fields: { ...dialog, ticket, person: PERSON, password: PASSWORD, scope: 'pages_messaging' },
        headers: { cookie },
      }),
      area: 'form',
    },
  ];
}
