/** What is granted and taken away while the server runs: tasks, permissions, App Review, secrets (A1 to A6, C17). */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { type HttpAnswer, openSandbox } from '../../src/testing/sandbox.ts';
import { operatorOf } from './operator.ts';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, secretOf, shopWorld, tokenOf } from './shop.ts';

type Failed = {
  readonly code: number;
  readonly error_subcode?: number;
  readonly message: string;
  readonly error_user_msg?: string;
};
const errorIn = ({ body }: HttpAnswer): Failed => body['error'] as Failed;
const codesOf = (answer: HttpAnswer) => [answer.status, errorIn(answer).code, errorIn(answer).error_subcode];

const TESTER = '5002';
const DAY_MS = 86_400_000;
const text = { message: { text: 'Hi' } };
const tagged = { ...text, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };

const history = async ({ baton }: Shop): Promise<unknown> =>
  (await baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`))['history'];

test('[A1] who loses MODERATE in the middle of a conversation can hand it over no more; nothing else changes', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const operator = operatorOf(shop.baton);
  await operator('POST', '/people/9002', { name: 'Budi’s sister' });
  await operator('POST', `/pages/${PAGE}/people/9002`, { tasks: ['MODERATE'] });
  const other = { app: DESK, page: PAGE, person: '9002' };
  const token = String((await operator('POST', '/tokens', other))['access_token']);
  await shop.says('Hello');
  assert.equal((await shop.post(BOT, 'extend_thread_control', { duration: 90_000 })).status, 200);
  const before = [await history(shop), await shop.ownerFor(DESK)];
  await operator('POST', `/pages/${PAGE}/people/9001`, { tasks: ['MESSAGING'] });
  for (const edge of ['pass_thread_control', 'release_thread_control', 'extend_thread_control']) {
    const refused = await shop.post(BOT, edge, { target_app_id: DESK });
    assert.deepEqual(codesOf(refused), [403, 200, undefined], edge);
    assert.equal(errorIn(refused).error_user_msg, undefined, 'says nothing of the thread');
  }
  assert.equal((await shop.post(BOT, 'messages', text)).status, 200, 'MESSAGING is enough to send');
  const asked = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, { token });
  assert.match(JSON.stringify(asked.body), new RegExp(`"app_id":"${BOT}"`), 'the lease goes on');
  assert.deepEqual([await history(shop), BOT], before);
  await operator('POST', `/pages/${PAGE}/people/9001`, { tasks: [] });
  assert.deepEqual(codesOf(await shop.post(BOT, 'messages', text)), [403, 200, undefined]);
  await operator('POST', `/pages/${PAGE}/people/9001`, { tasks: ['MODERATE'] });
  assert.equal(
    (await shop.post(BOT, 'release_thread_control')).status,
    200,
    'the task given back counts at once',
  );
});

test('[A2, C17] an app whose pages_messaging is taken away loses its threads at once and hears nothing more', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const operator = operatorOf(shop.baton);
  await shop.says('Hello');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal(await shop.ownerFor(BOT), DESK);
  const heardBefore = (await shop.heard(DESK)).length;
  await operator('POST', `/apps/${DESK}/pages/${PAGE}`, { permissions: ['pages_show_list'] });
  assert.equal(await shop.ownerFor(BOT), undefined);
  for (const edge of ['messages', 'take_thread_control', 'request_thread_control']) {
    assert.deepEqual(codesOf(await shop.post(DESK, edge, text)), [403, 200, undefined], edge);
  }
  const refused = await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.deepEqual(codesOf(refused), [400, 100, 2018164]);
  await shop.says('Still there?');
  assert.equal((await shop.heard(DESK)).length, heardBefore);
  await operator('POST', `/apps/${DESK}/pages/${PAGE}`, { permissions: ['pages_messaging'] });
  assert.equal(await shop.ownerFor(DESK), BOT, 'control does not come back');
  const again = await shop.baton.graph('GET', '/me/subscribed_apps', { token: tokenOf(DESK) });
  assert.equal(again.status, 200);
});

test('[A2, C17] a primary receiver without pages_messaging is none any more', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await operatorOf(shop.baton)('POST', `/apps/${BOT}/pages/${PAGE}`, { permissions: [] });
  await shop.says('Hello');
  assert.equal(await shop.ownerFor(DESK), undefined);
});

test('[A3] without advanced access an app reaches its testers only; App Review grants it, and takes it away, at once', async () => {
  const more = { [DESK]: { advanced_access: [], testers: [TESTER] } };
  await using shop = await openShop({ apps: [BOT, DESK], primary: null, more });
  const operator = operatorOf(shop.baton);
  const appToken = `${DESK}|${secretOf(DESK)}`;
  const requests = `/v20.0/${DESK}/review_requests`;
  await shop.says('Hello');
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${TESTER}/message`, { text: 'I test' });
  assert.equal((await shop.heard(DESK)).length, 1);
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', text)), [403, 200, 2018028]);
  assert.deepEqual(codesOf(await shop.post(DESK, 'take_thread_control')), [403, 200, 2018028]);
  const asked = await shop.baton.graph('POST', requests, {
    token: appToken,
    body: { feature: 'pages_messaging', note: 'Our people answer orders' },
  });
  assert.equal(asked.body['status'], 'open');
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', text)), [403, 200, 2018028]);
  await operator('POST', `/apps/${DESK}/reviews`, {
    feature: 'pages_messaging',
    granted: true,
    reason: 'Looks fine',
  });
  assert.equal((await shop.post(DESK, 'take_thread_control')).status, 200);
  const listed = await shop.baton.graph('GET', requests, { token: appToken });
  const [review] = listed.body['data'] as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual(
    [review?.['status'], review?.['reason'], review?.['note']],
    ['granted', 'Looks fine', 'Our people answer orders'],
  );
  assert.equal(await shop.ownerFor(BOT), DESK);
  await operator('POST', `/apps/${DESK}/reviews`, { feature: 'pages_messaging', granted: false });
  assert.equal(await shop.ownerFor(BOT), undefined, 'its threads are idle (C17)');
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', text)), [403, 200, 2018028]);
});

