/** Bad input: a Graph-shaped 4xx that names the parameter, never a 5xx, and nothing stored. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
});
after(() => shop[Symbol.asyncDispose]());

type GraphBody = {
  readonly error?: {
    readonly message: string;
    readonly type: string;
    readonly code: number;
    readonly fbtrace_id: string;
  };
};

async function everything(): Promise<string> {
  const history = await shop.baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
  const screen = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const owner = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, { token: tokenOf(BOT) });
  return JSON.stringify({ history, screen, owner: owner.body });
}

async function isRefused(status: number, body: unknown, named: RegExp): Promise<void> {
  const { error } = body as GraphBody;
  assert.ok(error !== undefined, `answered ${status}: ${JSON.stringify(body)}`);
  assert.ok(status >= 400 && status < 500, `answered ${status}: ${error.message}`);
  assert.equal(error.type, 'OAuthException');
  assert.equal(typeof error.code, 'number');
  assert.ok(error.fbtrace_id.length > 0);
  assert.match(error.message, named);
}

const LONG_ID = '1'.repeat(33);
const recipient = { id: BUDI };
const text = { text: 'Hi' };

const BAD_CALLS: readonly (readonly [string, unknown, RegExp])[] = [
  ['pass_thread_control', {}, /recipient/],
  ['pass_thread_control', { recipient: 5001 }, /recipient/],
  ['pass_thread_control', { recipient: {} }, /recipient/],
  ['pass_thread_control', { recipient: { id: 'abc' }, target_app_id: DESK }, /recipient/],
  ['pass_thread_control', { recipient: { id: LONG_ID }, target_app_id: DESK }, /recipient/],
  ['pass_thread_control', { recipient: { id: [BUDI] }, target_app_id: DESK }, /recipient/],
  ['pass_thread_control', { recipient, target_app_id: 'desk' }, /target_app_id/],
  ['pass_thread_control', { recipient, target_app_id: LONG_ID }, /target_app_id/],
  ['pass_thread_control', { recipient, target_app_id: { id: DESK } }, /target_app_id/],
  ['pass_thread_control', { recipient }, /target_app_id/],
  ['pass_thread_control', { recipient, target_app_id: DESK, metadata: 'x'.repeat(1001) }, /metadata/],
  ['pass_thread_control', { recipient, target_app_id: DESK, metadata: 7 }, /metadata/],
  ['pass_thread_control', { recipient, target_app_id: DESK, metadata: { a: 1 } }, /metadata/],
  ['pass_thread_control', { recipient, target_app_id: DESK, control_epoch: 'x' }, /control_epoch/],
  ['take_thread_control', { recipient_id: BUDI }, /recipient/],
  ['pass_thread_metadata', { recipient, metadata: 'm' }, /target_app_id/],
  ['pass_thread_metadata', { recipient, target_app_id: DESK }, /metadata/],
  ...[0, -1, 604_801, null, 'abc', '', 1.5, '1e3', true, {}].map(
    (duration): readonly [string, unknown, RegExp] => [
      'extend_thread_control',
      { recipient, duration },
      /duration/,
    ],
  ),
  ['messages', { recipient }, /message/],
  ['messages', { recipient, message: 'Hi' }, /message/],
  ['messages', { recipient, message: {} }, /message/],
  ['messages', { recipient, message: { text: '' } }, /text/],
  ['messages', { recipient, message: { text: 7 } }, /text/],
  ['messages', { recipient, message: { text: 'x'.repeat(2001) } }, /text/],
  ['messages', { recipient, message: text, messaging_type: 'LETTER' }, /messaging_type/],
  ['messages', { recipient, message: text, tag: 'BIRTHDAY' }, /tag/],
  ['messages', { recipient, message: text, persona_id: '1' }, /persona_id/],
  ['messages', { recipient, message: { attachment: { type: 'hologram' } } }, /attachment/],
  ['messages', { recipient, message: { attachment: { type: 'image', payload: { url: 'ftp://x' } } } }, /url/],
  ['messages', { recipient, message: { ...text, metadata: 'x'.repeat(1001) } }, /metadata/],
  ['messages', { recipient, message: { ...text, quick_replies: [{}] } }, /quick_replies/],
  ['messages', { recipient, sender_action: 'dance' }, /sender_action/],
  ['subscribed_apps', { subscribed_fields: ['nonsense'] }, /subscribed_fields/],
];

test('a malformed call names its parameter and changes nothing', async () => {
  const before = await everything();
  for (const [edge, body, named] of BAD_CALLS) {
    const answer = await shop.baton.graph('POST', `/v20.0/me/${edge}`, { token: tokenOf(BOT), body });
    await isRefused(answer.status, answer.body, named);
  }
  assert.equal(await everything(), before);
});

test('bytes that are not JSON, forms or paths are told so', async () => {
  const before = await everything();
  const token = `access_token=${tokenOf(BOT)}`;
  const json = { 'content-type': 'application/json' };
  for (const body of ['{"recipient":', '[1]', '"text"', '{"a":1}}', '\u0000', '{"recipient":{"id":"5001"']) {
    const answer = await shop.baton.call('POST', `/me/messages?${token}`, { headers: json, body });
    await isRefused(answer.status, answer.body, /JSON|body|recipient/);
  }
  const deep = `{"recipient":${'['.repeat(40)}${']'.repeat(40)}}`;
  const answer = await shop.baton.call('POST', `/me/messages?${token}`, { headers: json, body: deep });
  await isRefused(answer.status, answer.body, /deep|JSON|recipient/i);
  for (const [method, path] of [
    ['POST', '/me/fly'],
    ['GET', '/me/messages'],
    ['DELETE', '/me/thread_owner'],
    ['PUT', '/me/messages'],
    ['GET', '/me/a/b'],
    ['GET', '/4711'],
    ['GET', '/%E0%A4%A'],
    ['POST', '/'],
  ] as const) {
    const query = path.includes('?') ? '&' : '?';
    const refused = await shop.baton.call(method, `${path}${query}${token}`);
    await isRefused(refused.status, refused.body, /./);
  }
  assert.equal(await everything(), before);
});

test('a body over the limit is refused with its size', async () => {
  const answer = await shop.baton.call('POST', '/me/messages', {
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(1_100_000),
  });
  assert.equal(answer.status, 413);
  await isRefused(answer.status, answer.body, /1048576/);
});

test('a mistake in a sandbox call names its key', async () => {
  const customer = `/sandbox/pages/${PAGE}/customers/${BUDI}`;
  for (const [path, body, named] of [
    [`${customer}/message`, {}, /text/],
    [`${customer}/message`, { text: 1 }, /text/],
    [`${customer}/message`, { text: 'a', sticker: 1 }, /sticker/],
    [`${customer}/message`, { attachments: 'x' }, /attachments/],
    [`${customer}/postback`, { mid: 'm_nothing' }, /mid|message/],
    [`${customer}/referral`, { source: 'RADIO' }, /source/],
    [`/sandbox/pages/77/customers/${BUDI}/message`, { text: 'a' }, /page/],
    [`/sandbox/pages/${PAGE}/customers/abc/message`, { text: 'a' }, /psid/],
    [`/sandbox/pages/${PAGE}/inbox/${BUDI}/move`, { folder: 'bin' }, /folder/],
    [`/sandbox/pages/${PAGE}/inbox/${BUDI}/reply`, {}, /text/],
    [`/sandbox/pages/${PAGE}/inbox/${BUDI}/pass`, { target_app_id: 'x' }, /target_app_id/],
    ['/sandbox/clock', { advance_ms: -1 }, /advance_ms/],
    ['/sandbox/clock', {}, /advance_ms/],
  ] as const) {
    const answer = await shop.baton.call('POST', path, { body: JSON.stringify(body) });
    await isRefused(answer.status, answer.body, named);
  }
  const unknown = await shop.baton.call('POST', `/sandbox/pages/${PAGE}/inbox/4242/reply`, {
    body: '{"text":"x"}',
  });
  await isRefused(unknown.status, unknown.body, /No matching user/);
});

/** What a server answers to bytes on a connection that is ended behind them. */
async function answersTo(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(shop.baton.url).port), '127.0.0.1');
  socket.write(bytes, 'latin1');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

