/** What an operator says to a running server, call by call, and how mistakes are answered. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_FINDINGS_TOLD } from '../../src/http/admin/check.ts';
import { MAX_ENTRY_POINTS } from '../../src/http/admin/entry-points.ts';
import { PAGE_LANE, type PageId } from '../../src/protocol/ids.ts';
import type { Verified } from '../../src/runtime/ports.ts';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { type App, type Asked, errorOf, OPERATOR, openApp } from './app.ts';
import { operatorOf } from './operator.ts';
import { BOT, BUDI, DESK, INBOX, openShop, PAGE, tokenOf } from './shop.ts';

const ask = (app: App, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Asked> =>
  app.ask(method, `/admin${path}`, { token: OPERATOR, ...(body === undefined ? {} : { body }) });

async function done(app: App, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
  const answer = await ask(app, method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

const codesOf = (body: Asked['body']): readonly string[] =>
  (body['findings'] as readonly { readonly code: string }[]).map(({ code }) => code);

test('GET /admin tells what there is; without the token, or with another, it is 401 and says where the token is', async () => {
  const app = await openApp();
  const { links, findings, ...about } = await done(app, 'GET', '');
  assert.deepEqual(about, {
    version: '0.0.0',
    sandbox: true,
    now: app.clock.now(),
    pages: 1,
    apps: 3,
    people: 1,
    tokens: 3,
  });
  assert.deepEqual(findings, { error: 3, warning: 0, note: 0 }, 'no app of this world has a callback');
  for (const link of Object.values(links as Readonly<Record<string, string>>))
    assert.notEqual(
      (await app.http.inject({ url: link, headers: { authorization: `Bearer ${OPERATOR}` } })).statusCode,
      404,
      link,
    );
  for (const [token, said] of [
    [undefined, /bears the operator's token.*operator\.json/],
    [tokenOf(BOT), /not the operator's token.*made anew at each start/],
  ] as const) {
    for (const path of ['/admin', '/admin/pages', '/admin/nowhere']) {
      const answer = await app.ask('GET', path, token === undefined ? {} : { token });
      assert.deepEqual([answer.status, errorOf(answer).code], [401, 190], path);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.match(errorOf(answer).message, said);
    }
  }
});

test('a path or a method that is not under /admin is 404, by its name', async () => {
  const app = await openApp();
  for (const [method, path] of [
    ['GET', '/admin/nowhere'],
    ['GET', '/admin/pages/1001/nowhere'],
    ['DELETE', '/admin/pages/1001'],
    ['POST', '/admin/check'],
  ] as const) {
    const answer = await app.ask(method, `${path}?a=b`, { token: OPERATOR });
    assert.deepEqual([answer.status, errorOf(answer).code], [404, 2500]);
    assert.ok(errorOf(answer).message.includes(`There is no call ${method} ${path}. GET /admin tells`));
  }
});

test('a page is made and changed; what is not said stays, and null takes away', async () => {
  const app = await openApp();
  const made = await done(app, 'POST', '/pages', { name: 'Toko Pagi', platform: 'instagram' });
  assert.match(String(made['id']), /^\d{15}$/);
  assert.deepEqual(codesOf(made), ['page_without_apps']);
  assert.partialDeepStrictEqual(made, { mode: 'handover', idle_channel: null, retention_days: null });
  const path = `/pages/${made['id']}`;
  await done(app, 'POST', path, { idle_channel: 'messaging', retention_days: 30 });
  const changed = await done(app, 'POST', path, { name: 'Toko Sore' });
  assert.partialDeepStrictEqual(changed, {
    name: 'Toko Sore',
    platform: 'instagram',
    idle_channel: 'messaging',
    retention_days: 30,
  });
  const bare = await done(app, 'POST', path, { idle_channel: null, retention_days: null });
  assert.partialDeepStrictEqual(bare, { name: 'Toko Sore', idle_channel: null, retention_days: null });
  const { data } = await done(app, 'GET', '/pages');
  assert.deepEqual(
    (data as readonly { readonly id: string; readonly apps: number }[]).map(({ id, apps }) => [id, apps]),
    [
      [PAGE, 3],
      [made['id'], 0],
    ],
  );
  assert.partialDeepStrictEqual(await done(app, 'GET', `/pages/${PAGE}`), {
    primary_receiver: BOT,
    default_app: null,
    inbox: INBOX,
    people: [{ person: '9001', name: 'Ana', tasks: ['MANAGE', 'MODERATE', 'MESSAGING'] }],
  });
});

test('each mistake about a page names its key, and changes nothing', async () => {
  const app = await openApp();
  await done(app, 'POST', `/apps/${DESK}/pages/${PAGE}`, { permissions: ['pages_show_list'] });
  const before = app.runtime.configuration.current();
  const mistakes: readonly (readonly [string, object, string])[] = [
    ['', {}, 'name is required'],
    ['', { name: '' }, 'name must be a text that is not empty'],
    ['', { name: 'A', id: 'x' }, 'id must be 1 to 32 digits'],
    ['', { name: 'A', id: PAGE }, `There is a page ${PAGE} already`],
    ['', { name: 'A', platform: 'whatsapp' }, 'platform must be messenger or instagram'],
    ['', { name: 'A', mode: 'zero' }, 'mode must be handover or conversation_routing'],
    ['', { name: 'A', colour: 'red' }, 'Unknown key "colour"'],
    ['', { name: 'A', id: '1002', primary_receiver: BOT }, 'primary_receiver must be connected'],
    [`/${PAGE}`, { name: null }, 'name must not be null'],
    [
      `/${PAGE}`,
      { mode: 'conversation_routing' },
      `mode is switched, and told what that changes, at POST /admin/pages/${PAGE}/routing`,
    ],
    [`/${PAGE}`, { platform: 'instagram' }, 'Unknown key "platform"'],
    [`/${PAGE}`, { idle_channel: 'messages' }, 'idle_channel must be standby or messaging'],
    [`/${PAGE}`, { retention_days: 3_651 }, 'retention_days must be a whole number from 1 to 3650'],
    [`/${PAGE}`, { primary_receiver: '77' }, 'There is no app 77 to be the primary_receiver'],
    [`/${PAGE}`, { primary_receiver: INBOX }, 'primary_receiver cannot be an inbox'],
    [`/${PAGE}`, { primary_receiver: DESK }, 'primary_receiver must be connected'],
    [`/${PAGE}`, { default_app: BOT }, 'default_app is not for a page in handover mode'],
    ['/77', { name: 'A' }, 'There is no page 77'],
  ];
  for (const [path, body, said] of mistakes) {
    const answer = await ask(app, 'POST', `/pages${path}`, body);
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 100], said);
    assert.ok(errorOf(answer).message.includes(said), errorOf(answer).message);
    assert.equal(app.runtime.configuration.current(), before, said);
  }
});

test('[P1, P6] another primary receiver: both are told on the lane of the page, and none is one too', async () => {
  const app = await openApp();
  const roles = async () => {
    const lane = { page: PAGE as PageId, psid: PAGE_LANE };
    const events = await app.store.events(lane, { after: 0, limit: 100 });
    return events.map(({ event, audience }) => [event, audience.map((each) => each.app)]);
  };
  const before = (await roles()).length;
  await done(app, 'POST', `/pages/${PAGE}`, { primary_receiver: DESK });
  await done(app, 'POST', `/pages/${PAGE}`, { primary_receiver: DESK, name: 'Kopi Senja' });
  const none = await done(app, 'POST', `/pages/${PAGE}`, { primary_receiver: null });
  assert.deepEqual((await roles()).slice(before), [
    [{ type: 'primary_receiver_changed', previous: BOT, next: DESK }, [BOT, DESK]],
    [{ type: 'primary_receiver_changed', previous: DESK, next: null }, [DESK]],
  ]);
  assert.ok(codesOf(none).includes('no_primary_receiver'));
});

test('[R1, R10] under Conversation Routing the default app is a connected app or the inbox', async () => {
  const app = await openApp({ primary: null, page: { mode: 'conversation_routing', default_app: BOT } });
  assert.partialDeepStrictEqual(await done(app, 'GET', `/pages/${PAGE}`), {
    primary_receiver: null,
    default_app: BOT,
  });
  for (const inbox of [INBOX, null]) {
    await done(app, 'POST', `/pages/${PAGE}`, { default_app: DESK });
    const named = await done(app, 'POST', `/pages/${PAGE}`, { default_app: inbox });
    assert.equal(named['default_app'], INBOX);
    assert.equal(app.runtime.configuration.page(PAGE as PageId)?.lead, null);
  }
  const other = await ask(app, 'POST', `/pages/${PAGE}`, { default_app: '1217981644879628' });
  assert.match(errorOf(other).message, /default_app cannot be the inbox of another kind/);
  const primary = await ask(app, 'POST', `/pages/${PAGE}`, { primary_receiver: BOT });
  assert.match(errorOf(primary).message, /primary_receiver is not for a page in conversation_routing mode/);
});

test('[R3] rights on a page are given and taken, one by one', async () => {
  const app = await openApp();
  const path = `/apps/${DESK}/pages/${PAGE}`;
  await done(app, 'POST', path, { take_control: false });
  await done(app, 'POST', path, { standby_access: false });
  const [connection] = app.runtime.configuration.current().connections.filter((each) => each.app === DESK);
  assert.deepEqual(
    [connection?.takeControl, connection?.standbyAccess, connection?.permissions.length],
    [false, false, 6],
  );
  for (const [body, said] of [
    [{}, 'permissions, take_control or standby_access is required'],
    [{ take_control: 'no' }, 'take_control must be true or false'],
  ] as const)
    assert.ok(errorOf(await ask(app, 'POST', path, body)).message.includes(said), said);
});

test('[E1] an entry point is assigned, replaced and taken away; a customer who comes through it reaches its app', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const operator = operatorOf(shop.baton);
  const path = `/pages/${PAGE}/entry_points`;
  await operator('POST', path, { ad_id: '777', app: BOT });
  await operator('POST', path, { ref: 'menu', app: BOT, expiration_days: 30 });
  const { entry_points } = await operator('POST', path, { ad_id: '777', app: DESK, expiration_days: 3 });
  assert.deepEqual(entry_points, [
    { ref: 'menu', app: BOT, expiration_days: 30 },
    { ad_id: '777', app: DESK, expiration_days: 3 },
  ]);
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/referral`, {
    source: 'ADS',
    ad_id: '777',
  });
  assert.equal(await shop.ownerFor(DESK), DESK);
  const left = await operator('DELETE', `${path}?ref=menu`);
  assert.deepEqual(left['entry_points'], [{ ad_id: '777', app: DESK, expiration_days: 3 }]);
});

test('each mistake about an entry point names its key', async () => {
  const app = await openApp({ apps: [BOT, DESK] });
  await done(app, 'DELETE', `/apps/${DESK}/subscriptions/${PAGE}`);
  const path = `/pages/${PAGE}/entry_points`;
  const mistakes: readonly (readonly [object, string])[] = [
    [{ app: BOT }, 'Name either ad_id or ref'],
    [{ app: BOT, ad_id: '7', ref: 'r' }, 'Name either ad_id or ref'],
    [{ ad_id: '7' }, 'app is required'],
    [{ ad_id: '7', app: '77' }, 'There is no app 77'],
    [{ ad_id: '7', app: DESK }, 'app must be connected'],
    [{ ad_id: '7', app: BOT, expiration_days: 31 }, 'expiration_days must be a whole number from 1 to 30'],
  ];
  for (const [body, said] of mistakes)
    assert.ok(errorOf(await ask(app, 'POST', path, body)).message.includes(said), said);
  await done(app, 'POST', `/apps/${DESK}/subscriptions/${PAGE}`);
  await done(app, 'POST', `/apps/${DESK}/pages/${PAGE}`, { permissions: ['pages_show_list'] });
  const deaf = await ask(app, 'POST', path, { ad_id: '7', app: DESK });
  assert.match(errorOf(deaf)?.message, /app must be connected.* with pages_messaging first/, 'C16');
  const none = await ask(app, 'DELETE', `${path}?ad_id=7`);
  assert.match(errorOf(none).message, /Page 1001 has no entry point for the ad 7/);
  assert.match(errorOf(await ask(app, 'DELETE', `${path}?link=7`)).message, /Unknown parameter "link"/);
});

test('[limit MAX_ENTRY_POINTS] a page has so many entry points, and one of them can still be changed', async () => {
  const entry_points = Array.from({ length: MAX_ENTRY_POINTS }, (_, index) => ({
    ad_id: String(index),
    app: BOT,
  }));
  const app = await openApp({ apps: [BOT], page: { entry_points } });
  const path = `/pages/${PAGE}/entry_points`;
  const beyond = await ask(app, 'POST', path, { ref: 'more', app: BOT });
  assert.match(errorOf(beyond).message, new RegExp(`at most ${MAX_ENTRY_POINTS} entry points`));
  await done(app, 'POST', path, { ad_id: '0', app: BOT, expiration_days: 2 });
  await done(app, 'DELETE', `${path}?ad_id=1`);
  await done(app, 'POST', path, { ref: 'more', app: BOT });
});

test('[W6] a callback is verified as in the Graph, and used; what it is known by is not shown', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await using next = await openEndpoint({ secret: `secret-${BOT}`, verifyToken: 'coffee' });
  const operator = operatorOf(shop.baton);
  const path = `/apps/${BOT}/subscriptions`;
  await shop.baton.sandbox('POST', '/settle');
  const set = await operator('POST', path, { callback_url: next.url, verify_token: 'coffee', max_batch: 10 });
  assert.equal(next.handshakes(), 1);
  assert.doesNotMatch(JSON.stringify(set), /coffee|secret/);
  const [callback] = set['callbacks'] as readonly Readonly<Record<string, unknown>>[];
  assert.partialDeepStrictEqual(callback, { object: 'page', callback_url: next.url, max_batch: 10 });
  // What is not said stays.
  const less = await operator('POST', path, { fields: ['messages', 'messages', 'standby'] });
  assert.partialDeepStrictEqual((less['callbacks'] as readonly object[])[0], {
    callback_url: next.url,
    max_batch: 10,
    fields: ['messages', 'standby'],
  });
  assert.deepEqual(codesOf(less), ['handovers_not_subscribed']);
  await shop.says('Hello');
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(
    next.heard.map(({ kind }) => kind),
    ['message'],
  );
  const gone = await operator('DELETE', `${path}?object=page`);
  assert.deepEqual(gone['callbacks'], []);
  assert.deepEqual(codesOf(gone), ['callback_missing']);
});

test('[W6] a callback that does not echo is refused with what it did; mistakes name their key; nothing is changed', async () => {
  const outcome: { next: Verified } = { next: { kind: 'failed', reason: 'answered 403' } };
  const app = await openApp({ verify: async () => outcome.next });
  const before = app.runtime.configuration.current();
  const path = `/apps/${BOT}/subscriptions`;
  const good = { callback_url: 'https://bot.example/hook', verify_token: 'v' };
  const refused = await ask(app, 'POST', path, good);
  assert.deepEqual([refused.status, errorOf(refused).code], [400, 2200]);
  assert.match(errorOf(refused).message, /answered 403$/);
  outcome.next = { kind: 'failed', reason: 'ADDRESS_REFUSED' };
  assert.match(
    errorOf(await ask(app, 'POST', path, good)).message,
    /is not public, and in no range .*--allow/,
  );
  outcome.next = { kind: 'busy' };
  const busy = await ask(app, 'POST', path, good);
  assert.deepEqual([busy.status, busy.headers['retry-after']], [503, '1']);
  outcome.next = { kind: 'verified' };
  const mistakes: readonly (readonly [string, object, string])[] = [
    [path, { ...good, object: 'user' }, 'object must be page or instagram'],
    [path, { ...good, callback_url: 'ftp://x' }, 'callback_url must be an http'],
    [path, { ...good, callback_url: undefined }, 'callback_url is required'],
    [path, { ...good, verify_token: 7 }, 'verify_token must be a string'],
    [path, { ...good, fields: ['nonsense'] }, 'fields holds "nonsense", which is not a field of'],
    [path, { ...good, fields: [] }, 'fields must name a field'],
    [path, { ...good, max_batch: 1_001 }, 'max_batch must be a whole number from 1 to 1000'],
    [
      `${path}/${PAGE}`,
      { subscribed_fields: ['mentions'] },
      'subscribed_fields holds "mentions", which is not a field of a page',
    ],
    [`${path}/${PAGE}`, { fields: ['messages'] }, 'Unknown key "fields"; this call takes subscribed_fields'],
    [`${path}/77`, {}, 'There is no page 77'],
    [`/apps/77/subscriptions/${PAGE}`, {}, 'There is no app 77'],
  ];
  for (const [target, body, said] of mistakes) {
    const answer = await ask(app, 'POST', target, body);
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 100], said);
    assert.ok(errorOf(answer).message.includes(said), errorOf(answer).message);
  }
  assert.equal(app.runtime.configuration.current(), before);
  await done(app, 'POST', path, good);
});

test('[W6] while a handshake is made another changes the callback: what was not said stays as the other left it', async () => {
  const during: { next: () => Promise<unknown> } = { next: async () => undefined };
  const app = await openApp({
    verify: async () => {
      await during.next();
      return { kind: 'verified' };
    },
  });
  const path = `/apps/${BOT}/subscriptions`;
  const good = { callback_url: 'https://bot.example/hook', verify_token: 'v', max_batch: 5 };
  type Shown = {
    readonly callback_url: string;
    readonly fields: readonly string[];
    readonly max_batch: number;
  };
  const callbacks = async () =>
    ((await done(app, 'GET', path))['callbacks'] as readonly Shown[]).map(
      ({ callback_url, fields, max_batch }) => [callback_url, fields, max_batch],
    );
  await done(app, 'POST', path, { ...good, fields: ['messages', 'standby'] });
  // The app itself takes a field away.
  during.next = () =>
    app.ask('DELETE', `/v24.0/${BOT}/subscriptions`, {
      token: `${BOT}|secret-${BOT}`,
      body: { object: 'page', fields: ['standby'] },
    });
  await done(app, 'POST', path, { callback_url: 'https://bot.example/other' });
  assert.deepEqual(await callbacks(), [['https://bot.example/other', ['messages'], 5]]);
  // Another operator takes it away altogether: what was verified is no callback any more.
  during.next = () => done(app, 'DELETE', `${path}?object=page`);
  const refused = await ask(app, 'POST', path, { fields: ['messages', 'standby'] });
  assert.deepEqual([refused.status, errorOf(refused).code], [400, 2200]);
  assert.match(errorOf(refused).message, /has been changed meanwhile/);
  assert.deepEqual(await callbacks(), []);
  // Whoever names all of it is not concerned.
  during.next = async () => undefined;
  await done(app, 'POST', path, good);
  during.next = () => done(app, 'DELETE', `${path}?object=page`);
  await done(app, 'POST', path, good);
  assert.equal((await callbacks()).length, 1);
});

test('[W1, C17] an app is connected to a page, chooses anew, leaves; the primary receiver that leaves is none any more', async () => {
  const app = await openApp({ apps: [BOT, DESK] });
  const made = await done(app, 'POST', '/pages', { name: 'Second', id: '1002' });
  const path = `/apps/${BOT}/subscriptions`;
  const fieldsOn = (body: Asked['body'], page: unknown): readonly string[] =>
    (body['pages'] as readonly { readonly id: string; readonly subscribed_fields: readonly string[] }[]).find(
      ({ id }) => id === page,
    )?.subscribed_fields ?? [];
  const everything = await done(app, 'POST', `${path}/${made['id']}`);
  assert.equal(fieldsOn(everything, made['id']).length, 10);
  const fewer = await done(app, 'POST', `${path}/${made['id']}`, { subscribed_fields: ['messages'] });
  assert.deepEqual(fieldsOn(fewer, made['id']), ['messages']);
  assert.deepEqual(
    fieldsOn(await done(app, 'POST', `${path}/${made['id']}`), made['id']),
    ['messages'],
    'they stay',
  );
  await done(app, 'DELETE', `${path}/${PAGE}`);
  assert.equal((await done(app, 'GET', `/pages/${PAGE}`))['primary_receiver'], null);
  const again = await ask(app, 'DELETE', `${path}/${PAGE}`);
  assert.match(errorOf(again).message, /App 2001 is not subscribed to page 1001/);
});

test('[limit MAX_FINDINGS_TOLD] so many findings are told, and all are counted', async () => {
  const pages = Array.from({ length: MAX_FINDINGS_TOLD + 1 }, (_, index) => ({
    id: String(index + 1),
    name: 'Empty',
  }));
  const app = await openApp({ world: { pages } });
  const { counts, findings } = await done(app, 'GET', '/check');
  assert.deepEqual(counts, { error: 0, warning: 0, note: MAX_FINDINGS_TOLD + 1 });
  assert.equal((findings as readonly unknown[]).length, MAX_FINDINGS_TOLD);
});

test('[W8] a breaker that is open is found while it is', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const operator = operatorOf(shop.baton);
  const found = async () => codesOf(await operator('GET', '/check'));
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(await found(), []);
  shop.endpoints[BOT]?.answerWith(500);
  await shop.says('Hello');
  for (let times = 0; times < 8; times++) {
    await shop.baton.sandbox('POST', '/clock', { advance_ms: 60_000 });
    await shop.baton.sandbox('POST', '/settle');
  }
  assert.deepEqual(await found(), ['breaker_open']);
});

test('what is not there is not taken away, switched on or listed as if it were', async () => {
  const app = await openApp();
  const path = `/apps/${BOT}`;
  const mistakes: readonly (readonly ['GET' | 'POST' | 'DELETE', string, object | undefined, string])[] = [
    ['DELETE', `${path}/subscriptions?object=instagram`, undefined, 'App 2001 has no callback for instagram'],
    ['DELETE', `${path}/subscriptions`, undefined, 'App 2001 has no callback'],
    ['POST', `${path}/switch_on`, {}, 'App 2001 has no callback: there is nothing to switch on'],
    ['GET', '/tokens?apps=2001', undefined, 'Unknown parameter "apps"; this call takes app, page, person'],
    [
      'POST',
      `/pages/${PAGE}/people/9001`,
      { tasks: ['FLY'] },
      'tasks holds "FLY", which is none of ADVERTISE',
    ],
    ['POST', '/apps', { name: 'A', id: INBOX }, `${INBOX} is the inbox of every page of its kind`],
  ];
  for (const [method, target, body, said] of mistakes) {
    const answer = await ask(app, method, target, body);
    assert.deepEqual([answer.status, errorOf(answer)?.code], [400, 100], said);
    assert.ok(errorOf(answer).message.includes(said), errorOf(answer).message);
  }
});
