/** Every form in which the measured clients call (CLIENTS 3): each line is sent as they send it. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { type HttpAnswer, openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, INBOX, PAGE, secretOf, shopWorld, tokenOf } from './shop.ts';

const T = tokenOf(BOT);
const APP_TOKEN = `${BOT}|${secretOf(BOT)}`;
const proof = (token: string): string => createHmac('sha256', secretOf(BOT)).update(token).digest('hex');
const H = proof(T);
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const enc = encodeURIComponent;
const RECIPIENT = `{"id":"${BUDI}"}`;

let baton: Sandbox;
let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
before(async () => {
  endpoint = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' });
  baton = await openSandbox(shopWorld({ [BOT]: endpoint.url }, { apps: [BOT, DESK] }));
});
after(async () => {
  await baton[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

type Form = {
  readonly method: string;
  readonly path: string;
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the answer must hold. */
  readonly answer?: unknown;
};

/** A request as it stands, whatever `fetch` would think of it: a GET with a body, a path that is an address. */
function send({ method, path, body = '', headers = {} }: Form): Promise<HttpAnswer> {
  const { hostname, port } = new URL(baton.url);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? {} : JSON_TYPE;
  const length = { 'content-length': String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const call = request(
      { hostname, port, method, path, headers: { ...type, ...length, ...headers } },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const parsed = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        resolve({ status: answer.statusCode ?? 0, body: parsed });
      },
    );
    call.on('error', reject).end(text);
  });
}

/** A customer writes on an idle thread: the bot, the primary receiver, has control. */
async function botHasControl(): Promise<void> {
  await baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text: 'Hello' });
  const taken = await baton.graph('POST', '/me/take_thread_control', {
    token: T,
    body: { recipient: { id: BUDI } },
  });
  assert.ok(taken.status === 200 || JSON.stringify(taken.body).includes('already'));
}

const SUCCESS = { success: true };
const SET = { result: 'success' };
const PASS = `recipient=${enc(RECIPIENT)}&target_app_id=${DESK}&metadata=m`;
const MESSAGE = { text: 'Hello!' };
const OWNER = { data: [{ thread_owner: { app_id: BOT } }] };
const BATCH = [{ method: 'get', relative_url: 'me' }];

