/** What apps read over HTTP: conversations, messages, customers; and the edges that clients call at their start. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

const THREAD = `t_${PAGE}_${BUDI}`;

type Node = Readonly<Record<string, unknown>>;
type List = {
  readonly data: readonly Node[];
  readonly paging?: { readonly cursors: { readonly after: string }; readonly next: string };
};

const read = (shop: Shop, app: string, path: string, method = 'GET') =>
  shop.baton.graph(method, path, { token: tokenOf(app) });
async function listOf(shop: Shop, app: string, path: string): Promise<List> {
  const { status, body } = await read(shop, app, path);
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as List;
}
const errorOf = (body: unknown) =>
  (
    body as {
      readonly error: { readonly code: number; readonly error_subcode?: number; readonly message: string };
    }
  ).error;
const idsOf = ({ data }: List): readonly unknown[] => data.map(({ id }) => id);

/** An app that reaches no one but its testers. */
const inDevelopment = (testers: readonly string[]) => ({
  more: { [DESK]: { advanced_access: [], testers } },
});

test('a conversation as it is listed, and as it is read', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const { now } = await shop.baton.sandbox('GET', '/clock');
  for (const path of [
    '/v15.0/me/conversations',
    `/${PAGE}/conversations?platform=messenger`,
    `/me/conversations?user_id=${BUDI}`,
  ]) {
    const list = await listOf(shop, BOT, path);
    assert.equal(list.paging, undefined);
    const [node = {}] = list.data;
    assert.deepEqual(Object.keys(node), ['id', 'updated_time', 'participants', 'can_reply']);
    assert.equal(node['id'], THREAD);
    assert.match(String(node['updated_time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    assert.ok(Math.abs(Date.parse(String(node['updated_time'])) - Number(now)) < 60_000);
    assert.deepEqual(node['participants'], {
      data: [
        { id: BUDI, name: 'Budi' },
        { id: PAGE, name: 'Kopi Senja' },
      ],
    });
    assert.deepEqual((await read(shop, BOT, `/${THREAD}`)).body, node);
  }
  assert.deepEqual(await listOf(shop, BOT, '/me/conversations?platform=instagram'), { data: [] });
  assert.deepEqual(await listOf(shop, BOT, '/me/conversations?user_id=4242'), { data: [] });
  assert.deepEqual((await listOf(shop, BOT, '/me/conversations?fields=can_reply')).data, [
    { id: THREAD, can_reply: true },
  ]);
});

test('the way of Meta’s sample: conversations, a conversation, a message', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const asked = await shop.says('Do you open on Sunday?');
  const sent = await shop.post(BOT, 'messages', { message: { text: 'We do' } });
  const answered = String(sent.body['message_id']);
  const [conversation] = idsOf(await listOf(shop, DESK, `/v15.0/${PAGE}/conversations?platform=messenger`));
  const { body } = await read(shop, DESK, `/v15.0/${conversation}?fields=id,messages`);
  assert.deepEqual(Object.keys(body), ['id', 'messages']);
  assert.deepEqual(idsOf(body['messages'] as List), [answered, asked], 'the latest first');
  const customer = { id: BUDI, name: 'Budi' };
  const page = { id: PAGE, name: 'Kopi Senja' };
  const fields = 'id,to,from,message';
  assert.deepEqual((await read(shop, DESK, `/v15.0/${asked}?fields=${fields}`)).body, {
    id: asked,
    from: customer,
    to: { data: [page] },
    message: 'Do you open on Sunday?',
  });
  assert.deepEqual((await read(shop, DESK, `/${answered}?fields=${fields}`)).body, {
    id: answered,
    from: page,
    to: { data: [customer] },
    message: 'We do',
  });
});

test('fields within braces, and how many', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  for (const text of ['one', 'two', 'three']) await shop.says(text);
  const { body } = await read(shop, BOT, `/${THREAD}?fields=id,messages.limit(2){message,from{id}}`);
  const messages = body['messages'] as List;
  assert.deepEqual(
    messages.data.map(({ message, from }) => [message, from]),
    [
      ['three', { id: BUDI }],
      ['two', { id: BUDI }],
    ],
  );
  assert.ok(messages.paging !== undefined);
  const inList = await listOf(shop, BOT, '/me/conversations?fields=messages{message}');
  const [first = {}] = inList.data;
  assert.equal((first['messages'] as List).data.length, 3);
  const broken = await read(shop, BOT, `/${THREAD}?fields=messages{id`);
  assert.equal(broken.status, 400);
  assert.match(errorOf(broken.body).message, /fields/);
});

test('a customer who is known by name only has no conversation yet', async () => {
  await using shop = await openShop({ apps: [BOT] });
  assert.deepEqual(await listOf(shop, BOT, '/me/conversations'), { data: [] });
  assert.equal((await read(shop, BOT, `/${THREAD}`)).status, 400);
  assert.equal((await read(shop, BOT, `/${BUDI}`)).status, 200);
});

