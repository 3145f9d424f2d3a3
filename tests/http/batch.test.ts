/** `POST /` with `batch`: several calls in one request. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_BATCH_ANSWER, MAX_BATCH_MS } from '../../src/http/graph/batch.ts';
import { MAX_WRONG_TOKENS } from '../../src/http/rate-limit.ts';
import type { Store } from '../../src/store/port.ts';
import { MAX_BATCH_ITEMS } from '../../src/wire/limits.ts';
import { type App, type AppOptions, openApp } from './app.ts';
import { ADS, BOT, BUDI, DESK, PAGE, secretOf, tokenOf } from './shop.ts';

type Item = Readonly<Record<string, unknown>> | null;
type Result = {
  readonly code: number;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  /** Of the JSON text. */
  readonly body: Readonly<Record<string, unknown>>;
};

const ME = { method: 'GET', relative_url: 'me' };
const RECIPIENT = `recipient=${encodeURIComponent(JSON.stringify({ id: BUDI }))}`;
const say = (text: string, more: object = {}): Item => ({
  method: 'POST',
  relative_url: 'me/messages',
  body: `${RECIPIENT}&message=${encodeURIComponent(JSON.stringify({ text }))}`,
  ...more,
});
const control = (edge: string, more: object = {}): Item => ({
  method: 'POST',
  relative_url: `me/${edge}`,
  body: RECIPIENT,
  ...more,
});

type Options = { readonly token?: string | null; readonly key?: string; readonly more?: object };