function multipart(fields: Readonly<Record<string, string>>, file?: string): Form {
  const parts = Object.entries(fields).map(
    ([name, text]) => `--XX\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  const head = `content-disposition: form-data; name="${file}"; filename="a.png"\r\ncontent-type: image/png`;
  const attached = file === undefined ? '' : `--XX\r\n${head}\r\n\r\nPNG\r\n`;
  const headers = { 'content-type': 'multipart/form-data; boundary=XX' };
  return { method: 'POST', path: '/', headers, body: `${parts.join('')}${attached}--XX--\r\n` };
}

const FILE_ITEM = {
  method: 'POST',
  relative_url: 'me/message_attachments',
  body: `message=${enc('{"attachment":{"type":"image","payload":{"is_reusable":true}}}')}`,
  attached_files: 'file_0',
};

/** Each is begun with the bot in control. */
const FORMS: Readonly<Record<string, Form>> = {
  'messaging-apis: a JSON body, the target as a number, token and proof in the query': {
    method: 'POST',
    path: `/v6.0/me/pass_thread_control?access_token=${T}&appsecret_proof=${H}`,
    body: { recipient: { id: BUDI }, target_app_id: Number(DESK), metadata: 'm' },
    answer: SUCCESS,
  },
  'messenger-node: no version, the inbox as a number': {
    method: 'POST',
    path: `/me/pass_thread_control?access_token=${T}`,
    body: { recipient: { id: BUDI }, target_app_id: Number(INBOX) },
    answer: SUCCESS,
  },
  'Meta’s Node SDK: the page in the path, its id once more in the body': {
    method: 'POST',
    path: `/v24.0/${PAGE}/pass_thread_control?access_token=${T}`,
    body: { recipient: { id: BUDI }, target_app_id: DESK, metadata: 'm', id: PAGE },
    answer: SUCCESS,
  },
  'kerox: recipient and target as numbers': {
    method: 'POST',
    path: `/v5.0/me/pass_thread_control?access_token=${T}`,
    body: { recipient: { id: Number(BUDI) }, target_app_id: Number(DESK), metadata: 'm' },
    answer: SUCCESS,
  },
  'wingbot: a messaging_type on a pass, metadata that is JSON': {
    method: 'POST',
    path: `/v3.2/me/pass_thread_control?access_token=${T}`,
    body: {
      target_app_id: DESK,
      metadata: '{"a":1}',
      recipient: { id: BUDI },
      messaging_type: 'RESPONSE',
    },
    answer: SUCCESS,
  },
  'Python SDK, fb: urlencoded with JSON values': {
    method: 'POST',
    path: `/v20.0/${PAGE}/pass_thread_control?access_token=${T}&appsecret_proof=${H}`,
    headers: FORM_TYPE,
    body: PASS,
    answer: SUCCESS,
  },
  'koala: token and proof in the form': {
    method: 'POST',
    path: '/v20.0/me/pass_thread_control',
    headers: FORM_TYPE,
    body: `access_token=${T}&appsecret_proof=${H}&${PASS}`,
    answer: SUCCESS,
  },
  'Meta’s docs: all in the query, JSON without quotes, no body': {
    method: 'POST',
    path: `/v20.0/${PAGE}/pass_thread_control?recipient={id:${BUDI}}&target_app_id=${DESK}&metadata=m&access_token=${T}`,
    answer: SUCCESS,
  },
  'Meta’s samples, n8n: a message in the query': {
    method: 'POST',
    path: `/v15.0/${PAGE}/messages?recipient=${enc(RECIPIENT)}&messaging_type=RESPONSE&message=${enc('{"text":"Hello!"}')}&access_token=${T}`,
    answer: { recipient_id: BUDI },
  },
  'single quotes around names and texts': {
    method: 'POST',
    path: `/v15.0/me/messages?access_token=${T}`,
    headers: FORM_TYPE,
    body: `recipient=${enc(`{'id':'${BUDI}'}`)}&message=${enc("{'text':'Hello!'}")}`,
    answer: { recipient_id: BUDI },
  },
  'botkit 0.7: token and proof in the JSON body': {
    method: 'POST',
    path: '/v2.11/me/messages',
    body: {
      recipient: { id: BUDI },
      message: MESSAGE,
      messaging_type: 'RESPONSE',
      access_token: T,
      appsecret_proof: H,
    },
    answer: { recipient_id: BUDI },
  },
  'no messaging_type, parameters that nobody knows': {
    method: 'POST',
    path: `/v2.6/me/messages?access_token=${T}&locale=en_US`,
    body: { recipient: { id: BUDI }, message: MESSAGE, folder: 'x', platform: 'messenger' },
    answer: { recipient_id: BUDI },
  },
  'enums in any case': {
    method: 'POST',
    path: `/v24.0/me/messages?access_token=${T}`,
    body: { recipient: { id: BUDI }, sender_action: 'TYPING_ON', notification_type: 'regular' },
    answer: { recipient_id: BUDI },
  },
  'a token in the Authorization header': {
    method: 'POST',
    path: `/v20.0/${PAGE}/messages`,
    headers: { authorization: `Bearer ${T}` },
    body: { recipient: { id: BUDI }, message: MESSAGE },
    answer: { recipient_id: BUDI },
  },
  'Ruby gem, Chatwoot: the token in the JSON body of subscribed_apps': {
    method: 'POST',
    path: '/v20.0/me/subscribed_apps',
    body: { access_token: T, subscribed_fields: ['messages', 'standby', 'messaging_handovers'] },
    answer: SUCCESS,
  },
  'tiledesk: fields in single quotes in the query, a form without a body': {
    method: 'POST',
    path: `/v14.0/${PAGE}/subscribed_apps?access_token=${T}&subscribed_fields=[%27messages%27,%20%27messaging_postbacks%27]`,
    headers: FORM_TYPE,
    answer: SUCCESS,
  },
  'fbmessenger, kerox: subscribed_apps without fields': {
    method: 'POST',
    path: `/v4.0/me/subscribed_apps?access_token=${T}`,
    headers: JSON_TYPE,
    answer: SUCCESS,
  },
  'fields with commas and blanks': {
    method: 'POST',
    path: `/v4.0/me/subscribed_apps?access_token=${T}`,
    body: { subscribed_fields: 'messages, messaging_postbacks, messaging_handovers, standby' },
    answer: SUCCESS,
  },
  'OCC: subscriptions with an encoded app token, all in the query, JSON without a body': {
    method: 'POST',
    path: '', // The callback is known once its endpoint is open.
    headers: JSON_TYPE,
    answer: SUCCESS,
  },
  'subscriptions are read with an app token': {
    method: 'GET',
    path: `/v11.0/${BOT}/subscriptions?access_token=${enc(APP_TOKEN)}`,
    answer: { data: [{ object: 'page', active: true }] },
  },
  'botkit 0.7: a menu in urlencoded brackets': {
    method: 'POST',
    path: `/v2.11/me/messenger_profile?access_token=${T}`,
    headers: FORM_TYPE,
    body: [
      'get_started[payload]=GO',
      'persistent_menu[0][locale]=default',
      'persistent_menu[0][call_to_actions][0][type]=postback',
      'persistent_menu[0][call_to_actions][0][title]=Help',
      'persistent_menu[0][call_to_actions][0][payload]=HELP',
    ].join('&'),
    answer: SET,
  },
  'botkit 0.7: DELETE with brackets in a form': {
    method: 'DELETE',
    path: `/v2.11/me/messenger_profile?access_token=${T}`,
    headers: FORM_TYPE,
    body: 'fields[0]=persistent_menu',
    answer: SET,
  },
  'botly: DELETE with encoded brackets in the query': {
    method: 'DELETE',
    path: `/v2.12/${PAGE}/messenger_profile?fields%5B0%5D=persistent_menu&access_token=${T}`,
    answer: SET,
  },
  'DELETE with a JSON body': {
    method: 'DELETE',
    path: `/v2.12/me/messenger_profile?access_token=${T}`,
    body: { fields: ['greeting'] },
    answer: SET,
  },
  'fbmessenger: DELETE with the list under another name': {
    method: 'DELETE',
    path: `/v2.12/me/messenger_profile?access_token=${T}`,
    body: { payload: ['greeting'] },
    answer: SET,
  },
  'DELETE with a JSON list in the query': {
    method: 'DELETE',
    path: `/v2.12/me/messenger_profile?access_token=${T}&fields=${enc('["greeting"]')}`,
    answer: SET,
  },
  'koala: POST with method=delete': {
    method: 'POST',
    path: '/v20.0/me/messenger_profile',
    headers: FORM_TYPE,
    body: `access_token=${T}&fields=${enc('["greeting"]')}&method=delete`,
    answer: SET,
  },
  'Meta’s Node SDK: GET with the body {}': {
    method: 'GET',
    path: `/v24.0/${PAGE}/thread_owner?recipient=${BUDI}&fields=thread_owner&access_token=${T}`,
    body: {},
    answer: OWNER,
  },
  'tiledesk: GET with the body true': {
    method: 'GET',
    path: `/v24.0/${BUDI}?access_token=${T}`,
    headers: JSON_TYPE,
    body: 'true',
    answer: { first_name: 'Budi' },
  },
  'Python SDK: parameters that are not for this call': {
    method: 'GET',
    path: `/v20.0/${PAGE}/thread_owner?access_token=${T}&recipient=${BUDI}&summary=true`,
    answer: OWNER,
  },
  'Python SDK: a slash at the end': {
    method: 'GET',
    path: `/v20.0/${PAGE}/?access_token=${T}&fields=id,name`,
    answer: { id: PAGE },
  },
  'fb: fields as a JSON list': {
    method: 'GET',
    path: `/v20.0/me?fields=%5B%22id%22%2C%22name%22%5D&access_token=${T}`,
    answer: { id: PAGE, name: 'Kopi Senja' },
  },
  'OCC: fields with blanks': {
    method: 'GET',
    path: `/v20.0/${BUDI}?fields=${enc('first_name, last_name, gender')}&access_token=${T}`,
    answer: { first_name: 'Budi' },
  },
  'secondary_receivers with fields with a blank and a platform': {
    method: 'GET',
    path: `/v20.0/me/secondary_receivers?fields=${enc('id, name')}&platform=MESSENGER&access_token=${T}`,
    answer: { data: [{ id: DESK }] },
  },
  'messaging-apis: debug_token with the proof of another token': {
    method: 'GET',
    path: `/v6.0/debug_token?input_token=${T}&access_token=${enc(APP_TOKEN)}&appsecret_proof=${H}`,
    answer: { data: { type: 'PAGE', is_valid: true, app_id: BOT } },
  },
  'nlp_configs without a body': {
    method: 'POST',
    path: `/me/nlp_configs?nlp_enabled=true&access_token=${T}`,
    headers: JSON_TYPE,
    answer: SUCCESS,
  },
  'a proxied call, with its address in the path': {
    method: 'GET',
    path: `https://graph.example.org/v6.0/me?access_token=${T}`,
    answer: { id: PAGE },
  },
  'an upload as multipart, with JSON in a field': {
    ...multipart({ message: '{"attachment":{"type":"image","payload":{"is_reusable":true}}}' }, 'filedata'),
    path: `/v6.0/me/message_attachments?access_token=${T}`,
  },
  'batch (a): a JSON body with a list': {
    method: 'POST',
    path: '/v6.0/',
    body: { access_token: T, include_headers: true, batch: BATCH },
    answer: [{ code: 200 }],
  },
  'batch (a): a proof in the query of the root with a slash': {
    method: 'POST',
    path: `/v6.0/?appsecret_proof=${H}`,
    body: { access_token: T, batch: BATCH },
    answer: [{ code: 200 }],
  },
  'batch (b): a JSON body with a text': {
    method: 'POST',
    path: '/v11.0/',
    body: { access_token: T, appsecret_proof: H, batch: JSON.stringify(BATCH) },
    answer: [{ code: 200 }],
  },
  'batch (c): urlencoded, the token in the query': {
    method: 'POST',
    path: `/v20.0/?access_token=${T}`,
    headers: FORM_TYPE,
    body: `batch=${enc(JSON.stringify(BATCH))}`,
    answer: [{ code: 200 }],
  },
  'batch (c): urlencoded, the token in the form, without a version': {
    method: 'POST',
    path: '/',
    headers: FORM_TYPE,
    body: `access_token=${T}&batch=${enc(JSON.stringify(BATCH))}`,
    answer: [{ code: 200 }],
  },
  'batch (d): multipart with an attached file': {
    ...multipart({ access_token: T, batch: JSON.stringify([FILE_ITEM]) }, 'file_0'),
    answer: [{ code: 200 }],
  },
  'a batch that is posted to a node, all in the query': {
    method: 'POST',
    path: `/me?batch=${enc(JSON.stringify(BATCH))}&include_headers=false&access_token=${T}`,
    answer: [{ code: 200 }],
  },
};

