/** The limits of HTTP calls: what is just within is taken, one more is refused by its name and changes nothing. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { MAX_SHOWN } from '../../src/http/admin/routes.ts';
import { MAX_PERSONA_NAME, MAX_PERSONAS, MAX_PICTURE_URL } from '../../src/http/graph/personas.ts';
import { MAX_INDEX } from '../../src/http/sandbox/buttons.ts';
import { MAX_ADVANCE_MS } from '../../src/http/sandbox/clock.ts';
import { MAX_ATTACHMENTS, MAX_CUSTOMER_TEXT, MAX_REF } from '../../src/http/sandbox/customers.ts';
import { MAX_HEADER_BYTES, MAX_PATH_PART } from '../../src/http/server.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { UNCLAIMED } from '../../src/store/buckets.ts';
import { MAX_BODY_BYTES } from '../../src/wire/limits.ts';
import { type App, type Asked, type AskOptions, errorOf, OPERATOR, openApp } from './app.ts';
import { BOT, BUDI, DESK, PAGE, tokenOf } from './shop.ts';

const KEY = { page: PAGE as PageId, psid: BUDI as Psid };
const CUSTOMER = `/sandbox/pages/${PAGE}/customers/${BUDI}`;
const open = () => openApp({ apps: [BOT, DESK] });
const asBot = (body: unknown): AskOptions => ({ token: tokenOf(BOT), body });
const seqOf = async ({ store }: App): Promise<number> => (await store.load(KEY))?.seq ?? 0;

function isRefused(answer: Asked, named: string, status = 400): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  const { type, code, message } = errorOf(answer);
  assert.deepEqual([type, code], ['OAuthException', 100]);
  assert.ok(message.includes(named), message);
}

/** A call of the sandbox that is taken at `max`, refused beyond by the name of its key, and then changes nothing. */
async function holds(max: number, path: string, named: string, body: (size: number) => unknown) {
  const app = await open();
  await app.ask('POST', `${CUSTOMER}/message`, { body: { text: 'Hello' } });
  const within = await app.ask('POST', path, { body: body(max) });
  assert.equal(within.status, 200, JSON.stringify(within.body));
  const before = [await seqOf(app), app.clock.now()];
  isRefused(await app.ask('POST', path, { body: body(max + 1) }), named);
  assert.deepEqual([await seqOf(app), app.clock.now()], before);
}

/** What a server answers to bytes, up to its closing. */
async function answerTo(app: App, bytes: string): Promise<string> {
  const url = await app.http.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  await app.http.close();
  return Buffer.concat(chunks).toString('utf8');
}

test(`[limit MAX_HEADER_BYTES] request line and headers have up to ${MAX_HEADER_BYTES} bytes together`, async () => {
  const request = (size: number): string => {
    const [before, after] = ['GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: ', '\r\n\r\n'];
    return `${before}${'x'.repeat(size - before.length - after.length)}${after}`;
  };
  assert.match(await answerTo(await open(), request(MAX_HEADER_BYTES)), /^HTTP\/1\.1 200 /);
  const refused = await answerTo(await open(), request(MAX_HEADER_BYTES + 64));
  assert.match(refused, /^HTTP\/1\.1 400 /);
  assert.match(refused, /"\(#100\) This is not a well-formed HTTP request"/);
});

test(`[limit MAX_PATH_PART] a part of a path has up to ${MAX_PATH_PART} characters`, async () => {
  const app = await open();
  const ask = (size: number) => app.ask('GET', `/sandbox/pages/${'1'.repeat(size)}/threads/${BUDI}/history`);
  isRefused(await ask(MAX_PATH_PART), 'The page must be 1 to 32 digits');
  const beyond = await ask(MAX_PATH_PART + 1);
  assert.ok(beyond.status >= 400 && beyond.status < 500, JSON.stringify(beyond.body));
  assert.equal(errorOf(beyond).type, 'OAuthException');
  assert.ok(!errorOf(beyond).message.includes('must be 1 to 32 digits'), 'it has not been looked at');
});

test(`[limit MAX_BODY_BYTES] a body has up to ${MAX_BODY_BYTES} bytes`, async () => {
  const app = await open();
  await app.ask('POST', `${CUSTOMER}/message`, { body: { text: 'Hello' } });
  const body = (size: number): string =>
    JSON.stringify({ recipient: { id: BUDI }, message: { text: 'Hi' } }).padEnd(size);
  const send = async (size: number): Promise<Asked> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(BOT)}` };
    const url = '/me/messages';
    const answer = await app.http.inject({ method: 'POST', url, headers, payload: body(size) });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
  assert.equal((await send(MAX_BODY_BYTES)).status, 200);
  isRefused(await send(MAX_BODY_BYTES + 1), String(MAX_BODY_BYTES), 413);
  assert.deepEqual(await app.sentTo(BUDI), ['Hi']);
});

const persona = { name: 'Ana', profile_picture_url: 'https://a.example/ana.png' };
const personas = ({ runtime }: App) => runtime.configuration.current().personas;

async function personaHolds(max: number, key: keyof typeof persona): Promise<void> {
  const app = await open();
  const create = (size: number) =>
    app.ask('POST', '/me/personas', asBot({ ...persona, [key]: '😀'.repeat(size) }));
  assert.equal((await create(max)).status, 200);
  isRefused(await create(max + 1), key);
  assert.equal(personas(app).length, 1);
}

test(`[limit MAX_PERSONA_NAME] [C20] a persona's name has up to ${MAX_PERSONA_NAME} characters`, () =>
  personaHolds(MAX_PERSONA_NAME, 'name'));

