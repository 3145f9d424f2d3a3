/** Conversation Routing over HTTP, and switching a page from one mode to the other while it runs. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MAX_THREADS_SHOWN } from '../../src/runtime/switching.ts';
import type { HttpAnswer } from '../../src/testing/sandbox.ts';
import { ADS, BOT, BUDI, DESK, INBOX, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

const MESSAGE = { message: { text: 'Hello' } };
const routed = { mode: 'conversation_routing', default_app: BOT };

const codes = ({ status, body }: HttpAnswer): readonly unknown[] => {
  const error = body['error'] as Readonly<Record<string, unknown>> | undefined;
  return [status, error?.['code'], error?.['error_subcode'] ?? null];
};

/** Whatever an app reads of the owner. */
async function owner(shop: Shop, app: string): Promise<unknown> {
  const answer = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, { token: tokenOf(app) });
  return (answer.body['data'] as readonly { readonly thread_owner: unknown }[])[0]?.thread_owner;
}

/** A call of the operator. */
function operate(shop: Shop, method: string, route: string, body?: unknown): Promise<HttpAnswer> {
  const { token } = JSON.parse(readFileSync(path.join(shop.baton.data, 'operator.json'), 'utf8'));
  return shop.baton.call(method, route, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('[R1] [R2] [R6] the default app answers first, and reads who has control; others read until when', async () => {
  await using shop = await openShop({ primary: null, page: routed });
  await shop.says('Hello?');
  const shown = (await owner(shop, BOT)) as Readonly<Record<string, unknown>>;
  assert.equal(shown['app_id'], BOT);
  assert.deepEqual(await owner(shop, DESK), { expiration: shown['expiration'] });
  assert.equal((await shop.post(BOT, 'messages', MESSAGE)).status, 200);
  assert.deepEqual(codes(await shop.post(DESK, 'messages', MESSAGE)), [400, 10, 2018300]);
  assert.equal((await shop.post(BOT, 'release_thread_control')).status, 200);
  assert.deepEqual(await owner(shop, DESK), {});
  assert.deepEqual(codes(await shop.post(DESK, 'messages', MESSAGE)), [400, 10, 2018300]);
  assert.equal((await shop.post(BOT, 'messages', MESSAGE)).status, 200);
  assert.deepEqual(await shop.heard(BOT), ['messaging message', 'messaging message', 'messaging message']);
  assert.deepEqual(await shop.heard(DESK), ['standby message', 'standby message', 'standby message']);
});

test('[R3] rights of an app on the page: take, 27 with subcode 2534118 without it, and standby', async () => {
  const pages = (more: object) => ({
    pages: [{ id: PAGE, person: '9001', access_token: tokenOf(DESK), ...more }],
  });
  const more = { [DESK]: pages({ take_control: false, standby_access: false }) };
  await using shop = await openShop({ primary: null, page: routed, more });
  await shop.says('Hello?');
  assert.deepEqual(codes(await shop.post(DESK, 'take_thread_control')), [400, 27, 2534118]);
  assert.equal((await shop.post(ADS, 'take_thread_control')).status, 200);
  assert.deepEqual(codes(await shop.post(ADS, 'take_thread_control')), [400, 100, null]);
  assert.deepEqual(await shop.heard(DESK), []);
  assert.deepEqual(await shop.heard(BOT), ['messaging message', 'messaging take_thread_control']);
});

test('[R4] without target_app_id control goes to the default app; four calls are not of this mode', async () => {
  await using shop = await openShop({ primary: null, page: routed });
  await shop.says('Hello?');
  assert.equal((await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK })).status, 200);
  assert.equal((await shop.post(DESK, 'pass_thread_control')).status, 200);
  assert.equal(await shop.ownerFor(BOT), BOT);
  const asked = [
    await shop.post(DESK, 'request_thread_control'),
    await shop.post(BOT, 'pass_thread_metadata', { target_app_id: DESK, metadata: 'm' }),
    await shop.baton.graph('GET', '/me/secondary_receivers', { token: tokenOf(BOT) }),
    await shop.baton.graph('GET', `/me/thread_requests?recipient=${BUDI}`, { token: tokenOf(BOT) }),
  ];
  for (const answer of asked) assert.deepEqual(codes(answer), [400, 100, null]);
});