async function ask(app: App, batch: unknown, { token = tokenOf(BOT), key, more = {} }: Options = {}) {
  const answer = await app.http.inject({
    method: 'POST',
    url: '/v20.0/',
    remoteAddress: '203.0.113.1',
    headers: key === undefined ? {} : { 'idempotency-key': key },
    payload: { batch, ...(token === null ? {} : { access_token: token }), ...more },
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function run(app: App, batch: readonly Item[], options: Options = {}): Promise<(Result | null)[]> {
  const { status, body } = await ask(app, batch, options);
  assert.equal(status, 200, JSON.stringify(body));
  const results = body as ({ code: number; headers: Result['headers']; body: string } | null)[];
  return results.map((each) => (each === null ? null : ({ ...each, body: JSON.parse(each.body) } as Result)));
}

const codes = (results: readonly (Result | null)[]) => results.map((each) => each?.code ?? null);
const errorIn = (result: Result | null | undefined) =>
  result?.body['error'] as { code: number; error_subcode?: number; message: string } | undefined;

/** The shop after a customer has written: the bot has control. */
async function open(options: AppOptions = {}): Promise<App> {
  const app = await openApp(options);
  await app.ask('POST', `/sandbox/pages/${PAGE}/customers/${BUDI}/message`, { body: { text: 'Hello' } });
  return app;
}

test('the items of a batch are answered in order, each with its code, its headers and a JSON text', async () => {
  const app = await open();
  const batch = [ME, say('One'), { method: 'get', relative_url: `/v6.0/${BUDI}?fields=first_name` }];
  const [me, said, customer] = await run(app, batch);
  assert.deepEqual(me?.body, { id: PAGE, name: 'Kopi Senja' });
  assert.deepEqual(me?.headers, [{ name: 'Content-Type', value: 'application/json; charset=utf-8' }]);
  assert.equal(said?.body['recipient_id'], BUDI);
  assert.equal(customer?.body['first_name'], 'Budi');
  const bare = await run(app, [ME], { more: { include_headers: false } });
  assert.deepEqual(Object.keys(bare[0] ?? {}), ['code', 'body']);
});

test('the items on one thread are carried out in order, control calls among them', async () => {
  const app = await open();
  const back = control('take_thread_control');
  const pass = control('pass_thread_control', { body: `${RECIPIENT}&target_app_id=${DESK}` });
  const results = await run(app, [say('1'), pass, say('2'), back, say('3'), say('4')]);
  assert.deepEqual(codes(results), [200, 200, 400, 200, 200, 200]);
  assert.equal(errorIn(results[2])?.error_subcode, 2018300);
  assert.deepEqual(await app.sentTo(BUDI), ['1', '3', '4']);
});

test('a bad item fails alone, and an empty place is answered with null', async () => {
  const app = await open();
  const batch = [say('1'), null, { method: 'POST' }, 7 as never, { ...ME, method: 'PUT' }, say('2')];
  const results = await run(app, batch);
  assert.deepEqual(codes(results), [200, null, 400, 400, 400, 200]);
  assert.match(errorIn(results[2])?.message ?? '', /^\(#100\) batch\[2\]\[relative_url\]/);
});

test('an item whose machinery breaks fails alone, as a call of its own would', async () => {
  const change = (store: Store): Store => ({
    ...store,
    message: () => Promise.reject(new Error('broken')),
  });
  const app = await open({ change });
  const sent = await run(app, [say('1')]);
  const mid = String(sent[0]?.body['message_id']);
  const results = await run(app, [{ method: 'GET', relative_url: mid }, say('2')]);
  assert.deepEqual(codes(results), [500, 200]);
  assert.equal(errorIn(results[0])?.code, 1);
});

test('an item refers to the answer of an earlier one, which is left out unless it says otherwise', async () => {
  const app = await open();
  const made = { ...(say('1') ?? {}), name: 'said' };
  const read = { method: 'GET', relative_url: '{result=said:$.message_id}?fields=id,message' };
  const [first, second] = await run(app, [made, read]);
  assert.equal(first, null);
  assert.equal(second?.body['message'], '1');
  const [kept] = await run(app, [{ ...made, omit_response_on_success: false }, read]);
  assert.equal(kept?.body['recipient_id'], BUDI);
  const nested = say('of {result=who:$.first_name} {result=who:$.last_name}');
  const who = { method: 'GET', relative_url: BUDI, name: 'who' };
  assert.deepEqual(codes(await run(app, [who, nested])), [null, 200]);
  assert.equal((await app.sentTo(BUDI)).at(-1), 'of Budi ');
});

test('an item waits for what it depends on, and is not carried out when that has failed', async () => {
  const app = await open();
  const fails = control('extend_thread_control', { name: 'longer', body: `${RECIPIENT}&duration=0` });
  const results = await run(app, [
    fails,
    say('never', { depends_on: 'longer' }),
    say('nor this', { depends_on: 'nobody' }),
    say('1', { name: 'first', omit_response_on_success: 'false' }),
    say('2', { depends_on: 'first' }),
  ]);
  assert.deepEqual(codes(results), [400, 400, 400, 200, 200]);
  assert.deepEqual(await app.sentTo(BUDI), ['1', '2']);
});

test('[A5] an item may bear a token of its own, in its key, its query or its body', async () => {
  const app = await open();
  const token = tokenOf(DESK);
  const id = { ...ME, relative_url: `${DESK}/review_requests` };
  const results = await run(app, [
    control('request_thread_control', { access_token: token }),
    say('not mine', { access_token: token }),
    { ...ME, relative_url: `me?access_token=${tokenOf(ADS)}` },
    { ...ME, access_token: 'wrong' },
    { ...id, access_token: `${DESK}|${secretOf(DESK)}` },
  ]);
  assert.deepEqual(codes(results), [200, 400, 200, 400, 200]);
  assert.equal(errorIn(results[3])?.code, 190);
  assert.deepEqual(await app.sentTo(BUDI), []);
});

test('[A5] a wrong token of the batch refuses all of it; without one each item needs its own', async () => {
  const app = await open();
  const wrong = await ask(app, [say('1')], { token: 'wrong' });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.body.error.code, 190);
  const proof = await ask(app, [say('1')], { more: { appsecret_proof: 'wrong' } });
  assert.match(proof.body.error.message, /appsecret_proof/);
  const none = await run(app, [say('1'), { ...ME, access_token: tokenOf(BOT) }], { token: null });
  assert.deepEqual(codes(none), [400, 200]);
  assert.deepEqual(await app.sentTo(BUDI), []);
});

test('a batch in a batch is refused', async () => {
  const app = await open();
  const inner = encodeURIComponent(JSON.stringify([say('1')]));
  const results = await run(app, [
    { method: 'POST', relative_url: '', body: `batch=${inner}` },
    { method: 'POST', relative_url: `/v20.0/?batch=${inner}` },
    { method: 'POST', relative_url: 'me', body: `batch=${inner}` },
  ]);
  assert.deepEqual(codes(results), [400, 400, 400]);
  assert.match(errorIn(results[0])?.message ?? '', /another batch/);
  assert.deepEqual(await app.sentTo(BUDI), []);
});

test('a batch that is sent again with its key is carried out once, item by item', async () => {
  const app = await open();
  const batch = [say('1'), say('2'), control('release_thread_control')];
  const first = await run(app, batch, { key: 'batch-1' });
  const again = await run(app, batch, { key: 'batch-1' });
  assert.deepEqual(
    again.map((each) => each?.body),
    first.map((each) => each?.body),
  );
  assert.ok(again.every((each) => each?.headers?.some(({ name }) => name === 'Idempotent-Replayed')));
  assert.deepEqual(await app.sentTo(BUDI), ['1', '2']);
  const bad = await ask(app, batch, { key: 'with blanks' });
  assert.match(bad.body.error.message, /Idempotency-Key/);
});

test('each item counts as a call: what is over the rate limit is told to wait', async () => {
  const app = await open({ rateLimit: 3 });
  const results = await run(app, [ME, ME, say('1'), say('2'), ME]);
  assert.deepEqual(codes(results), [200, 200, 200, 429, 429]);
  assert.ok(results[3]?.headers?.some(({ name, value }) => name === 'Retry-After' && value === '1'));
  assert.deepEqual(await app.sentTo(BUDI), ['1']);
});

test('wrong tokens in a batch are counted as wrong tokens', async () => {
  const app = await open({ rateLimit: 1_000 });
  const guesses = Array.from({ length: MAX_BATCH_ITEMS }, () => ({ ...ME, access_token: 'guess' }));
  for (let round = 0; round < 2; round++) await ask(app, guesses, { token: null });
  const { status } = await ask(app, [ME], { token: 'guess' });
  assert.equal(status, 429);
});

test('[A5] an address that has guessed too often learns nothing of its next guess from a batch', async () => {
  const app = await openApp({ rateLimit: 1_000 });
  for (let tries = 0; tries < MAX_WRONG_TOKENS; tries++) await ask(app, [ME], { token: 'guess' });
  const [wrong, right] = [await ask(app, [ME], { token: 'guess' }), await ask(app, [ME])];
  const shown = ({ status, body }: typeof wrong) => [status, body.error.code, body.error.message];
  assert.deepEqual(shown(wrong), shown(right));
  assert.equal(wrong.status, 429);
});

test('a batch that is none is refused as a whole and counted as a call', async () => {
  const app = await open({ rateLimit: 2 });
  assert.match((await ask(app, [])).body.error.message, /^\(#100\) batch must have 1 to/);
  assert.match((await ask(app, 'x')).body.error.message, /^\(#100\) batch must be a list/);
  assert.equal((await ask(app, [])).status, 429);
});

test('[limit MAX_BATCH_MS] an item that would begin later is not begun and may be tried again', async () => {
  const passed = { ms: 0 };
  const change = (store: Store): Store => ({
    ...store,
    message(mid) {
      passed.ms += MAX_BATCH_MS / 2;
      return store.message(mid);
    },
  });
  const app = await open({ change, stopwatch: () => passed.ms });
  const slow = { method: 'GET', relative_url: `m_${'A'.repeat(32)}` };
  const results = await run(app, [slow, slow, say('in time'), slow, say('too late')]);
  assert.deepEqual(codes(results), [400, 400, 200, 400, 503]);
  assert.deepEqual(await app.sentTo(BUDI), ['in time']);
});

test('[limit MAX_BATCH_ANSWER] once the answers are so long, no further item is begun', async () => {
  const app = await open();
  const text = 'x'.repeat(2_000);
  for (let count = 0; count < 100; count += MAX_BATCH_ITEMS) {
    await run(
      app,
      Array.from({ length: MAX_BATCH_ITEMS }, () => say(text)),
    );
  }
  const listed = await run(app, [{ method: 'GET', relative_url: 'me/conversations' }]);
  const [{ id } = { id: '' }] = (listed[0]?.body['data'] ?? []) as { id: string }[];
  const url = `${id}/messages?limit=100&fields=id,message`;
  const results = await run(
    app,
    Array.from({ length: MAX_BATCH_ITEMS }, () => ({ ...ME, relative_url: url })),
  );
  const long = results.filter((each) => each?.code === 200);
  const total = long.reduce((sum, each) => sum + JSON.stringify(each?.body).length, 0);
  const one = total / long.length;
  assert.ok(total > MAX_BATCH_ANSWER && total - one <= MAX_BATCH_ANSWER, String(total));
  assert.deepEqual([...new Set(codes(results))], [200, 503]);
});
