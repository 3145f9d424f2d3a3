/** Instagram accounts: object, ids, fields and inbox of their own; the rules are the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, type Heard, openEndpoint } from '../../src/testing/endpoint.ts';
import { type HttpAnswer, openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';

const ACCOUNT = '17841400000000001';
const INBOX = '1217981644879628';
const [BOT, DESK] = ['2001', '2002'];
const BUDI = '5001';
const FIELDS = [
  'messages',
  'messaging_handover',
  'messaging_referral',
  'messaging_seen',
  'messaging_postbacks',
  'standby',
];

type Account = AsyncDisposable & {
  readonly baton: Sandbox;
  post(app: string, edge: string, body?: object): Promise<HttpAnswer>;
  heard(app: string): Promise<readonly Heard[]>;
};
async function openAccount(fields: readonly string[] = FIELDS): Promise<Account> {
  const endpoints = new Map<string, Endpoint>();
  for (const app of [BOT, DESK]) {
    endpoints.set(app ?? '', await openEndpoint({ secret: `secret-${app}`, verifyToken: 'verify' }));
  }
  const baton = await openSandbox({
    pages: [{ id: ACCOUNT, name: 'kopi.senja', platform: 'instagram', primary_receiver: BOT }],
    apps: [BOT, DESK].map((id = '') => ({
      id,
      name: `App ${id}`,
      secret: `secret-${id}`,
      webhook: { object: 'instagram', callback_url: endpoints.get(id)?.url, verify_token: 'verify', fields },
      pages: [{ id: ACCOUNT, access_token: `token-${id}`, subscribed_fields: fields }],
    })),
  });
  return {
    baton,
    post: (app, edge, body = {}) =>
      baton.graph('POST', `/v24.0/${ACCOUNT}/${edge}`, {
        token: `token-${app}`,
        body: { recipient: { id: BUDI }, ...body },
      }),
    async heard(app) {
      await baton.sandbox('POST', '/settle');
      return endpoints.get(app)?.heard ?? [];
    },
    async [Symbol.asyncDispose]() {
      await baton[Symbol.asyncDispose]();
      for (const endpoint of endpoints.values()) await endpoint[Symbol.asyncDispose]();
    },
  };
}

/** Those of the thread: `app_roles` has a lane of its own. */
const itemsOf = (heard: readonly Heard[]): readonly Heard['item'][] =>
  heard.filter(({ kind }) => kind !== 'app_roles').map(({ item }) => item);

test('[W2] [W3] an account’s own id is its path and its entry id, the object is instagram, singular fields subscribe', async () => {
  await using account = await openAccount();
  const { baton } = account;
  await baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/message`, { text: 'Hello?' });
  const passed = await account.post(BOT ?? '', 'pass_thread_control', { target_app_id: DESK, metadata: 'm' });
  assert.deepEqual([passed.status, passed.body], [200, { success: true }]);
  const heard = await account.heard(DESK ?? '');
  assert.deepEqual(new Set(heard.map(({ object }) => object)), new Set(['instagram']));
  assert.deepEqual(new Set(heard.map(({ entry }) => entry)), new Set([ACCOUNT]));
  const [message, handover] = itemsOf(heard);
  assert.deepEqual([message?.['sender'], message?.['recipient']], [{ id: BUDI }, { id: ACCOUNT }]);
  assert.deepEqual(handover?.['pass_thread_control'], {
    previous_owner_app_id: Number(BOT),
    new_owner_app_id: Number(DESK),
    metadata: 'm',
  });
  const read = await baton.graph('GET', '/me/subscribed_apps', { token: `token-${BOT}` });
  const [first] = read.body['data'] as readonly { readonly subscribed_fields: readonly string[] }[];
  assert.deepEqual(first?.subscribed_fields, FIELDS);
});

test('[W5] echoes come with messages, and a reading names the message', async () => {
  await using account = await openAccount();
  const { baton } = account;
  await baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/message`, { text: 'Hello?' });
  const sent = await account.post(BOT ?? '', 'messages', { message: { text: 'Hi' } });
  await baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/read`);
  for (const app of [BOT, DESK]) {
    const items = itemsOf(await account.heard(app ?? ''));
    const echo = items[1]?.['message'] as Readonly<Record<string, unknown>>;
    assert.deepEqual([echo['is_echo'], echo['mid'], echo['text']], [true, sent.body['message_id'], 'Hi']);
    assert.deepEqual(items[2]?.['read'], { mid: sent.body['message_id'] });
  }
});

test('[W1] without messages there are no echoes on standby', async () => {
  await using account = await openAccount(['standby', 'messaging_handover']);
  await account.baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/message`, { text: 'Hello?' });
  await account.post(BOT ?? '', 'messages', { message: { text: 'Hi' } });
  assert.equal(itemsOf(await account.heard(DESK ?? '')).length, 1);
});

test('[X1] [X5] the Instagram inbox is an app of its own, and the other inbox is none here', async () => {
  await using account = await openAccount();
  const { baton } = account;
  await baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/message`, { text: 'Hello?' });
  const foreign = await account.post(BOT ?? '', 'pass_thread_control', { target_app_id: '263902037430900' });
  assert.deepEqual((foreign.body['error'] as Readonly<Record<string, unknown>>)['error_subcode'], 2018164);
  assert.equal((await account.post(BOT ?? '', 'pass_thread_control', { target_app_id: INBOX })).status, 200);
  await baton.sandbox('POST', `/pages/${ACCOUNT}/inbox/${BUDI}/move`, { folder: 'done' });
  const items = itemsOf(await account.heard(BOT ?? ''));
  assert.deepEqual(items.at(-1)?.['pass_thread_control'], {
    previous_owner_app_id: Number(INBOX),
    new_owner_app_id: Number(BOT),
    metadata: null,
  });
});

test('[C4] [H2] the codes are those of a Page, and an unknown customer has the code of Instagram', async () => {
  await using account = await openAccount();
  const { baton } = account;
  const codes = ({ status, body }: HttpAnswer) => {
    const error = body['error'] as Readonly<Record<string, unknown>>;
    return [status, error['code'], error['error_subcode'] ?? null];
  };
  assert.deepEqual(codes(await account.post(BOT ?? '', 'take_thread_control')), [400, 100, 2534014]);
  await baton.sandbox('POST', `/pages/${ACCOUNT}/customers/${BUDI}/message`, { text: 'Hello?' });
  const message = { message: { text: 'Hi' } };
  assert.deepEqual(codes(await account.post(DESK ?? '', 'messages', message)), [400, 10, 2018300]);
  assert.deepEqual(codes(await account.post(DESK ?? '', 'release_thread_control')), [400, 100, 2534037]);
  await baton.sandbox('POST', '/clock', { advance_ms: 25 * 3_600_000 });
  assert.deepEqual(codes(await account.post(BOT ?? '', 'messages', message)), [400, 10, 2018278]);
});