const subscribing = (): string => {
  const fields = 'messages%2C+messaging_postbacks%2C+messaging_handovers%2C+standby';
  const query = `access_token=${BOT}%7C${secretOf(BOT)}&object=page&callback_url=${enc(endpoint.url)}`;
  return `/v11.0/${BOT}/subscriptions?${query}&verify_token=verify&fields=${fields}&include_values=true`;
};

for (const [title, form] of Object.entries(FORMS)) {
  test(`a call is understood: ${title}`, async () => {
    await botHasControl();
    const answer = await send(form.path === '' ? { ...form, path: subscribing() } : form);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    if (form.answer !== undefined) assert.partialDeepStrictEqual(answer.body, form.answer);
  });
}

/** Places where there is nothing: the code that each is answered. */
const NOWHERE: readonly (readonly [string, string, number])[] = [
  ['GET', `/v20.0/404404?access_token=${T}`, 100],
  ['GET', `/v20.0/me/insights/?access_token=${T}`, 2500],
  ['POST', `/v20.0/me/custom_labels?access_token=${T}`, 2500],
  ['GET', `/v20.0/a/b/c/d?access_token=${T}`, 2500],
  ['DELETE', `/v20.0/me?access_token=${T}`, 100],
  ['PUT', `/v20.0/me/messages?access_token=${T}`, 100],
  ['GET', `/?access_token=${T}`, 2500],
  ['POST', `/v6.0/?access_token=${T}`, 2500],
  ['GET', `/v20.0/${DESK}/subscriptions?access_token=${enc(APP_TOKEN)}`, 100],
  ['GET', `/v20.0/%E0%A4%A?access_token=${T}`, 100],
  ['GET', '/favicon.ico', 190],
  ['GET', '/v20.0/me?access_token=wrong', 190],
];
for (const [method, path, code] of NOWHERE) {
  test(`${method} ${path} leads nowhere, and is told so as the Graph tells it`, async () => {
    const { status, body } = await send({ method, path });
    const error = body['error'] as { code: number; type: string; message: string; fbtrace_id: string };
    assert.ok(status >= 400 && status < 500, String(status));
    assert.equal(error.code, code, error.message);
    assert.equal(error.type, 'OAuthException');
    assert.equal(typeof error.fbtrace_id, 'string');
  });
}
