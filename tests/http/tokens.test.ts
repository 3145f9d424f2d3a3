/** Tokens of people, apps and pages: how they are got, what they open, when they end (A1, A2, A5). */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { HttpAnswer } from '../../src/testing/sandbox.ts';
import { operatorOf, REDIRECT, redeem, signIn } from './operator.ts';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, secretOf, tokenOf } from './shop.ts';

const ANA = { person: '9001', password: 'kopi tubruk' };
const SCOPE = 'pages_show_list,pages_messaging,pages_manage_metadata,public_profile';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Failed = { readonly code: number; readonly error_subcode?: number; readonly message: string };
const errorIn = ({ body }: HttpAnswer): Failed => body['error'] as Failed;

/** A shop whose bot people can sign in to. */
async function openSignIn(bot: Readonly<Record<string, unknown>> = {}): Promise<Shop> {
  const more = { [BOT]: { redirect_uris: [REDIRECT], ...bot } };
  const shop = await openShop({ apps: [BOT, DESK], more });
  await operatorOf(shop.baton)('POST', `/people/${ANA.person}`, { password: ANA.password });
  return shop;
}

/** Ana's user token for the bot. */
async function userToken(shop: Shop, scope = SCOPE): Promise<string> {
  const code = await signIn(shop.baton, { app: BOT, scope }, ANA);
  const { body } = await redeem(shop.baton, { app: BOT, secret: secretOf(BOT), code });
  return String(body['access_token']);
}

type Account = { readonly id: string; readonly access_token: string; readonly tasks: readonly string[] };
async function accounts(shop: Shop, token: string, query = ''): Promise<readonly Account[]> {
  const { status, body } = await shop.baton.graph('GET', `/v20.0/me/accounts${query}`, { token });
  assert.equal(status, 200, JSON.stringify(body));
  return body['data'] as readonly Account[];
}

const exchange = (shop: Shop, token: string): Promise<HttpAnswer> =>
  shop.baton.call('POST', '/oauth/access_token', {
    body: new URLSearchParams({
      grant_type: 'fb_exchange_token',
      client_id: BOT,
      client_secret: secretOf(BOT),
      fb_exchange_token: token,
    }),
  });