test('[R5] thread_control in a send: with the message or not at all', async () => {
  await using shop = await openShop({ primary: null, page: routed });
  await shop.says('Hello?');
  const control = { control_type: 'pass', app_id: Number(DESK) };
  const sent = await shop.post(BOT, 'messages', { ...MESSAGE, thread_control: control });
  assert.equal(sent.status, 200);
  assert.deepEqual(Object.keys(sent.body), ['recipient_id', 'message_id']);
  assert.equal(await shop.ownerFor(BOT), DESK);
  const itself = { control_type: 'pass', app_id: DESK };
  assert.deepEqual(codes(await shop.post(DESK, 'messages', { ...MESSAGE, thread_control: itself })), [
    400,
    100,
    null,
  ]);
  const released = await shop.post(DESK, 'messages', { sender_action: 'mark_seen', thread_control: {} });
  assert.deepEqual([released.status, released.body], [200, { recipient_id: BUDI }]);
  assert.deepEqual(await owner(shop, DESK), {});
  const alien = { control_type: 'pass', app_id: '2999' };
  const refused = await shop.post(BOT, 'messages', { ...MESSAGE, thread_control: alien });
  assert.deepEqual(codes(refused), [400, 100, 2018164]);
  const screen = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const texts = (screen['messages'] as readonly { readonly from: string }[]).filter(
    ({ from }) => from === 'page',
  );
  assert.equal(texts.length, 1);
  assert.deepEqual(await shop.heard(DESK), [
    'standby message',
    'standby message',
    'messaging pass_thread_control',
  ]);
});

test('[R5] in handover mode thread_control is refused with code 100, and nothing is sent', async () => {
  await using shop = await openShop();
  await shop.says('Hello?');
  for (const thread_control of [{}, { control_type: 'release' }, { control_type: 'pass', app_id: DESK }]) {
    assert.deepEqual(codes(await shop.post(BOT, 'messages', { ...MESSAGE, thread_control })), [
      400,
      100,
      null,
    ]);
  }
  assert.deepEqual(await shop.heard(BOT), ['messaging message']);
});

test('[R8] messaging_feature_status tells the mode of a page, when it is asked for', async () => {
  const status = async (page: Readonly<Record<string, unknown>>): Promise<unknown> => {
    await using shop = await openShop({ primary: null, page });
    const { body } = await shop.baton.graph('GET', '/v24.0/me?fields=messaging_feature_status', {
      token: tokenOf(BOT),
    });
    const plain = await shop.baton.graph('GET', '/me', { token: tokenOf(BOT) });
    assert.deepEqual(plain.body, { id: PAGE, name: 'Kopi Senja' });
    assert.equal(body['id'], PAGE);
    return body['messaging_feature_status'];
  };
  assert.deepEqual(await status({}), { hop_v2: true, msgr_multi_app: false, ig_multi_app: false });
  assert.deepEqual(await status(routed), { hop_v2: false, msgr_multi_app: true, ig_multi_app: false });
  const instagram = { ...routed, platform: 'instagram' };
  assert.deepEqual(await status(instagram), { hop_v2: false, msgr_multi_app: false, ig_multi_app: true });
});

