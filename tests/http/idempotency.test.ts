/** `Idempotency-Key`: a call that is repeated is carried out once, and answered the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import type { Sandbox } from '../../src/testing/sandbox.ts';
import { ADS, BOT, BUDI, DESK, INBOX, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

type Answered = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether the answer says that it is one from before. */
  readonly replayed: boolean;
};

type Call = {
  readonly edge?: string;
  readonly key?: string;
  readonly app?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly token?: string;
};

async function post(
  baton: Sandbox,
  { edge = 'messages', key, app = BOT, body, token }: Call,
): Promise<Answered> {
  const answer = await fetch(`${baton.url}/v20.0/me/${edge}?access_token=${token ?? tokenOf(app)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'Idempotency-Key': key }) },
    body: JSON.stringify({ recipient: { id: BUDI }, ...(body ?? { message: { text: 'Good day' } }) }),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as Answered['body'],
    replayed: answer.headers.get('Idempotent-Replayed') === 'true',
  };
}

/** The texts that the page has sent to the customer. */
async function sent({ baton }: Shop): Promise<readonly string[]> {
  const screen = await baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  return (screen['messages'] as readonly { readonly from: string; readonly text: string }[])
    .filter(({ from }) => from === 'page')
    .map(({ text }) => text);
}

async function history({ baton }: Shop): Promise<readonly unknown[]> {
  const read = await baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
  return read['history'] as readonly unknown[];
}

const errorOf = ({ body }: Answered) => body['error'] as { readonly code: number; readonly message: string };

function assertBadKey(answered: Answered, title?: string): void {
  assert.equal(answered.status, 400, title);
  assert.equal(errorOf(answered).code, 100, title);
  assert.match(errorOf(answered).message, /^\(#100\) Idempotency-Key /, title);
}

test('a send that is repeated is sent once, and answered with the same message_id', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  const first = await post(shop.baton, { key: 'k1' });
  assert.equal(first.status, 200);
  assert.equal(first.replayed, false);
  assert.equal(first.body['recipient_id'], BUDI);
  const again = await post(shop.baton, { key: 'k1' });
  assert.deepEqual(again, { status: 200, body: first.body, replayed: true });
  assert.deepEqual(await sent(shop), ['Good day']);
  assert.equal(
    (await shop.heard(BOT)).filter((each) => each === 'messaging message').length,
    2,
    'with one echo',
  );
  const other = await post(shop.baton, { key: 'k2' });
  assert.notEqual(other.body['message_id'], first.body['message_id']);
  assert.equal((await post(shop.baton, {})).replayed, false);
  assert.equal((await sent(shop)).length, 3);
});

test('every control call that is repeated is carried out once', async () => {
  await using shop = await openShop();
  await shop.says('Hello');
  const calls: readonly Call[] = [
    { edge: 'request_thread_control', app: DESK, body: { metadata: 'please' } },
    { edge: 'pass_thread_metadata', app: ADS, body: { target_app_id: DESK, metadata: 'vip' } },
    { edge: 'pass_thread_control', app: BOT, body: { target_app_id: DESK } },
    { edge: 'extend_thread_control', app: DESK, body: { duration: 3_600 } },
    { edge: 'release_thread_control', app: DESK, body: {} },
    { edge: 'take_thread_control', app: ADS, body: {} },
  ];
  for (const call of calls) {
    const first = await post(shop.baton, { ...call, key: `same-${call.edge}` });
    assert.deepEqual(first, { status: 200, body: { success: true }, replayed: false }, call.edge);
    const before = [
      await history(shop),
      await shop.heard(BOT),
      await shop.heard(DESK),
      await shop.heard(ADS),
    ];
    const again = await post(shop.baton, { ...call, key: `same-${call.edge}` });
    assert.deepEqual(again, { status: 200, body: { success: true }, replayed: true }, call.edge);
    const after = [await history(shop), await shop.heard(BOT), await shop.heard(DESK), await shop.heard(ADS)];
    assert.deepEqual(after, before, call.edge);
  }
  assert.equal((await post(shop.baton, { edge: 'take_thread_control', app: ADS, body: {} })).status, 400);
});

test('an answer is repeated also when the same call would be refused by now', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const first = await post(shop.baton, { key: 'k1' });
  const persona = { name: 'Sari', profile_picture_url: 'https://example.com/sari.png' };
  const made = await shop.baton.graph('POST', '/me/personas', { token: tokenOf(BOT), body: persona });
  const named = { message: { text: 'As Sari' }, persona_id: made.body['id'] };
  const second = await post(shop.baton, { key: 'k2', body: named });
  assert.equal(second.status, 200);
  await shop.baton.graph('DELETE', `/${String(made.body['id'])}`, { token: tokenOf(BOT) });
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal((await post(shop.baton, {})).status, 400);
  assert.equal((await post(shop.baton, { body: named })).status, 400);
  assert.deepEqual(await post(shop.baton, { key: 'k1' }), { ...first, replayed: true });
  assert.deepEqual(await post(shop.baton, { key: 'k2', body: named }), { ...second, replayed: true });
  assert.equal((await post(shop.baton, { key: 'k3', body: named })).status, 400);
});

for (const [title, prepare] of [
  ['of a thread that is in memory', async () => undefined],
  ['of a thread that has grown meanwhile', async (shop: Shop) => void (await shop.says('And now?'))],
] as const) {
  test(`fifty repetitions at once ${title} are sent once, and all answered the same`, async () => {
    await using shop = await openShop({ apps: [BOT] });
    await shop.says('Hello');
    const calls = Array.from({ length: 50 }, () => post(shop.baton, { key: 'k1' }));
    await prepare(shop);
    const answers = await Promise.all(calls);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
    assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
    assert.deepEqual(await sent(shop), ['Good day']);
  });
}

test('of a hundred calls at once under two keys each key is carried out once', async () => {
  await using shop = await openShop({ primary: null, apps: [DESK, ADS] });
  await shop.says('Hello');
  const take = (app: string) => post(shop.baton, { edge: 'take_thread_control', app, key: 'k', body: {} });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => take(index % 2 === 0 ? DESK : ADS)),
  );
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 50, 'the winner is told so each time, the loser is refused each time');
  assert.equal(won.filter(({ replayed }) => !replayed).length, 1);
  assert.equal((await history(shop)).length, 1);
});

test('a key that comes with another request is refused, and nothing is done', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  await post(shop.baton, { key: 'k1' });
  const before = [await history(shop), await sent(shop)];
  const others: readonly Call[] = [
    { body: { message: { text: 'Something else' } } },
    { body: { message: { text: 'Good day' }, tag: 'HUMAN_AGENT' } },
    { edge: 'pass_thread_control', body: { target_app_id: DESK } },
    { body: { recipient: { id: '5999' }, message: { text: 'Good day' } } },
  ];
  for (const other of others)
    assertBadKey(await post(shop.baton, { ...other, key: 'k1' }), JSON.stringify(other));
  assert.deepEqual([await history(shop), await sent(shop)], before);
  assert.equal((await post(shop.baton, { key: 'k1' })).replayed, true);
});

test('at once, too, a key belongs to one request', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  const texts = ['one', 'two', 'three', 'four'];
  const answers = await Promise.all(
    texts.map((text) => post(shop.baton, { key: 'k1', body: { message: { text } } })),
  );
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400, 400, 400]);
  for (const answer of answers) if (answer.status === 400) assertBadKey(answer);
  assert.equal((await sent(shop)).length, 1);
});

test('each app has keys of its own', async () => {
  await using shop = await openShop({ primary: null, apps: [DESK, ADS] });
  await shop.says('Hello');
  const answers = [];
  for (const app of [DESK, ADS]) answers.push(await post(shop.baton, { key: 'k1', app }));
  assert.deepEqual(
    answers.map(({ status, replayed }) => [status, replayed]),
    [
      [200, false],
      [200, false],
    ],
  );
  assert.notEqual(answers[0]?.body['message_id'], answers[1]?.body['message_id']);
});

test('a malformed key is refused by its name, and nothing is done', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
    assertBadKey(await post(shop.baton, { key }), JSON.stringify(key));
    assertBadKey(await post(shop.baton, { key, edge: 'release_thread_control', body: {} }));
    assertBadKey(await post(shop.baton, { key, body: { sender_action: 'typing_on' } }));
  }
  assert.deepEqual(await sent(shop), []);
  assert.equal(await shop.ownerFor(BOT), BOT);
  const longest = { key: '~'.repeat(255) };
  assert.equal((await post(shop.baton, longest)).status, 200);
  assert.equal((await post(shop.baton, longest)).replayed, true);
});

test('who calls comes before any key: it tells nothing to those who may not call', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  await post(shop.baton, { key: 'k1' });
  for (const key of ['k1', '']) {
    const answer = await post(shop.baton, { key, token: 'wrong' });
    assert.equal(errorOf(answer).code, 190);
    assert.equal(answer.replayed, false);
  }
});

test('[C13] a refusal is not kept: the same call succeeds under the same key once it may', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const refused = await post(shop.baton, { key: 'k1', app: DESK });
  assert.equal(errorOf(refused).code, 10);
  assert.deepEqual(await post(shop.baton, { key: 'k1', app: DESK }).then(({ replayed }) => replayed), false);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  const sentNow = await post(shop.baton, { key: 'k1', app: DESK });
  assert.deepEqual([sentNow.status, sentNow.replayed], [200, false]);
  assert.deepEqual(await post(shop.baton, { key: 'k1', app: DESK }), { ...sentNow, replayed: true });
});

test('a sender action may bear a key, which stands for nothing', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  const typing = { key: 'k1', body: { sender_action: 'typing_on' } };
  for (let times = 0; times < 2; times++) {
    const answer = await post(shop.baton, typing);
    assert.deepEqual(answer, { status: 200, body: { recipient_id: BUDI }, replayed: false });
  }
  assert.equal((await post(shop.baton, { key: 'k1' })).replayed, false);
  assert.deepEqual(await sent(shop), ['Good day']);
});

test('an answer is repeated for 24 hours of the clock, and then the call is carried out again', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const tell = { edge: 'pass_thread_metadata', key: 'k1', body: { target_app_id: DESK, metadata: 'vip' } };
  assert.equal((await post(shop.baton, tell)).replayed, false);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: DAY_MS - HOUR_MS });
  assert.equal((await post(shop.baton, tell)).replayed, true);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: HOUR_MS });
  assert.equal((await post(shop.baton, tell)).replayed, false);
  assert.equal((await post(shop.baton, tell)).replayed, true, 'a day begins anew');
  const heard = await shop.heard(DESK);
  assert.equal(heard.filter((each) => each === 'messaging pass_thread_metadata').length, 2);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: DAY_MS });
  const other = { ...tell, body: { target_app_id: INBOX, metadata: 'other' } };
  assert.equal((await post(shop.baton, other)).status, 200, 'a key that is over may stand for another call');
});