const SENDS = `recipient={"id":"${BUDI}"}&message={"text":"Hi"}&access_token=${tokenOf(BOT)}`;

test('a call without a host is refused in Graph’s shape, and nothing is sent', async () => {
  const before = await everything();
  const answer = await answersTo(
    `POST /me/messages HTTP/1.1\r\ncontent-length: ${SENDS.length}\r\nconnection: close\r\n\r\n${SENDS}`,
  );
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 400 /);
  assert.match(head, /\r\ncontent-type: application\/json/i);
  await isRefused(400, JSON.parse(body), /well-formed HTTP/);
  assert.equal(await everything(), before);
  const old = await answersTo('GET /healthz HTTP/1.0\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 /, 'HTTP/1.0 has no such header');
});

test('a call that expects what nobody promises is served', async () => {
  const answer = await answersTo(
    'GET /healthz HTTP/1.1\r\nhost: a\r\nexpect: a miracle\r\nconnection: close\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /\r\n\r\n\{"status":"ok"\}$/);
});

test('a call that waits for `100 Continue` behind another one does not spoil the answer before its own', async () => {
  const ask = (connection: string): string =>
    `GET /docs/json HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\nconnection: ${connection}\r\n\r\n`;
  const answer = await answersTo(ask('keep-alive') + ask('keep-alive') + ask('close'));
  const [, ...answers] = answer.split('HTTP/1.1 200 OK\r\n');
  assert.equal(answers.length, 3);
  for (const each of answers) {
    const body = each.slice(each.indexOf('\r\n\r\n') + 4);
    assert.ok(body.startsWith('{"openapi"'), `between head and body stands ${body.slice(0, 50)}`);
  }
});

test('a path below /docs that leads nowhere is refused in Graph’s shape', async () => {
  const answer = await shop.baton.call('GET', '/docs/nowhere');
  assert.equal(answer.status, 404);
  await isRefused(answer.status, answer.body, /\/docs\/nowhere/);
});