test('paging through conversations and messages ends', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const psids = ['5001', '5002', '5003', '5004', '5005'];
  for (const psid of psids) {
    await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: `I am ${psid}` });
  }
  const texts = Array.from({ length: 7 }, (_, index) => `${index}`);
  for (const text of texts) await shop.says(text);
  async function all(path: string): Promise<readonly Node[]> {
    const found: Node[] = [];
    for (let next = path, rounds = 0; ; rounds += 1) {
      assert.ok(rounds < 10, 'it does not end');
      const list = await listOf(shop, BOT, next);
      found.push(...list.data);
      if (list.paging === undefined) return found;
      assert.equal(list.paging.next.includes(tokenOf(BOT)), false, 'no token is handed out');
      assert.ok(list.paging.next.startsWith(shop.baton.url));
      next = list.paging.next.slice(shop.baton.url.length);
    }
  }
  for (const limit of [1, 2, 5, 6]) {
    const found = await all(`/me/conversations?limit=${limit}&fields=id`);
    assert.deepEqual(
      found,
      psids.map((psid) => ({ id: `t_${PAGE}_${psid}` })),
    );
    const said = await all(`/${THREAD}/messages?limit=${limit}&fields=message`);
    assert.deepEqual(
      said.map(({ message }) => message),
      [...texts.toReversed(), 'I am 5001'],
    );
  }
  const { body } = await read(shop, BOT, '/me/conversations?after=nonsense!');
  assert.match(errorOf(body).message, /after/);
});

test('[C16, A3] an app sees only the threads for which it is connected', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], ...inDevelopment(['5002']) });
  const mid = await shop.says('Secret');
  const { body } = await read(shop, BOT, `/${mid}`);
  assert.equal(body['message'], 'Secret');
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/5002/message`, { text: 'Test' });
  assert.deepEqual(idsOf(await listOf(shop, DESK, '/me/conversations')), [`t_${PAGE}_5002`]);
  for (const path of [
    `/${THREAD}`,
    `/${THREAD}/messages`,
    `/${mid}`,
    `/${BUDI}`,
    '/t_1002_5001',
    '/m_nothing',
    '/t_x',
  ]) {
    const refused = await read(shop, DESK, path);
    assert.equal(refused.status, 400, path);
    assert.deepEqual(
      [errorOf(refused.body).code, JSON.stringify(refused.body).includes('Secret')],
      [100, false],
    );
  }
  assert.deepEqual(await listOf(shop, DESK, `/me/conversations?user_id=${BUDI}`), { data: [] });
  await read(shop, DESK, '/me/subscribed_apps', 'DELETE');
  const left = await read(shop, DESK, '/me/conversations');
  assert.deepEqual([left.status, errorOf(left.body).code], [403, 200]);
});

test('[C4, H2] can_reply says whether the caller may write now', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const canReply = async (app: string): Promise<unknown> =>
    (await read(shop, app, `/${THREAD}?fields=can_reply`)).body['can_reply'];
  await shop.says('Hello');
  assert.deepEqual([await canReply(BOT), await canReply(DESK)], [true, false]);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.deepEqual([await canReply(BOT), await canReply(DESK)], [false, true]);
  await shop.post(DESK, 'release_thread_control');
  assert.deepEqual([await canReply(BOT), await canReply(DESK)], [true, true]);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 86_400_000 });
  assert.deepEqual([await canReply(BOT), await canReply(DESK)], [false, false]);
});

test('[R3] under Conversation Routing is_owner is told, and no standby channel means no reading', async () => {
  const pages = [
    {
      id: PAGE,
      person: '9001',
      access_token: tokenOf(DESK),
      standby_access: false,
      subscribed_fields: ['messages'],
    },
  ];
  const page = { mode: 'conversation_routing', default_app: BOT };
  await using shop = await openShop({ primary: null, apps: [BOT, DESK], page, more: { [DESK]: { pages } } });
  const mid = await shop.says('Hello');
  const isOwner = async (app: string): Promise<unknown> =>
    (await read(shop, app, `/${THREAD}?fields=is_owner`)).body['is_owner'];
  assert.deepEqual([await isOwner(BOT), await isOwner(DESK)], [true, false]);
  assert.deepEqual(await listOf(shop, DESK, `/${THREAD}/messages`), { data: [] });
  assert.equal((await read(shop, DESK, `/${mid}`)).status, 400);
  assert.equal((await read(shop, BOT, `/${mid}`)).status, 200);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.deepEqual([await isOwner(BOT), await isOwner(DESK)], [false, true]);
  assert.deepEqual(idsOf(await listOf(shop, DESK, `/${THREAD}/messages`)), [mid]);
  assert.equal((await read(shop, DESK, `/${mid}`)).status, 200);
});

test('[B2] what a button sends back is read by its maker only', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const buttons = [{ type: 'postback', title: 'Buy', payload: 'SECRET' }];
  const payload = { template_type: 'button', text: 'Choose', buttons };
  const sent = await shop.post(BOT, 'messages', { message: { attachment: { type: 'template', payload } } });
  const mid = String(sent.body['message_id']);
  const own = (await read(shop, BOT, `/${mid}?fields=attachments`)).body;
  assert.match(JSON.stringify(own), /SECRET/);
  const others = (await read(shop, DESK, `/${mid}?fields=attachments`)).body;
  assert.match(JSON.stringify(others), /Buy/);
  assert.doesNotMatch(JSON.stringify(others), /SECRET/);
});

test('attachments are read with their addresses', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const url = 'https://example.org/a';
  const attachments = ['image', 'video', 'file'].map((type) => ({ type, payload: { url } }));
  const path = `/pages/${PAGE}/customers/${BUDI}/message`;
  const { message_id: mid } = await shop.baton.sandbox('POST', path, { attachments });
  const { body } = await read(shop, BOT, `/${mid}?fields=message,attachments`);
  assert.equal(body['message'], '');
  assert.deepEqual((body['attachments'] as List).data, [
    { type: 'image', image_data: { url }, payload: { url } },
    { type: 'video', video_data: { url }, payload: { url } },
    { type: 'file', file_url: url, payload: { url } },
  ]);
});

test('a customer’s name in every way that clients ask for it', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/5002/message`, { text: 'Hi' });
  const usual = { id: BUDI, first_name: 'Budi', last_name: '' };
  for (const [query, expected] of [
    ['', usual],
    ['?fields=first_name,last_name', usual],
    ['?fields=first_name,%20last_name,%20gender,%20locale,%20timezone', usual],
    ['?fields=["first_name","last_name"]', usual],
    ['?fields=name,profile_pic', { id: BUDI, name: 'Budi', profile_pic: '' }],
    ['?fields=id', { id: BUDI }],
  ] as const) {
    const { status, body } = await read(shop, BOT, `/v6.0/${BUDI}${query}`);
    assert.equal(status, 200);
    assert.deepEqual(body, expected, query);
  }
  assert.equal((await read(shop, BOT, '/5002?fields=name')).body['name'], 'Customer 5002');
  assert.equal((await read(shop, BOT, '/4242')).status, 400);
});

