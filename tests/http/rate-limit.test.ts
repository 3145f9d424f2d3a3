/** How many calls an app may make on a page, and how many wrong tokens an address may try. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { hasToken } from '../../src/http/graph/graph.ts';
import {
  createRateLimit,
  DEFAULT_RATE_LIMIT,
  MAX_BUDGETS,
  MAX_WRONG_TOKENS,
  networkOf,
} from '../../src/http/rate-limit.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { serve } from '../../src/serve.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { MAX_BODY_BYTES } from '../../src/wire/limits.ts';
import { type App, type Asked, errorOf, openApp } from './app.ts';
import { BOT, BUDI, DESK, PAGE, secretOf, shopWorld, tokenOf } from './shop.ts';

const owner = `/me/thread_owner?recipient=${BUDI}`;
const read = (app: App, token: string, address?: string): Promise<Asked> =>
  app.ask('GET', owner, { token, ...(address === undefined ? {} : { address }) });

async function repeat(times: number, call: () => Promise<Asked>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < times; index++) statuses.push((await call()).status);
  return statuses;
}
const all = (times: number, status: number): readonly number[] => Array.from({ length: times }, () => status);

function isLimited(answer: Asked, code: number, seconds: number): void {
  assert.deepEqual([answer.status, answer.headers['retry-after']], [429, String(seconds)]);
  const error = errorOf(answer);
  assert.deepEqual([error.type, error.code], ['OAuthException', code]);
  assert.ok(error.message.startsWith(`(#${code}) `));
  assert.ok('fbtrace_id' in error);
}

test('an app that has used up its calls is answered 429 code 613 with Retry-After, nothing has happened, and then it goes on', async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 3 });
  await app.ask('POST', `/sandbox/pages/${PAGE}/customers/${BUDI}/message`, { body: { text: 'Hello' } });
  const say = (text: string) =>
    app.ask('POST', '/me/messages', {
      token: tokenOf(BOT),
      body: { recipient: { id: BUDI }, message: { text } },
    });
  assert.deepEqual(await repeat(3, () => say('within')), all(3, 200));
  isLimited(await say('too much'), 613, 1);
  assert.deepEqual(await app.sentTo(BUDI), ['within', 'within', 'within']);
  app.clock.advance(1_000);
  assert.equal((await say('later')).status, 200);
  assert.deepEqual((await app.sentTo(BUDI)).at(-1), 'later');
});

test('calls grow back evenly, and what is refused does not put that off', async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 10 });
  const call = () => read(app, tokenOf(BOT));
  assert.deepEqual(await repeat(12, call), [...all(10, 200), 429, 429]);
  app.clock.advance(99);
  assert.deepEqual(await repeat(5, call), all(5, 429));
  app.clock.advance(1);
  assert.deepEqual(await repeat(2, call), [200, 429]);
  app.clock.advance(3_600_000);
  assert.deepEqual(await repeat(12, call), [...all(10, 200), 429, 429], 'and never to more than there were');
});

test('one that uses up its calls takes none from other apps, nor from itself on other pages', async () => {
  const world = shopWorld({}, { apps: [BOT, DESK] }) as {
    readonly pages: readonly object[];
    readonly apps: readonly { readonly id: string; readonly pages: readonly object[] }[];
  };
  const people = [{ id: '9001', tasks: ['MODERATE'] }];
  const second = {
    id: '1002',
    person: '9001',
    access_token: 'token-on-1002',
    subscribed_fields: ['messages'],
  };
  const app = await openApp({
    rateLimit: 1,
    world: {
      ...world,
      pages: [...world.pages, { id: '1002', name: 'Second', people }],
      apps: world.apps.map((each) => (each.id === BOT ? { ...each, pages: [...each.pages, second] } : each)),
    },
  });
  assert.equal((await read(app, tokenOf(BOT))).status, 200);
  isLimited(await read(app, tokenOf(BOT)), 613, 1);
  assert.equal((await read(app, tokenOf(DESK))).status, 200);
  const elsewhere = await app.ask('GET', '/me?fields=id', { token: 'token-on-1002' });
  assert.deepEqual([elsewhere.status, elsewhere.body['id']], [200, '1002']);
});

test(`[limit MAX_WRONG_TOKENS] an address tries ${MAX_WRONG_TOKENS} wrong tokens; then it is answered 429 code 4, be the next one wrong or right`, async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
  const guesser = '198.51.100.7';
  assert.deepEqual(
    await repeat(MAX_WRONG_TOKENS, () => read(app, 'guess', guesser)),
    all(MAX_WRONG_TOKENS, 400),
  );
  isLimited(await read(app, 'guess', guesser), 4, 1);
  isLimited(await read(app, tokenOf(BOT), guesser), 4, 1);
  assert.equal((await read(app, tokenOf(BOT))).status, 200, 'elsewhere it opens');
  assert.equal((await read(app, 'guess')).status, 400);
  app.clock.advance(60_000 / MAX_WRONG_TOKENS);
  assert.deepEqual(await repeat(2, () => read(app, 'guess', guesser)), [400, 429]);
  app.clock.advance(60_000);
  assert.equal((await read(app, tokenOf(BOT), guesser)).status, 200);
});

test('wrong proofs, and calls without a token, count as wrong tokens', async () => {
  for (const call of [`${owner}&access_token=${tokenOf(BOT)}&appsecret_proof=${'0'.repeat(64)}`, owner]) {
    const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
    const statuses = await repeat(MAX_WRONG_TOKENS + 1, () => app.ask('GET', call));
    assert.deepEqual(statuses, [...all(MAX_WRONG_TOKENS, 400), 429]);
  }
});

/** An app token is asked for. */
const askToken = (app: App, given: Readonly<Record<string, string>>, address?: string): Promise<Asked> =>
  app.ask(
    'GET',
    `/v20.0/oauth/access_token?${new URLSearchParams({ grant_type: 'client_credentials', ...given })}`,
    address === undefined ? {} : { address },
  );