test('[A3] an app that is taken into development keeps its testers only, whatever it was granted', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], more: { [DESK]: { testers: [TESTER] } } });
  const operator = operatorOf(shop.baton);
  for (const psid of [BUDI, TESTER]) {
    await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: 'Hi' });
    const pass = { recipient: { id: psid }, target_app_id: DESK };
    const passed = await shop.baton.graph('POST', '/me/pass_thread_control', {
      token: tokenOf(BOT),
      body: pass,
    });
    assert.equal(passed.status, 200);
  }
  await operator('POST', `/apps/${DESK}`, { live: false });
  assert.equal(await shop.ownerFor(BOT), undefined);
  const kept = await shop.baton.graph('GET', `/me/thread_owner?recipient=${TESTER}`, { token: tokenOf(BOT) });
  assert.match(JSON.stringify(kept.body), new RegExp(`"app_id":"${DESK}"`));
  await operator('POST', `/apps/${DESK}`, { live: true });
  assert.equal((await shop.post(DESK, 'messages', text)).status, 200);
});

test('[A3] requests are the app’s own; one that is open is renewed, and what is granted is not asked for again', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], more: { [DESK]: { advanced_access: [] } } });
  const ask = (token: string, app: string, body: unknown) =>
    shop.baton.graph('POST', `/${app}/review_requests`, { token, body });
  const token = `${DESK}|${secretOf(DESK)}`;
  await ask(token, DESK, { feature: 'human_agent', note: 'a' });
  await ask(token, DESK, { feature: 'human_agent', note: 'b' });
  const { body } = await shop.baton.graph('GET', `/${DESK}/review_requests`, { token });
  const notes = (body['data'] as readonly { readonly note: string }[]).map(({ note }) => note);
  assert.deepEqual(notes, ['b']);
  assert.deepEqual(codesOf(await ask(token, BOT, { feature: 'human_agent' })), [400, 100, 33]);
  assert.deepEqual(codesOf(await ask(token, DESK, { feature: 'wings' })), [400, 100, undefined]);
  assert.deepEqual(codesOf(await ask(token, DESK, { feature: 'human_agent', note: 7 })), [
    400,
    100,
    undefined,
  ]);
  const bot = `${BOT}|${secretOf(BOT)}`;
  assert.deepEqual(codesOf(await ask(bot, BOT, { feature: 'human_agent' })), [400, 100, undefined]);
  assert.deepEqual(codesOf(await ask(tokenOf(DESK), DESK, { feature: 'human_agent' })).slice(1), [
    2500,
    undefined,
  ]);
});

