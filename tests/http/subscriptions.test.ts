/** `/{app}/subscriptions`: where an app hears of pages, and of what. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verified } from '../../src/runtime/ports.ts';
import { type Endpoint, openEndpoint } from '../../src/testing/endpoint.ts';
import type { HttpAnswer } from '../../src/testing/sandbox.ts';
import { MAX_VERIFY_TOKEN } from '../../src/wire/limits.ts';
import { errorOf, OPERATOR, openApp } from './app.ts';
import { operatorOf, REDIRECT, redeem, signIn } from './operator.ts';
import { BOT, DESK, openShop, type Shop, secretOf, tokenOf } from './shop.ts';

const appToken = (app: string): string => `${app}|${secretOf(app)}`;
const errorIn = ({ body }: HttpAnswer) => body['error'] as { code: number; message: string };

const call = (shop: Shop, method: string, body?: object, token = appToken(BOT)) =>
  shop.baton.graph(method, `/v20.0/${BOT}/subscriptions`, { token, body });

async function listOf(shop: Shop): Promise<readonly Record<string, unknown>[]> {
  const { status, body } = await call(shop, 'GET');
  assert.equal(status, 200);
  return body['data'] as readonly Record<string, unknown>[];
}

const names = (list: readonly Record<string, unknown>[]): unknown =>
  ((list[0]?.['fields'] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);

/** A shop, and another endpoint of its bot. */
async function openMoving() {
  const shop = await openShop({ apps: [BOT, DESK] });
  // The first handshakes and the roles.
  await shop.baton.sandbox('POST', '/settle');
  const next = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'other' });
  const wanted = { object: 'page', callback_url: next.url, verify_token: 'other' };
  return {
    shop,
    next,
    wanted,
    async [Symbol.asyncDispose]() {
      await shop[Symbol.asyncDispose]();
      await next[Symbol.asyncDispose]();
    },
  };
}

test('[W6] a callback is accepted once it has echoed its challenge, and is used from then on', async () => {
  await using moving = await openMoving();
  const { shop, next, wanted } = moving;
  const fields = 'messages, standby,messaging_handovers';
  const set = await call(shop, 'POST', { ...wanted, fields, include_values: true });
  assert.deepEqual(set, { status: 200, body: { success: true } });
  assert.equal(next.handshakes(), 1);
  const list = await listOf(shop);
  assert.deepEqual(names(list), ['messages', 'standby', 'messaging_handovers']);
  assert.partialDeepStrictEqual(list[0], { object: 'page', callback_url: next.url, active: true });
  assert.match(JSON.stringify(list), /"version":"v\d+\.\d+"/);
  await shop.says('Hello');
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(
    next.heard.map(({ kind }) => kind),
    ['message'],
  );
  assert.equal(next.forged(), 0);
});

test('[W6] a callback that does not echo is refused with what it did, and changes nothing', async () => {
  await using moving = await openMoving();
  const { shop, next, wanted } = moving;
  const before = await listOf(shop);
  const refused = await call(shop, 'POST', { ...wanted, verify_token: 'wrong' });
  assert.equal(refused.status, 400);
  assert.equal(errorIn(refused).code, 2200);
  assert.match(errorIn(refused).message, /following errors: answered 403$/);
  next.trust(false);
  assert.equal((await call(shop, 'POST', wanted)).status, 400);
  const dead = await call(shop, 'POST', { ...wanted, callback_url: 'http://127.0.0.1:1/' });
  assert.match(errorIn(dead).message, /ECONNREFUSED/);
  assert.deepEqual(await listOf(shop), before);
  await shop.says('Hello');
  await shop.baton.sandbox('POST', '/settle');
  assert.ok((shop.endpoints[BOT]?.heard.length ?? 0) > 0);
});