test('[R9] [R12] a page is switched while it runs: the report comes before, owners stay, requests go', async () => {
  await using shop = await openShop();
  await shop.says('Hello?');
  assert.equal((await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK })).status, 200);
  assert.equal((await shop.post(ADS, 'request_thread_control')).status, 200);
  const before = await owner(shop, DESK);
  const report = await operate(shop, 'GET', `/admin/pages/${PAGE}/routing?to=conversation_routing`);
  assert.equal(report.status, 200);
  const { threads, threads_changed, requests_dropped, leads_changed, apps, examples } = report.body;
  assert.deepEqual([threads, threads_changed, requests_dropped, leads_changed], [1, 1, 1, 0]);
  const bot = (apps as readonly Readonly<Record<string, unknown>>[]).find((each) => each['app_id'] === BOT);
  const names = (list: unknown) => (list as readonly { readonly call: string }[]).map((each) => each.call);
  assert.deepEqual(names(bot?.['loses']), ['pass', 'request', 'pass_metadata', 'thread_requests']);
  assert.deepEqual((examples as readonly Readonly<Record<string, unknown>>[])[0]?.['dropped'], [ADS]);
  assert.equal((await shop.post(BOT, 'request_thread_control')).status, 200);

  const switched = await operate(shop, 'POST', `/admin/pages/${PAGE}/routing`, {
    to: 'conversation_routing',
  });
  assert.equal(switched.body['requests_dropped'], 2);
  assert.deepEqual(await owner(shop, DESK), before);
  assert.deepEqual(codes(await shop.post(ADS, 'request_thread_control')), [400, 100, null]);
  const again = await operate(shop, 'POST', `/admin/pages/${PAGE}/routing`, { to: 'conversation_routing' });
  assert.equal(again.body['threads_changed'], 0);
  await operate(shop, 'POST', `/admin/pages/${PAGE}/routing`, { to: 'handover' });
  const queue = await shop.baton.graph('GET', `/me/thread_requests?recipient=${BUDI}`, {
    token: tokenOf(DESK),
  });
  assert.deepEqual(queue.body, { data: [] });
});

test('[R9] a wrong mode, an unknown page and a call without the token are refused by name', async () => {
  await using shop = await openShop();
  const wrong = await operate(shop, 'POST', `/admin/pages/${PAGE}/routing`, { to: 'zero' });
  assert.match(JSON.stringify(wrong.body), /to must be handover or conversation_routing/);
  const unknown = await operate(shop, 'GET', '/admin/pages/1999/routing?to=handover');
  assert.match(JSON.stringify(unknown.body), /There is no page 1999/);
  assert.equal((await shop.baton.call('POST', `/admin/pages/${PAGE}/routing`, { body: '{}' })).status, 401);
});

test('[limit MAX_THREADS_SHOWN] [R9] a report counts every thread, and shows the first of them', async () => {
  await using shop = await openShop();
  const psids = Array.from({ length: MAX_THREADS_SHOWN + 1 }, (_, index) => String(5_100 + index));
  const path = `/admin/pages/${PAGE}/routing?to=conversation_routing`;
  for (const [index, psid] of psids.entries()) {
    await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: 'Hello?' });
    if (index < MAX_THREADS_SHOWN - 1) continue;
    const { body } = await operate(shop, 'GET', path);
    // The customer of the world has a thread as well.
    assert.equal(body['threads'], index + 2);
    assert.equal((body['examples'] as readonly unknown[]).length, MAX_THREADS_SHOWN);
  }
});

test('[R10] [X5] Done gives control to the default app; with the inbox as default app the thread is idle', async () => {
  await using shop = await openShop({
    primary: null,
    page: { mode: 'conversation_routing', default_app: INBOX },
  });
  await shop.says('Hello?');
  const path = `/pages/${PAGE}/inbox/${BUDI}`;
  const history = async () => {
    const { history: lines } = await shop.baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
    return (lines as readonly Readonly<Record<string, unknown>>[]).map((line) => [
      line['cause'],
      line['new_owner_app_id'],
    ]);
  };
  assert.deepEqual(await history(), [['default_app', INBOX]]);
  await shop.baton.sandbox('POST', `${path}/move`, { folder: 'done' });
  assert.deepEqual(await history(), [
    ['default_app', INBOX],
    ['inbox', null],
  ]);
});