test('[A4, H1] Human Agent is granted apart: without it the tag opens nothing, with it the desk answers at once', async () => {
  await using shop = await openShop({
    apps: [BOT, DESK],
    more: { [DESK]: { advanced_access: ['pages_messaging'] } },
  });
  const operator = operatorOf(shop.baton);
  await shop.says('Hello');
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', tagged)), [400, 10, 2018300]);
  await operator('POST', `/apps/${DESK}/reviews`, { feature: 'human_agent', granted: true });
  assert.equal((await shop.post(DESK, 'messages', tagged)).status, 200);
  assert.equal(await shop.ownerFor(DESK), BOT);
  await operator('POST', `/apps/${DESK}/reviews`, {
    feature: 'human_agent',
    granted: false,
    reason: 'Misused',
  });
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', tagged)), [400, 10, 2018300]);
  await operator('POST', `/apps/${DESK}/reviews`, { feature: 'human_agent', granted: true });
  await operator('POST', `/apps/${DESK}/reviews`, { feature: 'pages_messaging', granted: false });
  assert.deepEqual(codesOf(await shop.post(DESK, 'messages', tagged)), [403, 200, 2018028]);
});

test('[A4] a desk that answers as owner within 24 hours needs no Human Agent', async () => {
  await using shop = await openShop({
    apps: [BOT, DESK],
    more: { [DESK]: { advanced_access: ['pages_messaging'] } },
  });
  await shop.says('Hello');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal((await shop.post(DESK, 'messages', text)).status, 200);
});

test('[A5] what unknown, revoked and wrong-page tokens are told is the same, whatever there is', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const operator = operatorOf(shop.baton);
  const names = { app: DESK, page: PAGE, person: '9001' };
  const { access_token: token, id } = await operator('POST', '/tokens', names);
  const own = await shop.baton.graph('GET', '/me', { token: String(token) });
  assert.equal(own.status, 200);
  assert.deepEqual(await operator('POST', '/tokens/revoke', { id }), { revoked: 1 });
  const answers = [];
  for (const each of [String(token), 'never', 'BPnever', `${'9'.repeat(32)}|x`, '|', 'é']) {
    const answer = await shop.baton.graph('GET', `/${PAGE}/thread_owner?recipient=${BUDI}`, {
      token: encodeURIComponent(each),
    });
    assert.deepEqual(codesOf(answer), [400, 190, undefined]);
    const { fbtrace_id: _, ...rest } = errorIn(answer) as Failed & { readonly fbtrace_id: string };
    answers.push(JSON.stringify(rest));
  }
  assert.equal(new Set(answers).size, 1);
  const listed = JSON.stringify(await operator('GET', '/tokens'));
  assert.ok(!listed.includes(tokenOf(BOT)) && !listed.includes(String(token)));
});

test('[A6] a page starts in handover mode, and an app is under these rules from the moment it subscribes', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], more: { [DESK]: { pages: [] } } });
  const operator = operatorOf(shop.baton);
  const names = { app: DESK, page: PAGE, person: '9001' };
  const token = String((await operator('POST', '/tokens', names))['access_token']);
  await shop.says('Hello');
  const call = (edge: string) =>
    shop.baton.graph('POST', `/me/${edge}`, { token, body: { recipient: { id: BUDI }, ...text } });
  assert.deepEqual(codesOf(await call('messages')), [403, 200, undefined]);
  const fields = { subscribed_fields: ['messages', 'standby', 'messaging_handovers'] };
  assert.equal((await shop.baton.graph('POST', '/me/subscribed_apps', { token, body: fields })).status, 200);
  assert.deepEqual(codesOf(await call('messages')), [400, 10, 2018300]);
  assert.deepEqual(codesOf(await call('take_thread_control')), [400, 100, 2534037]);
  assert.equal((await call('request_thread_control')).status, 200, 'a call of the handover mode');
  await shop.says('Anybody?');
  assert.deepEqual(await shop.heard(DESK), ['standby message']);
});