test('personas in one list, or in parts that end', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const token = tokenOf(BOT);
  const made: unknown[] = [];
  for (const name of ['Ana', 'Ben', 'Cleo']) {
    const body = { name, profile_picture_url: 'https://example.org/a.png' };
    made.push((await shop.baton.graph('POST', '/me/personas', { token, body })).body['id']);
  }
  const whole = await listOf(shop, BOT, '/me/personas');
  assert.deepEqual(idsOf(whole), made.toSorted());
  assert.equal(whole.paging, undefined);
  const first = await listOf(shop, BOT, '/me/personas?limit=2');
  const second = await listOf(shop, BOT, `/me/personas?limit=2&after=${first.paging?.cursors.after}`);
  assert.deepEqual([...idsOf(first), ...idsOf(second)], made.toSorted());
  assert.equal(second.paging, undefined);
});

test('[C4] react and unreact are under the rules of a send, and leave nothing', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const mid = await shop.says('Hello');
  const react = (app: string, action: string, payload: unknown) =>
    shop.post(app, 'messages', { sender_action: action, payload });
  const good = { message_id: mid, reaction: 'love' };
  assert.deepEqual(await react(BOT, 'react', good), { status: 200, body: { recipient_id: BUDI } });
  assert.equal((await react(BOT, 'UNREACT', { message_id: mid })).status, 200);
  const refused = await react(DESK, 'react', good);
  assert.equal(errorOf(refused.body).error_subcode, 2018300);
  const bad = await react(BOT, 'react', { reaction: 'love' });
  assert.match(errorOf(bad.body).message, /payload\[message_id\]/);
  assert.equal((await listOf(shop, BOT, `/${THREAD}/messages`)).data.length, 1);
});

test('nlp_configs is taken, and edges that are not there answer a Graph error', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const nlp = await read(shop, BOT, '/v6.0/me/nlp_configs?nlp_enabled=true', 'POST');
  assert.deepEqual(nlp, { status: 200, body: { success: true } });
  for (const [method, path] of [
    ['GET', '/me/custom_labels'],
    ['POST', '/me/custom_labels'],
    ['POST', '/77/label'],
    ['GET', '/v6.0/me/insights/?metric=page_messages_new_conversations_unique'],
    ['GET', '/me/messaging_feature_review'],
    ['GET', `/${BUDI}/ids_for_apps`],
    ['POST', '/me/moderate_conversations'],
    ['POST', '/v2.12/77_88/private_replies'],
    ['POST', `/${BOT}/activities`],
    ['POST', `/${BOT}/page_activities`],
    ['POST', '/me/thread_settings'],
    ['DELETE', `/${THREAD}`],
    ['POST', `/${THREAD}/messages`],
    ['GET', `/${THREAD}/insights`],
  ] as const) {
    const answer = await fetch(
      `${shop.baton.url}${path}${path.includes('?') ? '&' : '?'}access_token=${tokenOf(BOT)}`,
      { method },
    );
    assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path}: ${answer.status}`);
    assert.match(answer.headers.get('content-type') ?? '', /json/);
    const { message } = errorOf(await answer.json());
    assert.equal(typeof message, 'string');
  }
});