/** The texts of the customer's messages, in the order in which an endpoint heard them. */
const textsIn = ({ heard }: Endpoint): readonly string[] =>
  heard.flatMap(({ item }) => {
    const { text } = (item['message'] ?? {}) as { readonly text?: string };
    return text === undefined ? [] : [text];
  });

/** How a callback may have been doing until another takes its place. */
const TROUBLES: Readonly<Record<string, (shop: Shop) => Promise<unknown>>> = {
  'has failed once': async () => undefined,
  'has failed so often that its breaker is open': async (shop) => {
    for (let times = 0; times < 8; times++) {
      await shop.baton.sandbox('POST', '/clock', { advance_ms: 60_000 });
      await shop.baton.sandbox('POST', '/settle');
    }
  },
  'has been deleted': (shop) => call(shop, 'DELETE'),
};
for (const [trouble, happen] of Object.entries(TROUBLES)) {
  test(`[W7] what waits for a callback that ${trouble} goes to the new one at once, in order`, async () => {
    await using moving = await openMoving();
    const { shop, next, wanted } = moving;
    shop.endpoints[BOT]?.answerWith(500);
    for (const text of ['1', '2', '3']) await shop.says(text);
    // From here on no retry is due as long as the clock is not moved.
    await shop.baton.sandbox('POST', '/settle');
    await happen(shop);
    assert.equal((await call(shop, 'POST', wanted)).status, 200);
    await shop.says('4');
    await shop.baton.sandbox('POST', '/settle');
    assert.deepEqual(textsIn(next), ['1', '2', '3', '4']);
  });
}

test('without fields or callback those that there are stay; the fields that are given replace them', async () => {
  await using moving = await openMoving();
  const { shop, wanted } = moving;
  const before = await listOf(shop);
  assert.equal((await call(shop, 'POST', { object: 'PAGE' })).status, 200);
  assert.deepEqual(await listOf(shop), before);
  assert.equal((await call(shop, 'POST', { ...wanted, fields: ['messages'] })).status, 200);
  assert.deepEqual(names(await listOf(shop)), ['messages']);
  assert.equal((await call(shop, 'POST', { object: 'page', fields: 'standby' })).status, 200);
  assert.deepEqual(names(await listOf(shop)), ['standby']);
});

test('DELETE takes fields away, or the callback; then nothing is told, and the app stays connected', async () => {
  await using moving = await openMoving();
  const { shop, next, wanted } = moving;
  const gone = await call(shop, 'DELETE', { object: 'page', fields: 'standby,message_echoes' });
  assert.deepEqual(gone.body, { success: true });
  assert.ok(!JSON.stringify(await listOf(shop)).includes('standby'));
  assert.equal((await call(shop, 'DELETE', { object: 'instagram' })).status, 200);
  assert.equal((await listOf(shop)).length, 1);
  assert.equal((await call(shop, 'DELETE')).status, 200);
  assert.deepEqual(await listOf(shop), []);
  await shop.says('unheard');
  assert.equal(await shop.ownerFor(DESK), BOT);
  assert.equal((await call(shop, 'POST', wanted)).status, 200);
  await shop.says('heard');
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(textsIn(next), ['heard']);
});

test('each mistake names its parameter', async () => {
  const app = await openApp();
  const good = { object: 'page', callback_url: 'http://127.0.0.1/hook', verify_token: 'v' };
  const mistakes: readonly (readonly [object, string])[] = [
    [{ object: undefined }, 'object is required'],
    [{ object: 'user' }, 'object must be one of'],
    [{ callback_url: undefined }, 'callback_url is required'],
    [{ callback_url: 'ftp://x' }, 'callback_url must be an http'],
    [{ verify_token: undefined }, 'verify_token is required'],
    [{ verify_token: '' }, 'verify_token must not be empty'],
    [{ fields: 'messages,nonsense' }, 'fields holds "nonsense"'],
  ];
  for (const [wrong, message] of mistakes) {
    const body = { ...good, ...wrong };
    const answer = await app.ask('POST', `/${BOT}/subscriptions`, { token: appToken(BOT), body });
    assert.equal(answer.status, 400, message);
    assert.ok(errorOf(answer).message.startsWith(`(#100) ${message}`), errorOf(answer).message);
  }
});