test('[A1] a person signs in, the app gets her pages with tokens, and the tokens work', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const me = await shop.baton.graph('GET', '/me', { token: user });
  assert.deepEqual(me.body, { id: '9001', name: 'Ana' });
  const [page, ...rest] = await accounts(shop, user);
  assert.deepEqual(rest, []);
  assert.ok(page !== undefined);
  const { access_token: token, ...shown } = page;
  assert.deepEqual(shown, {
    category: 'Business',
    category_list: [{ id: '2200', name: 'Business' }],
    name: 'Kopi Senja',
    id: PAGE,
    tasks: ['MANAGE', 'MODERATE', 'MESSAGING'],
  });
  await shop.says('Hello');
  const sent = await shop.baton.graph('POST', '/me/messages', {
    token,
    body: { recipient: { id: BUDI }, message: { text: 'Hi' } },
  });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  const proof = createHmac('sha256', secretOf(BOT)).update(token).digest('hex');
  const owner = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}&appsecret_proof=${proof}`, {
    token,
  });
  assert.match(JSON.stringify(owner.body), new RegExp(`"app_id":"${BOT}"`));
});

test('[A1] asking for the pages again gives the same tokens; the page itself gives its own', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const [first] = await accounts(shop, user);
  const [again] = await accounts(shop, user, '?fields=access_token');
  assert.deepEqual(again, { id: PAGE, access_token: first?.access_token });
  const byId = await shop.baton.graph('GET', `/${PAGE}?fields=access_token,name`, { token: user });
  assert.deepEqual(byId.body, { id: PAGE, name: 'Kopi Senja', access_token: first?.access_token });
  const byPerson = await shop.baton.graph('GET', '/9001/accounts', { token: user });
  assert.deepEqual(byPerson.body['data'], await accounts(shop, user));
  const listed = await operatorOf(shop.baton)('GET', `/tokens?app=${BOT}&person=9001`);
  assert.equal((listed['data'] as unknown[]).length, 3, 'that of the world, one user token, one Page token');
});

test('[A1] a call that is refused, or asks for no token, makes none', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const tokens = async () => operatorOf(shop.baton)('GET', '/tokens');
  const before = await tokens();
  const read = (path: string) => shop.baton.graph('GET', path, { token: user });
  const [strange, broken, named] = [
    await read('/4711?fields=access_token'),
    await read(`/${PAGE}?fields=["access_token"`),
    await read(`/${PAGE}?fields=name`),
  ];
  assert.deepEqual([strange.status, broken.status], [400, 400]);
  assert.deepEqual(named.body, { id: PAGE, name: 'Kopi Senja' });
  assert.deepEqual(await tokens(), before);
});

test('[A1] a page on which the person has no task is not among her pages', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  await operatorOf(shop.baton)('POST', `/pages/${PAGE}/people/9001`, { tasks: [] });
  assert.deepEqual(await accounts(shop, user), []);
  const other = await shop.baton.graph('GET', '/9002/accounts', { token: user });
  assert.deepEqual([other.status, errorIn(other).code, errorIn(other).error_subcode], [400, 100, 33]);
});

test('[A1] calls on a page need a Page token: user and app tokens are told so', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  for (const token of [user, `${BOT}|${secretOf(BOT)}`]) {
    for (const edge of ['me/messages', `${PAGE}/take_thread_control`]) {
      const answer = await shop.baton.graph('POST', `/${edge}`, { token, body: { recipient: { id: BUDI } } });
      assert.deepEqual([answer.status, errorIn(answer).code], [400, 190], edge);
      assert.match(errorIn(answer).message, /^Invalid OAuth access token/);
    }
  }
});

test('[A5] a code is good once, for its app and its way back, for ten minutes', async () => {
  await using shop = await openSignIn();
  const sign = () => signIn(shop.baton, { app: BOT, scope: SCOPE }, ANA);
  const code = await sign();
  const elsewhere = await shop.baton.call(
    'GET',
    `/oauth/access_token?client_id=${BOT}&client_secret=${secretOf(BOT)}&code=${code}&redirect_uri=http://evil.test/`,
  );
  assert.deepEqual([elsewhere.status, errorIn(elsewhere).code], [400, 100]);
  const byDesk = await redeem(shop.baton, { app: DESK, secret: secretOf(DESK), code });
  assert.deepEqual([byDesk.status, errorIn(byDesk).code], [400, 100]);
  const tries = await Promise.all(
    [1, 2, 3].map(() => redeem(shop.baton, { app: BOT, secret: secretOf(BOT), code })),
  );
  assert.deepEqual(tries.map(({ status }) => status).toSorted(), [200, 400, 400]);
  const late = await sign();
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  const ended = await redeem(shop.baton, { app: BOT, secret: secretOf(BOT), code: late });
  assert.deepEqual([ended.status, errorIn(ended).code], [400, 100]);
  const asToken = await shop.baton.graph('GET', '/me', { token: late });
  assert.equal(errorIn(asToken).code, 190, 'a code is no token');
});

test('[A5] only the app’s own secret gives tokens, and an unknown app is told the same', async () => {
  await using shop = await openSignIn();
  const give = (app: string, secret: string) =>
    shop.baton.call(
      'GET',
      `/oauth/access_token?client_id=${app}&client_secret=${secret}&grant_type=client_credentials`,
    );
  assert.deepEqual((await give(BOT, secretOf(BOT))).body, {
    access_token: `${BOT}|${secretOf(BOT)}`,
    token_type: 'bearer',
  });
  const refused = await Promise.all([give(BOT, 'wrong'), give('777', 'wrong'), give('x', ''), give(BOT, '')]);
  for (const answer of refused) {
    assert.deepEqual([answer.status, errorIn(answer).code], [400, 101]);
    assert.equal(errorIn(answer).message, errorIn(refused[0]).message);
  }
  assert.equal(errorIn(await shop.baton.graph('GET', `/${BOT}`, { token: `${BOT}|wrong` })).code, 190);
  assert.equal(errorIn(await shop.baton.graph('GET', `/${BOT}`, { token: '777|wrong' })).code, 190);
});

