/** Tokens, tasks, connections: who may speak at all (A1, A5, C16, C17, C20). */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { type HttpAnswer, openSandbox } from '../../src/testing/sandbox.ts';
import { ADS, BOT, BUDI, DESK, openShop, PAGE, secretOf, shopWorld, tokenOf } from './shop.ts';

type Refused = {
  readonly message: string;
  readonly code: number;
  readonly error_subcode?: number;
  readonly error_user_msg?: string;
};
const errorIn = ({ body }: HttpAnswer): Refused => body['error'] as Refused;
const owner = `/me/thread_owner?recipient=${BUDI}`;

test('[A5] a missing, an unknown and an empty token are 190 with HTTP 400', async () => {
  await using shop = await openShop({ apps: [BOT] });
  for (const path of [owner, `${owner}&access_token=`, `${owner}&access_token=nonsense`]) {
    const answer = await shop.baton.call('GET', path);
    assert.equal(answer.status, 400);
    assert.equal(errorIn(answer).code, 190);
    assert.equal(errorIn(answer).error_user_msg, undefined);
  }
});

test('[A5] a token is worth nothing on another page, and learns nothing of it', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const answers = [];
  for (const page of ['1002', '999999999']) {
    answers.push(
      await shop.baton.graph('GET', `/${page}/thread_owner?recipient=${BUDI}`, { token: tokenOf(BOT) }),
    );
  }
  for (const answer of answers) {
    assert.equal(answer.status, 403);
    assert.equal(errorIn(answer).code, 200);
  }
  assert.equal(new Set(answers.map((answer) => errorIn(answer).message)).size, 1);
});

test('[A1] handover calls need MODERATE, sends MESSAGING or MODERATE', async () => {
  const people = [{ id: '9001', tasks: ['MESSAGING'] }];
  await using shop = await openShop({ apps: [BOT, DESK], page: { people } });
  await shop.says('Hello');
  assert.equal((await shop.post(BOT, 'messages', { message: { text: 'Hi' } })).status, 200);
  const refused = await shop.post(BOT, 'release_thread_control');
  assert.equal(refused.status, 403);
  assert.equal(errorIn(refused).code, 200);
  assert.match(errorIn(refused).message, /MODERATE/);
});

test('the token may come in the query, the body or a header, and a proof must fit', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  const token = tokenOf(BOT);
  const { baton } = shop;
  assert.equal(
    (await baton.call('GET', owner, { headers: { authorization: `Bearer ${token}` } })).status,
    200,
  );
  const form = new URLSearchParams({
    access_token: token,
    recipient: JSON.stringify({ id: BUDI }),
    message: "{'text':'hi'}",
  });
  assert.equal((await baton.call('POST', '/v2.11/me/messages', { body: form })).status, 200);
  const proof = createHmac('sha256', secretOf(BOT)).update(token).digest('hex');
  assert.equal((await baton.graph('GET', `${owner}&appsecret_proof=${proof}`, { token })).status, 200);
  const forged = await baton.graph('GET', `${owner}&appsecret_proof=${'0'.repeat(64)}`, { token });
  assert.equal(forged.status, 400);
  assert.match(errorIn(forged).message, /appsecret_proof/);
});