/** An endpoint that keeps the headers and bytes of what it is sent. */
async function openRecorder() {
  const requests: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const query = new URL(request.url ?? '/', 'http://endpoint').searchParams;
    if (request.method === 'POST') requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.end(query.get('hub.challenge') ?? 'ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

test('while a secret is changed over both are good, and webhooks bear the new one; then the old one is worth nothing', async () => {
  await using recorder = await openRecorder();
  await using baton = await openSandbox(shopWorld({ [BOT]: recorder.url }, { apps: [BOT] }));
  const operator = operatorOf(baton);
  const old = secretOf(BOT);
  const told = await operator('POST', `/apps/${BOT}/rotate_secret`, { grace_ms: DAY_MS });
  const fresh = String(told['secret']);
  assert.match(fresh, /^[0-9a-f]{64}$/);
  const proofWith = async (secret: string) => {
    const proof = createHmac('sha256', secret).update(tokenOf(BOT)).digest('hex');
    return (await baton.graph('GET', `/me?appsecret_proof=${proof}`, { token: tokenOf(BOT) })).status;
  };
  const appWith = async (secret: string) =>
    (await baton.graph('GET', `/${BOT}`, { token: `${BOT}|${secret}` })).status;
  const oauthWith = async (secret: string) => {
    const query = `client_id=${BOT}&client_secret=${secret}&grant_type=client_credentials`;
    return baton.call('GET', `/oauth/access_token?${query}`);
  };
  const statuses = async (secret: string) => [
    await proofWith(secret),
    await appWith(secret),
    (await oauthWith(secret)).status,
  ];
  assert.deepEqual(await statuses(old), [200, 200, 200]);
  assert.deepEqual(await statuses(fresh), [200, 200, 200]);
  assert.ok(
    !JSON.stringify((await oauthWith(old)).body).includes(fresh),
    'the old one does not buy the new one',
  );

  const signedWith = async (): Promise<readonly string[]> => {
    const before = recorder.requests.length;
    await baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text: 'Hello' });
    await baton.sandbox('POST', '/settle');
    const request = recorder.requests[before];
    assert.ok(request !== undefined);
    const { headers, body } = request;
    for (const hash of ['sha1', 'sha256']) {
      const name = hash === 'sha1' ? 'x-hub-signature' : 'x-hub-signature-256';
      assert.equal(headers[name], `${hash}=${createHmac(hash, fresh).update(body).digest('hex')}`);
    }
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`;
    const names = new Map(
      [old, fresh].map((secret) => {
        const hmac = createHmac('sha256', secret).update(signed).update(body);
        return [`v1,${hmac.digest('base64')}`, secret === old ? 'old' : 'new'];
      }),
    );
    return String(headers['webhook-signature'])
      .split(' ')
      .map((each) => names.get(each) ?? 'unknown');
  };
  assert.deepEqual(await signedWith(), ['new', 'old']);
  await baton.sandbox('POST', '/clock', { advance_ms: DAY_MS });
  assert.deepEqual(await statuses(old), [400, 400, 400]);
  assert.deepEqual(await statuses(fresh), [200, 200, 200]);
  assert.deepEqual(await signedWith(), ['new']);
  const again = await operator('POST', `/apps/${BOT}/rotate_secret`, { grace_ms: 0 });
  assert.deepEqual(await statuses(fresh), [400, 400, 400]);
  assert.deepEqual(await statuses(String(again['secret'])), [200, 200, 200]);
});

test('an app that the operator makes begins in development, with a secret that works', async () => {
  await using endpoint = await openEndpoint({ secret: 'x', verifyToken: 'verify' });
  await using baton = await openSandbox(shopWorld({ [BOT]: endpoint.url }, { apps: [BOT] }));
  const operator = operatorOf(baton);
  const made = await operator('POST', '/apps', { name: 'New', redirect_uris: ['https://new.example/back'] });
  const [id, secret] = [String(made['id']), String(made['secret'])];
  assert.ok(Number(id) < 2 ** 53);
  assert.deepEqual([made['live'], made['advanced_access']], [false, []]);
  const read = await baton.graph('GET', `/${id}`, { token: `${id}|${secret}` });
  assert.deepEqual(read.body, { id, name: 'New' });
  const shown = JSON.stringify(await operator('GET', '/apps'));
  assert.ok(!shown.includes(secret) && !shown.includes(secretOf(BOT)));
  const bad = await baton.call('POST', '/admin/apps', { body: JSON.stringify({ name: 'No token' }) });
  assert.deepEqual(codesOf(bad), [401, 190, undefined]);
});