test('[A5] a user token ends after two hours with its Page tokens; a long one lasts 60 days and gives lasting ones', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const [short] = await accounts(shop, user);
  const { body } = await exchange(shop, user);
  assert.deepEqual([body['token_type'], body['expires_in']], ['bearer', (60 * DAY_MS) / 1_000]);
  const long = String(body['access_token']);
  const [lasting] = await accounts(shop, long);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 2 * HOUR_MS });
  for (const token of [user, short?.access_token ?? '']) {
    const answer = await shop.baton.graph('GET', '/me', { token });
    assert.deepEqual([answer.status, errorIn(answer).code, errorIn(answer).error_subcode], [400, 190, 463]);
  }
  assert.equal(errorIn(await exchange(shop, user)).code, 190, 'one that has ended cannot be prolonged');
  assert.equal((await shop.baton.graph('GET', '/me', { token: long })).status, 200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 60 * DAY_MS });
  assert.equal(errorIn(await shop.baton.graph('GET', '/me', { token: long })).code, 190);
  assert.equal((await shop.baton.graph('GET', '/me', { token: lasting?.access_token ?? '' })).status, 200);
});

test('[A5] revoking a Page token ends it alone, and the next one is another; a user token takes its own along', async () => {
  await using shop = await openSignIn();
  const operator = operatorOf(shop.baton);
  const user = String((await exchange(shop, await userToken(shop))).body['access_token']);
  const token = async () => (await accounts(shop, user))[0]?.access_token ?? '';
  const first = await token();
  assert.deepEqual(await operator('POST', '/tokens/revoke', { token: first }), { revoked: 1 });
  assert.equal(errorIn(await shop.baton.graph('GET', '/me', { token: first })).code, 190);
  const second = await token();
  assert.notEqual(second, first);
  assert.equal((await shop.baton.graph('GET', '/me', { token: second })).status, 200);
  assert.equal((await shop.baton.graph('GET', '/me', { token: tokenOf(BOT) })).status, 200);
  assert.deepEqual(await operator('POST', '/tokens/revoke', { token: user }), { revoked: 2 });
  for (const each of [user, second, first]) {
    const answer = await shop.baton.graph('GET', '/me', { token: each });
    assert.deepEqual([answer.status, errorIn(answer).code], [400, 190]);
    assert.equal(errorIn(answer).error_subcode, undefined, 'as one that there never was');
  }
});

test('[A5] a user token takes what it gave along when it is revoked, long after it has ended and been forgotten, too', async () => {
  await using shop = await openSignIn();
  const operator = operatorOf(shop.baton);
  const signInForGood = async () => {
    const user = String((await exchange(shop, await userToken(shop))).body['access_token']);
    const [page] = await accounts(shop, user);
    return { user, page: page?.access_token ?? '' };
  };
  const [one, other, third] = [await signInForGood(), await signInForGood(), await signInForGood()];
  type Listed = { readonly id: string; readonly kind: string; readonly given_by: string | null };
  const listed = async () =>
    (await operator('GET', `/tokens?app=${BOT}&person=9001`))['data'] as readonly Listed[];
  const users = (await listed()).filter(({ kind }) => kind === 'user');
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 68 * DAY_MS });
  // The next sign-in sweeps out what has ended a week ago.
  await userToken(shop);
  const left = await listed();
  assert.ok(users.every(({ id }) => !left.some((token) => token.id === id)));
  const status = async ({ page }: { readonly page: string }) =>
    (await shop.baton.graph('GET', '/me', { token: page })).status;
  assert.deepEqual(await Promise.all([one, other, third].map(status)), [200, 200, 200], 'they last by time');
  assert.deepEqual(await operator('POST', '/tokens/revoke', { token: one.user }), { revoked: 1 });
  assert.deepEqual(await Promise.all([one, other, third].map(status)), [400, 200, 200]);
  const [giver] = left.flatMap(({ given_by }) => (given_by === null ? [] : [given_by])).toReversed();
  assert.deepEqual(await operator('POST', '/tokens/revoke', { id: giver }), { revoked: 1 });
  assert.deepEqual(await Promise.all([one, other, third].map(status)), [400, 200, 400]);
  assert.equal((await shop.baton.graph('GET', '/me', { token: tokenOf(BOT) })).status, 200);
});