test(`[limit MAX_PICTURE_URL] [C20] the address of a persona's picture has up to ${MAX_PICTURE_URL} characters`, () =>
  personaHolds(MAX_PICTURE_URL, 'profile_picture_url'));

test(`[limit MAX_PERSONAS] [C20] an app has up to ${MAX_PERSONAS} personas on a page, and others have theirs`, async () => {
  const app = await open();
  const values = Array.from({ length: MAX_PERSONAS - 1 }, (_, index) => ({
    kind: 'persona' as const,
    value: { id: String(70_000 + index), page: KEY.page, app: BOT as AppId, name: 'Ana', pictureUrl: 'x' },
  }));
  await app.runtime.change(() => ({ put: values }));
  assert.equal((await app.ask('POST', '/me/personas', asBot(persona))).status, 200);
  isRefused(await app.ask('POST', '/me/personas', asBot(persona)), `at most ${MAX_PERSONAS} personas`);
  assert.equal(personas(app).length, MAX_PERSONAS);
  const other = await app.ask('POST', '/me/personas', { token: tokenOf(DESK), body: persona });
  assert.equal(other.status, 200);
});

test(`[limit MAX_SHOWN] an operator is shown the latest ${MAX_SHOWN} attempts and set-asides`, async () => {
  const app = await open();
  const notice = (seq: number) => ({ ...KEY, app: BOT as AppId, seq, at: 0 });
  const attempt = (seq: number) => ({ ...notice(seq), status: 500, error: 'answered 500', durationMs: 1 });
  const shown = async (): Promise<readonly number[]> => {
    const { body } = await app.ask('GET', `/admin/apps/${BOT}/deliveries`, { token: OPERATOR });
    return ['attempts', 'set_aside'].map((key) => (body[key] as readonly unknown[]).length);
  };
  for (let seq = 1; seq <= MAX_SHOWN; seq++) {
    await app.store.settle([], [attempt(seq)]);
    await app.store.setAside([{ ...notice(seq), reason: 'failed', fence: UNCLAIMED }]);
  }
  assert.deepEqual(await shown(), [MAX_SHOWN, MAX_SHOWN]);
  await app.store.settle([], [attempt(MAX_SHOWN + 1)]);
  await app.store.setAside([{ ...notice(MAX_SHOWN + 1), reason: 'failed', fence: UNCLAIMED }]);
  assert.deepEqual(await shown(), [MAX_SHOWN, MAX_SHOWN]);
});

test(`[limit MAX_INDEX] a tap names a button or an element up to ${MAX_INDEX}, there or not`, async () => {
  const app = await open();
  await app.ask('POST', `${CUSTOMER}/message`, { body: { text: 'Hello' } });
  const element = { title: 'a', buttons: [{ type: 'postback', title: 'Go', payload: 'GO' }] };
  const payload = { template_type: 'generic', elements: [element] };
  const message = { attachment: { type: 'template', payload } };
  const sent = await app.ask('POST', '/me/messages', asBot({ recipient: { id: BUDI }, message }));
  const before = await seqOf(app);
  for (const key of ['button', 'element']) {
    const tap = (index: number) =>
      app.ask('POST', `${CUSTOMER}/postback`, { body: { mid: sent.body['message_id'], [key]: index } });
    isRefused(await tap(MAX_INDEX), `There is no ${key} ${MAX_INDEX}`);
    isRefused(await tap(MAX_INDEX + 1), `${key} must be a whole number from 0 to ${MAX_INDEX}`);
  }
  assert.equal(await seqOf(app), before);
});

test('[limit MAX_ADVANCE_MS] one call moves the clock by up to ten years', () =>
  holds(MAX_ADVANCE_MS, '/sandbox/clock', 'advance_ms', (size) => ({ advance_ms: size })));

test(`[limit MAX_CUSTOMER_TEXT] a customer writes up to ${MAX_CUSTOMER_TEXT} characters`, () =>
  holds(MAX_CUSTOMER_TEXT, `${CUSTOMER}/message`, 'text', (size) => ({ text: '😀'.repeat(size) })));

test(`[limit MAX_ATTACHMENTS] a customer sends up to ${MAX_ATTACHMENTS} attachments`, () =>
  holds(MAX_ATTACHMENTS, `${CUSTOMER}/message`, 'attachments', (size) => ({
    attachments: Array.from({ length: size }, () => ({ type: 'image' })),
  })));

test(`[limit MAX_REF] ref and ad_id of a referral have up to ${MAX_REF} characters`, async () => {
  for (const key of ['ref', 'ad_id']) {
    const body = (size: number) => ({ source: 'ADS', ad_id: '777', [key]: 'x'.repeat(size) });
    await holds(MAX_REF, `${CUSTOMER}/referral`, key, body);
  }
});