test('[limit MAX_VERIFY_TOKEN] a verify token is as long as it may be, and no longer', async () => {
  const app = await openApp();
  const ask = (length: number) =>
    app.ask('POST', `/${BOT}/subscriptions`, {
      token: appToken(BOT),
      body: { object: 'page', callback_url: 'http://127.0.0.1/', verify_token: 'v'.repeat(length) },
    });
  assert.equal((await ask(MAX_VERIFY_TOKEN)).status, 200);
  assert.equal((await ask(MAX_VERIFY_TOKEN + 1)).status, 400);
});

test('[A5] an app sees and changes its own subscriptions only, with a token of its own', async () => {
  const app = await openApp();
  const get = (path: string, token: string) => app.ask('GET', path, { token });
  assert.equal(errorOf(await get(`/${DESK}/subscriptions`, appToken(BOT))).code, 100);
  assert.equal(errorOf(await get(`/${BOT}/subscriptions`, tokenOf(BOT))).code, 15);
  assert.equal(errorOf(await get(`/${BOT}/subscriptions`, `${BOT}|wrong`)).code, 190);
});

test('[A1, A5] of people only the admins of an app see and change its subscriptions', async () => {
  const ana = { person: '9001', password: 'kopi tubruk' };
  await using shop = await openShop({ apps: [BOT, DESK], more: { [BOT]: { redirect_uris: [REDIRECT] } } });
  const operator = operatorOf(shop.baton);
  await operator('POST', `/people/${ana.person}`, { password: ana.password });
  const code = await signIn(shop.baton, { app: BOT }, ana);
  const { body } = await redeem(shop.baton, { app: BOT, secret: secretOf(BOT), code });
  const user = String(body['access_token']);
  const setRole = (role: string | null) => operator('POST', `/apps/${BOT}/roles/${ana.person}`, { role });
  for (const role of [null, 'tester', 'developer']) {
    await setRole(role);
    const refused = await call(shop, 'GET', undefined, user);
    assert.deepEqual([refused.status, errorIn(refused).code], [403, 200]);
  }
  await setRole('admin');
  assert.equal((await call(shop, 'GET', undefined, user)).status, 200);
  assert.equal((await call(shop, 'POST', { object: 'page', fields: 'messages' }, user)).status, 200);
  assert.deepEqual(names(await listOf(shop)), ['messages']);
  const other = await shop.baton.graph('GET', `/v20.0/${DESK}/subscriptions`, { token: user });
  assert.equal(other.status, 400);
});

test('while others are verified a handshake is not made, and the call may be tried again', async () => {
  const app = await openApp({ verify: async (): Promise<Verified> => ({ kind: 'busy' }) });
  const body = { object: 'page', callback_url: 'http://127.0.0.1/', verify_token: 'v' };
  const answer = await app.ask('POST', `/${BOT}/subscriptions`, { token: appToken(BOT), body });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '1');
});

test('a secret that is changed during the handshake is worth nothing when it ends', async () => {
  const asked = { count: 0 };
  const app = await openApp({
    async verify(): Promise<Verified> {
      asked.count += 1;
      await app.ask('POST', `/admin/apps/${BOT}/rotate_secret`, { token: OPERATOR, body: { grace_ms: 0 } });
      return { kind: 'verified' };
    },
  });
  const body = { object: 'page', callback_url: 'http://127.0.0.1/', verify_token: 'v' };
  const answer = await app.ask('POST', `/${BOT}/subscriptions`, { token: appToken(BOT), body });
  assert.equal(errorOf(answer).code, 190);
  assert.equal(asked.count, 1);
  assert.deepEqual(app.runtime.configuration.current().webhooks, []);
});