test('[C16] an app in development reaches only those with a role on it, and hears only of them', async () => {
  const more = { [DESK]: { live: false, testers: ['5002'] } };
  await using shop = await openShop({ apps: [BOT, DESK], more });
  await shop.says('Hello');
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/5002/message`, { text: 'I test' });
  const refused = await shop.post(DESK, 'request_thread_control');
  assert.equal(refused.status, 403);
  assert.deepEqual([errorIn(refused).code, errorIn(refused).error_subcode], [200, 2018028]);
  const passed = await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.deepEqual([errorIn(passed).code, errorIn(passed).error_subcode], [100, 2018164]);
  await shop.heard(DESK);
  const senders = shop.endpoints[DESK]?.heard.map(
    ({ item }) => (item['sender'] as { readonly id: string }).id,
  );
  assert.deepEqual(senders, ['5002']);
});

test('[C17] an app that unsubscribes loses its threads at once, and coming back does not return them', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal(await shop.ownerFor(BOT), DESK);
  assert.equal(
    (await shop.baton.graph('DELETE', '/me/subscribed_apps', { token: tokenOf(DESK) })).status,
    200,
  );
  assert.equal(await shop.ownerFor(BOT), undefined);
  const call = await shop.post(DESK, 'take_thread_control');
  assert.equal(call.status, 403);
  assert.equal(errorIn(call).code, 200);
  const fields = { subscribed_fields: 'messages, messaging_postbacks' };
  const back = await shop.baton.graph('POST', '/me/subscribed_apps', { token: tokenOf(DESK), body: fields });
  assert.deepEqual(back, { status: 200, body: { success: true } });
  assert.equal(await shop.ownerFor(DESK), undefined);
  const { body } = await shop.baton.graph('GET', '/me/subscribed_apps', { token: tokenOf(DESK) });
  const desk = (body['data'] as readonly Readonly<Record<string, unknown>>[]).find(({ id }) => id === DESK);
  assert.deepEqual(desk?.['subscribed_fields'], ['messages', 'messaging_postbacks']);
});

test('[C17] a primary receiver that unsubscribes is none any more', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.baton.graph('DELETE', '/me/subscribed_apps', { token: tokenOf(BOT) });
  await shop.baton.graph('POST', '/me/subscribed_apps', { token: tokenOf(BOT) });
  await shop.says('Hello');
  assert.equal(await shop.ownerFor(DESK), undefined);
});

test('[P7] the primary receiver lists the others with the inbox; another app is refused', async () => {
  await using shop = await openShop();
  const listed = await shop.baton.graph('GET', '/me/secondary_receivers?fields=id, name', {
    token: tokenOf(BOT),
  });
  assert.deepEqual(listed.body, {
    data: [
      { id: DESK, name: 'Live desk' },
      { id: ADS, name: 'Ads app' },
      { id: '263902037430900', name: 'Page Inbox' },
    ],
  });
  const refused = await shop.baton.graph('GET', '/me/secondary_receivers', { token: tokenOf(DESK) });
  assert.deepEqual([errorIn(refused).code, errorIn(refused).error_subcode], [100, 2018171]);
});

test('[C20] a persona is used by its maker only, and moves no control', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const made = await shop.baton.graph('POST', '/me/personas', {
    token: tokenOf(BOT),
    body: { name: 'Kopi', profile_picture_url: 'https://example.com/kopi.png' },
  });
  const persona = String(made.body['id']);
  const message = { message: { text: 'Hi' }, persona_id: persona };
  assert.equal((await shop.post(BOT, 'messages', message)).status, 200);
  assert.equal(await shop.ownerFor(BOT), BOT);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  const borrowed = await shop.post(DESK, 'messages', message);
  assert.equal(borrowed.status, 400);
  assert.match(errorIn(borrowed).message, /persona_id/);
  const { body } = await shop.baton.graph('GET', `/${persona}`, { token: tokenOf(BOT) });
  assert.deepEqual(body, { id: persona, name: 'Kopi', profile_picture_url: 'https://example.com/kopi.png' });
  assert.equal((await shop.baton.graph('GET', `/${persona}`, { token: tokenOf(DESK) })).status, 400);
  assert.equal((await shop.baton.graph('DELETE', `/${persona}`, { token: tokenOf(BOT) })).status, 200);
  const gone = await shop.baton.graph('GET', '/me/personas', { token: tokenOf(BOT) });
  assert.deepEqual(gone.body, { data: [] });
});

test('[P2] an inbox cannot be named primary receiver', async () => {
  await assert.rejects(openSandbox(shopWorld({}, { primary: '263902037430900' })), (error: unknown) => {
    assert.match(JSON.stringify(error), /\$\.pages\[0\]\.primary_receiver.*inbox cannot be the primary/);
    return true;
  });
});

test('[P1] only a connected app can be named primary receiver', async () => {
  await assert.rejects(openSandbox(shopWorld({}, { primary: '2999' })), (error: unknown) => {
    assert.match(JSON.stringify(error), /\$\.pages\[0\]\.primary_receiver.*not connected/);
    return true;
  });
});

test('[A1] a token whose person has nothing to do on the page any more opens nothing', async () => {
  await using shop = await openShop({ apps: [BOT], page: { people: [{ id: '9001', tasks: [] }] } });
  for (const path of ['/me', `/${BUDI}`, '/me/subscribed_apps', '/me/personas', owner]) {
    const answer = await shop.baton.graph('GET', path, { token: tokenOf(BOT) });
    assert.equal(answer.status, 403, path);
    assert.equal(errorIn(answer).code, 200);
  }
});

test('[C16] what waits for an app that has left the page is not told to it any more', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const desk = shop.endpoints[DESK];
  assert.ok(desk !== undefined);
  desk.answerWith(500);
  await shop.says('For those who are here');
  await shop.baton.sandbox('POST', '/settle');
  await shop.baton.graph('DELETE', '/me/subscribed_apps', { token: tokenOf(DESK) });
  desk.answerWith(200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  assert.deepEqual(desk.heard, []);
});

test('every method that HTTP knows is answered in Graph’s shape, without the token', async () => {
  await using shop = await openShop({ apps: [BOT] });
  for (const method of ['PUT', 'PATCH', 'OPTIONS', 'PROPFIND', 'SEARCH']) {
    const answer = await shop.baton.graph(method, '/v20.0/me/messages', { token: tokenOf(BOT) });
    assert.equal(answer.status, 400, method);
    assert.equal(errorIn(answer).code, 100, method);
    assert.ok(!JSON.stringify(answer.body).includes(tokenOf(BOT)), method);
  }
});
