/** Webhooks to real endpoints that fail, hang, or come late (W6, W7). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { openSandbox } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, openShop, PAGE, secretOf, shopWorld, tokenOf } from '../http/shop.ts';

type Delivery = {
  readonly event_id: string;
  readonly at: number;
  readonly status: number | null;
  readonly seq: number;
  readonly psid: string;
};

const customers = `/pages/${PAGE}/customers`;

test('[W6] every request is signed both ways over the exact bytes, whatever the text', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  for (const text of ['plain', 'äöå — ☕', '😀 </script>', '\u0000 \ud800 lone']) await shop.says(text);
  await shop.heard(BOT);
  const bot = shop.endpoints[BOT];
  const texts = bot?.heard.flatMap(
    ({ item }) => (item['message'] as { readonly text?: string } | undefined)?.text ?? [],
  );
  assert.deepEqual(texts, ['plain', 'äöå — ☕', '😀 </script>', '\u0000 \ud800 lone']);
  assert.equal(bot?.forged(), 0);
});

test('[W6] nothing is sent to a callback before it has echoed its challenge; nothing is dropped meanwhile', async () => {
  const bot = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' });
  await using stack = new AsyncDisposableStack();
  stack.use(bot);
  bot.trust(false);
  const baton = stack.use(await openSandbox(shopWorld({ [BOT]: bot.url }, { apps: [BOT] })));
  await baton.sandbox('POST', `${customers}/${BUDI}/message`, { text: 'first' });
  await baton.sandbox('POST', '/settle');
  assert.ok(bot.handshakes() >= 1);
  assert.equal(bot.tries(), 0);
  await baton.sandbox('POST', '/clock', { advance_ms: 5_000 });
  assert.equal(bot.tries(), 0);
  bot.trust(true);
  const asked = bot.handshakes();
  await baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  assert.equal(bot.handshakes(), asked + 1);
  await baton.sandbox('POST', '/settle');
  assert.deepEqual(bot.heard.map(({ kind }) => kind).toSorted(), ['app_roles', 'message']);
  await baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  assert.equal(bot.handshakes(), asked + 1, 'a verified callback is not asked again');
});

test('[W7] a failed notice is tried again by the timetable, and its lane waits behind it', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const bot = shop.endpoints[BOT];
  assert.ok(bot !== undefined);
  bot.answerWith(500);
  await shop.says('one');
  await shop.says('two');
  await shop.baton.sandbox('POST', '/settle');
  assert.equal(bot.tries(), 2, 'tried, and tried again at once');
  for (const [pauseMs, tries] of [
    [4_000, 2],
    [2_000, 3],
    [30_000, 4],
    [119_000, 4],
    [1_500, 5],
    [300_000, 6],
    [600_000, 7],
    [600_000, 8],
  ] as const) {
    await shop.baton.sandbox('POST', '/clock', { advance_ms: pauseMs });
    assert.equal(bot.tries(), tries, `after ${pauseMs} ms more`);
  }
  bot.answerWith(200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  assert.deepEqual(
    bot.heard.map(({ item }) => item['lane_seq']),
    [1, 2],
  );
  const listed = await shop.baton.sandbox('GET', `/deliveries?app=${BOT}`);
  const deliveries = listed['deliveries'] as readonly Delivery[];
  assert.deepEqual(
    deliveries.map(({ status }) => status),
    [...Array(8).fill(500), 200, 200],
  );
  assert.equal(new Set(deliveries.map(({ event_id }) => event_id)).size, 2);
});

test('[W7] an endpoint that hangs or hangs up holds up neither other apps nor other threads', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const bot = shop.endpoints[BOT];
  const desk = shop.endpoints[DESK];
  assert.ok(bot !== undefined && desk !== undefined);
  bot.answerWith('hang');
  for (let index = 0; index < 20; index++) {
    await shop.baton.sandbox('POST', `${customers}/${800_000 + index}/message`, { text: 'Anyone?' });
  }
  const listen = async (): Promise<void> => {
    while (desk.heard.length < 20) await shop.baton.sandbox('GET', '/clock');
  };
  await listen();
  assert.equal(bot.heard.length, 0, 'the desk has heard everything while the bot still hangs');
  bot.answerWith('close');
  await shop.baton.sandbox('POST', '/settle');
  bot.answerWith(200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  assert.equal(bot.heard.length, 20);
});

test('[W7] the events of a thread reach each app in order, in one request each', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await Promise.all(Array.from({ length: 50 }, (_, index) => shop.says(`number ${index}`)));
  await shop.heard(BOT);
  for (const app of [BOT, DESK]) {
    const items = (shop.endpoints[app]?.heard ?? [])
      .filter(({ kind }) => kind === 'message')
      .map(({ item }) => item);
    assert.deepEqual(
      items.map((item) => item['lane_seq']),
      items.map((_, index) => index + 1),
    );
    const stamps = items.map((item) => Number(item['timestamp']));
    assert.ok(stamps.every((stamp, index) => index === 0 || stamp > (stamps[index - 1] ?? 0)));
    assert.equal(items.length, 50);
  }
});

test('[P6] a new primary receiver and the old one are told by app_roles', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const roles = (app: string) =>
    (shop.endpoints[app]?.heard ?? []).filter(({ kind }) => kind === 'app_roles').map(({ item }) => item);
  await shop.heard(BOT);
  const [told] = roles(BOT);
  assert.deepEqual(told?.['app_roles'], { [BOT]: ['primary_receiver'] });
  assert.equal(told?.['sender'], undefined);
  assert.deepEqual(told?.['recipient'], { id: PAGE });
  assert.deepEqual(roles(DESK), []);
});

test('[W1] a field that one of the two lists does not name brings nothing', async () => {
  const more = {
    [DESK]: {
      pages: [
        {
          id: PAGE,
          person: '9001',
          access_token: tokenOf(DESK),
          subscribed_fields: ['messages', 'messaging_handover'],
        },
      ],
    },
  };
  await using shop = await openShop({ apps: [BOT, DESK], more });
  await shop.says('Hello');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  await shop.says('Are you there?');
  assert.deepEqual(await shop.heard(DESK), ['messaging pass_thread_control', 'messaging message']);
});

test('[I3] [C14] an expiry is dated with its own instant, however late the clock jumps', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const read = async () =>
    (await shop.baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`))['history'] as readonly {
      readonly at: number;
      readonly cause: string;
    }[];
  const [got] = await read();
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 40 * 86_400_000 });
  const [, ended] = await read();
  assert.equal(ended?.cause, 'expiry');
  assert.equal((ended?.at ?? 0) - (got?.at ?? 0), 86_400_000);
});

test('settle answers under traffic that never ends', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const traffic = new AbortController();
  const writer = async (psid: string): Promise<void> => {
    while (!traffic.signal.aborted) {
      await shop.baton.sandbox('POST', `${customers}/${psid}/message`, { text: 'and another' });
    }
  };
  const writers = ['830001', '830002', '830003', '830004'].map(writer);
  await shop.baton.sandbox('POST', '/settle');
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 1 });
  traffic.abort();
  await Promise.all(writers);
});

test('[W8] an app that keeps failing is probed by one lane, warned, and switched off; others hear on', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const [bot, desk] = [shop.endpoints[BOT], shop.endpoints[DESK]];
  assert.ok(bot !== undefined && desk !== undefined);
  bot.answerWith(500);
  for (let index = 0; index < 50; index++) {
    await shop.baton.sandbox('POST', `${customers}/${840_000 + index}/message`, { text: 'Hello' });
  }
  await shop.baton.sandbox('POST', '/settle');
  assert.equal(desk.heard.length, 50);
  const tried = bot.tries();
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 30 * 60_000 });
  assert.ok(bot.tries() - tried <= 2, `an open breaker let ${bot.tries() - tried} requests through`);
  for (let minutes = 0; minutes < 40; minutes += 10) {
    await shop.baton.sandbox('POST', '/clock', { advance_ms: 10 * 60_000 });
  }
  const before = bot.tries();
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 86_400_000 });
  assert.equal(bot.tries(), before, 'switched off: no attempts');
  await shop.says('Said while it is off');
  bot.answerWith(200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 86_400_000 });
  assert.deepEqual(bot.heard, [], 'it stays off by itself');
  assert.equal((await shop.post(BOT, 'take_thread_control')).status, 200, 'it stays connected');
  await shop.baton.graph('POST', '/me/subscribed_apps', { token: tokenOf(BOT) });
  await shop.baton.sandbox('POST', '/settle');
  assert.equal(bot.heard.filter(({ kind }) => kind === 'message').length, 50, 'what waited has come');
  await shop.says('Said when it is on again');
  await shop.baton.sandbox('POST', '/settle');
  const texts = bot.heard.map(({ item }) => JSON.stringify(item['message'] ?? null));
  assert.ok(!texts.some((text) => text.includes('while it is off')), 'what it missed waits to be sent again');
  assert.ok(texts.some((text) => text.includes('on again')));
});

test('an app with max_batch gets several events a request under a backlog, of one page and one channel, in order', async () => {
  const bot = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' });
  await using stack = new AsyncDisposableStack();
  stack.use(bot);
  bot.trust(false);
  const fields = ['messages', 'messaging_handovers', 'standby'];
  const webhook = { object: 'page', callback_url: bot.url, verify_token: 'verify', fields, max_batch: 50 };
  const pages = [
    { id: PAGE, person: '9001', access_token: tokenOf(BOT), subscribed_fields: fields },
    { id: '1002', subscribed_fields: fields },
  ];
  const world = shopWorld({}, { primary: null, apps: [BOT, DESK], more: { [BOT]: { webhook, pages } } }) as {
    readonly pages: readonly unknown[];
  };
  const second = { id: '1002', name: 'Second', idle_channel: 'messaging' };
  const baton = stack.use(await openSandbox({ ...world, pages: [...world.pages, second] }));
  for (let round = 0; round < 4; round++) {
    for (const page of [PAGE, '1002']) {
      for (let index = 0; index < 30; index++) {
        const psid = 860_000 + index;
        await baton.sandbox('POST', `/pages/${page}/customers/${psid}/message`, { text: `round ${round}` });
        if (round === 1 && page === PAGE && index % 2 === 0) {
          const body = { recipient: { id: String(psid) } };
          await baton.graph('POST', '/me/take_thread_control', { token: tokenOf(BOT), body });
        }
      }
    }
  }
  bot.trust(true);
  await baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  await baton.sandbox('POST', '/settle');
  assert.equal(bot.heard.length, 240);
  const requests = Map.groupBy(bot.heard, ({ request }) => request);
  assert.ok(requests.size < 60, `240 events came in ${requests.size} requests`);
  for (const events of requests.values()) {
    assert.ok(events.length <= 50);
    const kinds = events.map(
      ({ channel, item }) => `${channel} ${(item['recipient'] as { readonly id: string }).id}`,
    );
    assert.equal(new Set(kinds).size, 1, kinds.join());
  }
  const lanes = Map.groupBy(bot.heard, ({ item }) => JSON.stringify([item['sender'], item['recipient']]));
  for (const events of lanes.values()) {
    assert.deepEqual(
      events.map(({ item }) => item['lane_seq']),
      events.map((_, index) => index + 1),
    );
  }
  assert.equal(bot.forged(), 0);
});