const right = { client_id: BOT, client_secret: secretOf(BOT) };

test('[A5] wrong secrets count as wrong tokens, be there such an app or not; then the right one gives nothing either', async () => {
  for (const id of [BOT, '777']) {
    const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
    const guesser = '198.51.100.7';
    const guess = () => askToken(app, { client_id: id, client_secret: 'guess' }, guesser);
    const statuses = await repeat(MAX_WRONG_TOKENS - 1, guess);
    assert.deepEqual(statuses, all(MAX_WRONG_TOKENS - 1, 400));
    assert.equal((await askToken(app, right, guesser)).status, 200, 'a right one does not count');
    assert.equal(errorOf(await guess()).code, 101);
    isLimited(await guess(), 4, 1);
    isLimited(await askToken(app, right, guesser), 4, 1);
    isLimited(await read(app, 'guess', guesser), 4, 1);
    assert.equal((await askToken(app, right)).status, 200, 'elsewhere it opens');
    app.clock.advance(60_000 / MAX_WRONG_TOKENS);
    assert.equal((await askToken(app, right, guesser)).status, 200);
  }
});

test('[A5] a path that wants no token is none to guess one at', async () => {
  const guesses = ['/debug_token?input_token=x&access_token=guess'];
  const exchange = { ...right, grant_type: 'fb_exchange_token', fb_exchange_token: 'guess' };
  guesses.push(`/oauth/access_token?${new URLSearchParams(exchange)}`);
  for (const guess of guesses) {
    const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
    const statuses = await repeat(MAX_WRONG_TOKENS + 1, () => app.ask('GET', guess));
    assert.deepEqual(statuses, [...all(MAX_WRONG_TOKENS, 400), 429]);
  }
});

test('a call for a token that tries no secret counts as none', async () => {
  const malformed: Readonly<Record<string, string>>[] = [
    { client_id: BOT },
    { client_id: BOT, client_secret: '' },
    { client_secret: 'guess' },
    { client_id: 'x', client_secret: 'guess' },
    { ...right, grant_type: 'wish' },
    { ...right, grant_type: 'authorization_code' },
    { ...right, grant_type: 'authorization_code', code: 'used', redirect_uri: 'https://a.example/' },
  ];
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
  for (const each of malformed) {
    const statuses = await repeat(MAX_WRONG_TOKENS + 1, () => askToken(app, each));
    assert.deepEqual(statuses, all(MAX_WRONG_TOKENS + 1, 400), JSON.stringify(each));
  }
  assert.equal((await askToken(app, right)).status, 200);
  assert.equal((await read(app, 'guess')).status, 400);
});

test('an app that was served at an address goes on there, whoever else guesses from it', async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
  assert.equal((await read(app, tokenOf(BOT))).status, 200);
  await repeat(MAX_WRONG_TOKENS + 1, () => read(app, 'guess'));
  assert.equal((await read(app, tokenOf(BOT))).status, 200);
  isLimited(await read(app, tokenOf(DESK)), 4, 1);
});

test(`[limit MAX_BUDGETS] ${MAX_BUDGETS} callers are remembered, then the first seen is forgotten`, () => {
  const limit = createRateLimit(1, simulatedClock(0));
  const call = (id: number) => limit?.refusal('203.0.113.1', `${id}/${PAGE}`);
  for (let id = 1; id <= MAX_BUDGETS; id++) assert.equal(call(id), null);
  assert.notEqual(call(1), null, 'it is remembered');
  assert.equal(call(MAX_BUDGETS + 1), null);
  assert.equal(call(1), null, 'it has been forgotten');
  assert.notEqual(call(MAX_BUDGETS), null, 'the others have not');
});