test('debug_token tells an app of its own tokens, and a token of itself', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const [page] = await accounts(shop, user);
  const token = page?.access_token ?? '';
  const debug = async (input: string, by: string) => {
    const query = new URLSearchParams({ input_token: input, access_token: by, appsecret_proof: 'whatever' });
    const { status, body } = await shop.baton.call('GET', `/v20.0/debug_token?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body['data'] as Readonly<Record<string, unknown>>;
  };
  const scopes = ['pages_messaging', 'pages_manage_metadata', 'pages_show_list'];
  for (const by of [`${BOT}|${secretOf(BOT)}`, `${BOT}%7C${secretOf(BOT)}`, token]) {
    const { issued_at: issued, expires_at: expires, ...rest } = await debug(token, by);
    assert.equal(Number(expires) - Number(issued), 7_200);
    assert.deepEqual(rest, {
      app_id: BOT,
      application: 'FAQ bot',
      type: 'PAGE',
      is_valid: true,
      profile_id: PAGE,
      user_id: '9001',
      scopes,
    });
  }
  const own = await debug(user, `${BOT}|${secretOf(BOT)}`);
  assert.deepEqual([own['type'], own['is_valid'], own['scopes']], ['USER', true, scopes]);
  assert.equal((await debug(tokenOf(BOT), tokenOf(BOT)))['expires_at'], 0);
  const app = `${BOT}|${secretOf(BOT)}`;
  assert.deepEqual((await debug(app, app))['type'], 'APP');
});

test('[A5] debug_token tells nothing of the tokens of other apps', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  const desk = `${DESK}|${secretOf(DESK)}`;
  const strangers = [user, tokenOf(BOT), `${BOT}|${secretOf(BOT)}`, 'nonsense', `${BOT}|nonsense`];
  for (const by of [desk, tokenOf(DESK)]) {
    for (const input of strangers) {
      const query = new URLSearchParams({ input_token: input, access_token: by });
      const { body } = await shop.baton.call('GET', `/debug_token?${query}`);
      assert.deepEqual(body, { data: { is_valid: false } });
    }
  }
  assert.equal(errorIn(await shop.baton.call('GET', '/debug_token?input_token=x')).code, 190);
  const none = await shop.baton.call('GET', `/debug_token?access_token=${desk}`);
  assert.deepEqual([none.status, errorIn(none).code], [400, 100]);
});

test('an app is read by its own tokens, and by the other apps of a page', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop);
  for (const token of [tokenOf(BOT), tokenOf(DESK), user, `${BOT}|${secretOf(BOT)}`]) {
    const { body } = await shop.baton.graph('GET', `/v20.0/${BOT}?fields=name`, { token });
    assert.deepEqual(body, { id: BOT, name: 'FAQ bot' });
  }
  const stranger = await shop.baton.graph('GET', `/${BOT}`, { token: `${DESK}|${secretOf(DESK)}` });
  assert.deepEqual([errorIn(stranger).code, errorIn(stranger).error_subcode], [100, 33]);
});

test('[A2] what a person has not allowed the app cannot do with her token, and a new connection does not have', async () => {
  await using shop = await openSignIn();
  const [page] = await accounts(shop, await userToken(shop, 'pages_show_list pages_manage_metadata'));
  const token = page?.access_token ?? '';
  await shop.says('Hello');
  const refused = await shop.baton.graph('POST', '/me/messages', {
    token,
    body: { recipient: { id: BUDI }, message: { text: 'Hi' } },
  });
  assert.deepEqual([refused.status, errorIn(refused).code], [403, 200]);
  assert.match(errorIn(refused).message, /pages_messaging/);
  assert.equal((await shop.baton.graph('GET', '/me/subscribed_apps', { token })).status, 200);
});

test('[A2] an app that subscribes with a token without pages_messaging is not connected', async () => {
  const more = { [BOT]: { redirect_uris: [REDIRECT], pages: [] } };
  await using shop = await openShop({ apps: [BOT, DESK], primary: null, more });
  const operator = operatorOf(shop.baton);
  await operator('POST', `/people/${ANA.person}`, { password: ANA.password });
  const [page] = await accounts(shop, await userToken(shop, 'pages_show_list pages_manage_metadata'));
  const token = page?.access_token ?? '';
  const fields = { subscribed_fields: ['messages', 'standby'] };
  assert.equal((await shop.baton.graph('POST', '/me/subscribed_apps', { token, body: fields })).status, 200);
  await shop.says('Hello');
  assert.deepEqual(await shop.heard(BOT), []);
  const shown = await operator('GET', `/apps/${BOT}`);
  assert.deepEqual(shown['pages'], [
    { id: PAGE, subscribed: true, permissions: ['pages_manage_metadata', 'pages_show_list'], lacks: [] },
  ]);
  const [whole] = await accounts(shop, await userToken(shop));
  const call = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, {
    token: whole?.access_token ?? '',
  });
  assert.deepEqual([call.status, errorIn(call).code], [403, 200], 'the page has not allowed it yet');
});

test('an app in development is signed in to by people with a role on it only', async () => {
  await using shop = await openSignIn({ live: false });
  await assert.rejects(signIn(shop.baton, { app: BOT, scope: SCOPE }, ANA), /in development/);
  const operator = operatorOf(shop.baton);
  await operator('POST', `/apps/${BOT}/roles/9001`, { role: 'developer' });
  const user = await userToken(shop);
  assert.equal((await accounts(shop, user)).length, 1);
  await operator('POST', `/apps/${BOT}/roles/9001`, { role: null });
  const refused = await shop.baton.graph('GET', '/me/accounts', { token: user });
  assert.deepEqual([refused.status, errorIn(refused).code], [403, 200]);
});

test('[A2] which pages there are, and their tokens, is told only with pages_show_list', async () => {
  await using shop = await openSignIn();
  const user = await userToken(shop, 'pages_messaging');
  for (const path of ['/me/accounts', '/9001/accounts', `/${PAGE}?fields=access_token`, `/${PAGE}`, '/777']) {
    const answer = await shop.baton.graph('GET', path, { token: user });
    assert.deepEqual([answer.status, errorIn(answer).code], [403, 200], path);
    assert.match(errorIn(answer).message, /pages_show_list/);
  }
  const me = await shop.baton.graph('GET', '/me', { token: await userToken(shop, '') });
  assert.deepEqual(me.body, { id: '9001', name: 'Ana' });
  const { data } = await operatorOf(shop.baton)('GET', `/tokens?app=${BOT}`);
  const kinds = (data as readonly { readonly kind: string }[]).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['page', 'user', 'user'], 'none was given');
});

test('[A2] an app subscribes and leaves only where the person and the page allow pages_manage_metadata', async () => {
  await using shop = await openSignIn();
  const operator = operatorOf(shop.baton);
  const [page] = await accounts(shop, await userToken(shop, 'pages_show_list pages_messaging'));
  const call = (method: 'POST' | 'DELETE', token: string) =>
    shop.baton.graph(method, '/me/subscribed_apps', { token, body: { subscribed_fields: ['messages'] } });
  const refuses = async (token: string): Promise<void> => {
    for (const method of ['POST', 'DELETE'] as const) {
      const answer = await call(method, token);
      assert.deepEqual([answer.status, errorIn(answer).code], [403, 200], method);
      assert.match(errorIn(answer).message, /pages_manage_metadata/);
    }
  };
  await refuses(page?.access_token ?? '');
  const given = await operator('POST', '/tokens', { app: BOT, page: PAGE, person: '9001' });
  for (const token of [tokenOf(BOT), String(given['access_token'])]) {
    assert.equal((await call('POST', token)).status, 200);
  }
  await operator('POST', `/apps/${BOT}/pages/${PAGE}`, { permissions: ['pages_messaging'] });
  await refuses(tokenOf(BOT));
});

test('[A5] a long-lived token is prolonged in its place: asking again and again adds nothing', async () => {
  await using shop = await openSignIn();
  const advance = (ms: number) => shop.baton.sandbox('POST', '/clock', { advance_ms: ms });
  const long = String((await exchange(shop, await userToken(shop))).body['access_token']);
  const [page] = await accounts(shop, long);
  const daysLeft = async (): Promise<number> => {
    const { body } = await exchange(shop, long);
    assert.equal(body['access_token'], long);
    return Number(body['expires_in']) / (DAY_MS / 1_000);
  };
  const isBetween = (days: number, least: number, most: number): void =>
    assert.ok(days > least && days <= most, `${days} days`);
  isBetween(await daysLeft(), 59.9, 60);
  await advance(DAY_MS / 2);
  isBetween(await daysLeft(), 59.4, 59.5);
  await advance(DAY_MS / 2);
  assert.equal(await daysLeft(), 60);
  await advance(59 * DAY_MS);
  assert.equal(await daysLeft(), 60);
  await advance(59 * DAY_MS);
  assert.equal((await accounts(shop, long))[0]?.access_token, page?.access_token);
  const { data } = await operatorOf(shop.baton)('GET', `/tokens?app=${BOT}&person=9001`);
  const lasting = (data as readonly { readonly ended: boolean }[]).filter(({ ended }) => !ended);
  assert.equal(lasting.length, 3, 'that of the world, the long-lived one and its Page token');
});