test('the addresses of one IPv6 network are one, and those of IPv4 are each their own', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['2001:db8:0:1::', '2001:db8:0:1'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1:2:3:4%eth0', 'fe80:0:0:0'],
  ] as const) {
    assert.equal(networkOf(address), network);
  }
});

test('a caller that has hung up meanwhile has no address, and is counted all the same', () => {
  const limit = createRateLimit(1, simulatedClock(0));
  const bot = `${BOT}/${PAGE}`;
  assert.equal(limit?.refusal(undefined, bot), null);
  assert.equal(limit?.refusal(undefined, bot)?.error.code, 613);
  for (let tries = 1; tries <= MAX_WRONG_TOKENS; tries++) assert.equal(limit?.refusal(undefined, null), null);
  assert.equal(limit?.refusal(undefined, null)?.error.code, 4);
});

test('a limit of 0 is none', () => {
  assert.equal(createRateLimit(0, simulatedClock(0)), null);
});

/** Whether a server ever has enough of wrong tokens. Those that grow back meanwhile are far fewer. */
async function isLimiting(sandbox: boolean, rateLimit: number | null): Promise<boolean> {
  const data = await mkdtemp(path.join(tmpdir(), 'baton-rate-'));
  const started = { port: 0, host: '127.0.0.1', data, world: null, sandbox, allowedRanges: [], rateLimit };
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const served = stack.use(await serve({ ...started, observer: silentObserver }));
  const { call } = driverOf(served.url);
  for (let index = 0; index < MAX_WRONG_TOKENS * 3; index++) {
    const { status } = await call('GET', `${owner}&access_token=guess${index}`);
    if (status === 429) return true;
  }
  return false;
}

test('there is a limit in production and none in a sandbox, unless it is said otherwise', async () => {
  assert.equal(await isLimiting(false, null), true);
  assert.equal(await isLimiting(true, null), false);
  assert.equal(await isLimiting(false, 0), false);
  assert.equal(await isLimiting(true, DEFAULT_RATE_LIMIT), true);
});

test('[A5] calls that want no token of their own are calls of the app that makes them', async () => {
  const debug = `/debug_token?${new URLSearchParams({ input_token: 'x', access_token: `${BOT}|${secretOf(BOT)}` })}`;
  for (const call of [(app: App) => askToken(app, right), (app: App) => app.ask('GET', debug)]) {
    const app = await openApp({ apps: [BOT, DESK], rateLimit: 3 });
    assert.deepEqual(await repeat(3, () => call(app)), all(3, 200));
    isLimited(await call(app), 613, 1);
    const other = { client_id: DESK, client_secret: secretOf(DESK) };
    assert.equal((await askToken(app, other)).status, 200, 'another app has its own');
    app.clock.advance(1_000);
    assert.equal((await call(app)).status, 200);
  }
});

/** A call whose body is large enough that its token is looked at before. */
function uploadWith(app: App, token: string, address: string): Promise<number> {
  const payload = Buffer.alloc(MAX_BODY_BYTES + 1);
  return app.http
    .inject({
      method: 'POST',
      url: `/me/message_attachments?access_token=${token}`,
      remoteAddress: address,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      payload,
    })
    .then(({ statusCode }) => statusCode);
}

test('[A5] a wrong token in front of a large body counts, and counts once', async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
  const guesser = '198.51.100.7';
  assert.equal(await uploadWith(app, 'guess', guesser), 400);
  const statuses = await repeat(MAX_WRONG_TOKENS, () => read(app, 'guess', guesser));
  assert.deepEqual(statuses, [...all(MAX_WRONG_TOKENS - 1, 400), 429]);
});

test('[A5] where too many tokens were tried, no body is taken in as that of a caller who is known', async () => {
  const app = await openApp({ apps: [BOT, DESK], rateLimit: 1_000 });
  const limit = createRateLimit(1_000, app.clock);
  const [guesser, own] = ['198.51.100.7', '203.0.113.1'];
  const isKnown = (token: string, ip: string): boolean => {
    const request = { url: `/me/messages?access_token=${token}`, headers: {}, ip };
    return hasToken(app.runtime, request as FastifyRequest, limit);
  };
  assert.equal(limit?.refusal(own, `${BOT}/${PAGE}`), null);
  for (let tries = 1; tries <= MAX_WRONG_TOKENS; tries++) {
    for (const ip of [guesser, own]) assert.equal(isKnown('guess', ip), false);
  }
  assert.equal(isKnown(tokenOf(BOT), guesser), false, 'be it the right one');
  assert.equal(isKnown(tokenOf(BOT), own), true, 'where it was served last it goes on');
  assert.equal(isKnown(tokenOf(DESK), own), false);
  assert.equal(isKnown(tokenOf(DESK), '192.0.2.9'), true);
  assert.equal(limit?.refusal(own, null)?.error.code, 4, 'they were counted');
});
