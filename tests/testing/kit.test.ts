/** The test kit: what its users rely on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReceiver } from '../../src/sdk/receiver.ts';
import { createBell } from '../../src/testing/kit/bell.ts';
import { durationMs } from '../../src/testing/kit/duration.ts';
import { openBaton } from '../../src/testing/kit.ts';

test('durations are read as people write them', () => {
  const right = { '25h': 90_000_000, '1d 30m': 88_200_000, '90 s': 90_000, '5ms': 5, '1d2h3m4s': 93_784_000 };
  for (const [text, ms] of Object.entries(right)) assert.equal(durationMs(text), ms, text);
  assert.equal(durationMs(7), 7);
  for (const text of ['', ' ', '25', 'h', '2 hours', '-1h', '1.5h', '1h x']) {
    assert.throws(() => durationMs(text), TypeError, text);
  }
});

test('[I1] the clock is moved, and what falls due happens', async () => {
  await using baton = await openBaton();
  const page = await baton.page();
  const bot = await baton.app({ primary: true });
  const budi = await baton.customer();
  await budi.says('Hello');
  const before = await baton.clock.now();
  await baton.clock.advance('24h');
  assert.ok((await baton.clock.now()) - before >= 86_400_000);
  assert.equal((await bot.client.threadOwner(budi.psid)).appId, null);
  assert.deepEqual(
    (await page.history(budi.psid)).map(({ cause, newOwnerAppId }) => [cause, newOwnerAppId]),
    [
      ['primary_receiver', bot.id],
      ['expiry', null],
    ],
  );
});

test('next gives each event once, by kind, channel and customer, and says what came instead', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const [budi, citra] = [await baton.customer(), await baton.customer()];
  await budi.says('one');
  await citra.says('two');
  await budi.says('three');
  assert.equal((await bot.next('message', { psid: citra.psid })).text, 'two');
  assert.equal((await bot.next('message')).text, 'one');
  assert.equal((await bot.next('message')).text, 'three');
  assert.equal((await desk.next('message', { channel: 'standby', psid: budi.psid })).text, 'one');
  await assert.rejects(bot.next('message', { channel: 'standby', timeoutMs: 10 }), (error: Error) => {
    assert.match(error.message, /app 2001 heard no message standby in time\. It heard:/);
    assert.match(error.message, /message messaging 5002: two \(given already\)/);
    return true;
  });
  await assert.rejects(
    citra.sees('anything', 10),
    /did not see anything in time\. On the screen:\n {2}customer: two/,
  );
});

test('what is waited for ends in time where things never cease to happen', async () => {
  const bell = createBell();
  let looks = 0;
  const never = async (): Promise<null> => {
    await new Promise((resolve) => setImmediate(resolve));
    looks += 1;
    assert.ok(looks < 1_000_000, 'it looks on and on');
    bell.ring();
    return null;
  };
  await assert.rejects(
    bell.until(never, () => 'it did not come', 20),
    /it did not come/,
  );
});

test('an expression finds the same again, whatever it found before', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const budi = await baton.customer();
  await budi.says('Hello');
  const hours = /07:00/g;
  for (const text of ['From 07:00', '07:00 to 22:00']) {
    await bot.client.send(budi.psid, text);
    assert.equal((await budi.sees(hours, 0)).text, text);
  }
});

test('[W6] a program that does not answer the handshake is told of at once, and not by silence', async () => {
  await using baton = await openBaton();
  const deaf = baton.app({
    program: (settings) => createReceiver({ ...settings, verifyToken: 'another' }),
  });
  await assert.rejects(deaf, /^Error: the program of app 2001 does not echo hub\.challenge .*verifyToken/);
  const next = await baton.app({ program: createReceiver });
  assert.equal(next.id, '2002');
});

test('a customer sees each message once, taps what is there, and hears nothing of standby', async () => {
  await using baton = await openBaton();
  const bot = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  for (const text of ['same', 'same', 'last']) await bot.client.send(budi.psid, text);
  const [first, second] = [await budi.sees('same'), await budi.sees(/^sa/)];
  assert.notEqual(first.mid, second.mid);
  assert.equal(second.appId, bot.id);
  await assert.rejects(budi.taps('Order'), /sees no button "Order"/);
  const elements = ['Tea', 'Coffee'].map((title) => ({
    title,
    subtitle: 'hot',
    buttons: [{ type: 'postback' as const, title: `Order ${title}`, payload: title.toUpperCase() }],
  }));
  const payload = { template_type: 'generic' as const, elements };
  await bot.client.send(budi.psid, { attachment: { type: 'template', payload } });
  await budi.sees('Coffee');
  await budi.taps('Order Coffee');
  assert.equal((await bot.next('postback')).payload, 'COFFEE');
});

test('[B4] a customer taps the quick replies of the latest message by their titles', async () => {
  await using baton = await openBaton();
  const bot = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  const quick_replies = [
    { content_type: 'user_email' },
    { content_type: 'text', title: 'Small', payload: 'S' },
    { content_type: 'text', title: 'Large', payload: 'L' },
  ] as const;
  await bot.client.send(budi.psid, { text: 'Which size?', quick_replies });
  assert.deepEqual((await budi.sees('Which')).quickReplies, [
    { title: 'Small', payload: 'S' },
    { title: 'Large', payload: 'L' },
  ]);
  await budi.taps('Large');
  const chosen = await bot.next('message', { where: ({ quickReply }) => quickReply !== null });
  assert.deepEqual([chosen.text, chosen.quickReply], ['Large', 'L']);
  await assert.rejects(budi.taps('Small'), /sees no button "Small"/, 'they went with the answer');
});

test('[M5] [M6] a customer taps the menu, Get Started and ice breakers by what stands on them', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const budi = await baton.customer();
  await bot.client.setMessengerProfile({
    get_started: { payload: 'START' },
    ice_breakers: [
      { question: 'Where are you?', payload: 'WHERE' },
      { question: 'When do you open?', payload: 'HOURS' },
    ],
    persistent_menu: [
      {
        locale: 'default',
        call_to_actions: [
          { type: 'web_url', title: 'Shop', url: 'https://example.com/' },
          {
            type: 'nested',
            title: 'Help',
            call_to_actions: [{ type: 'postback', title: 'Call us', payload: 'CALL' }],
          },
        ],
      },
    ],
  });
  assert.deepEqual(await budi.offers(), {
    menu: [
      { type: 'web_url', title: 'Shop', items: [] },
      { type: 'nested', title: 'Help', items: [{ type: 'postback', title: 'Call us', items: [] }] },
    ],
    getStarted: true,
    iceBreakers: ['Where are you?', 'When do you open?'],
  });
  await budi.starts({ source: 'SHORTLINK', ref: 'flyer' });
  const start = await bot.next('postback');
  assert.deepEqual([start.payload, start.referral?.ref], ['START', 'flyer']);
  await budi.asks('When do you open?');
  await budi.picks('Help', 'Call us');
  assert.equal((await bot.next('postback', { where: ({ payload }) => payload === 'CALL' })).title, 'Call us');
  assert.equal((await bot.next('postback')).payload, 'HOURS', 'what was passed over is not lost');
  await assert.rejects(budi.picks('Help', 'Write us'), /sees no menu item Help \/ Write us/);
  await assert.rejects(budi.picks(), /sees no menu item/);
  await assert.rejects(budi.asks('Why?'), /sees no ice breaker "Why\?"/);
  await assert.rejects(budi.answers({ visit: 5 }), /sees no survey\. On the screen:/);
  await assert.rejects(
    bot.next('postback', { where: () => false, timeoutMs: 10 }),
    /heard no postback of that sort in time/,
  );
});

test('[X6] [X7] the people in the inbox see who asks, and pass', async () => {
  await using baton = await openBaton();
  const page = await baton.page();
  const bot = await baton.app({ primary: true });
  const { psid, says } = await baton.customer();
  await says('Hello');
  assert.deepEqual(await page.inbox.looks(psid), { folder: 'general', ownerAppId: bot.id, requests: [] });
  await page.inbox.moves(psid, 'main');
  await bot.client.request(psid, { metadata: 'I know this one' });
  const { folder, ownerAppId, requests } = await page.inbox.looks(psid);
  assert.deepEqual([folder, ownerAppId], ['main', '263902037430900']);
  assert.deepEqual(requests, [{ appId: bot.id, metadata: 'I know this one' }]);
  await page.inbox.passes(psid, { to: bot.id, metadata: 'Yours' });
  assert.equal((await bot.next('pass_thread_control')).metadata, 'Yours');
});

test('[E1] [E2] ads and links lead to the app that they belong to', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const ads = await baton.app({ entryPoints: [{ adId: '777', days: 3 }] });
  const flyers = await baton.app({ entryPoints: [{ ref: 'flyer' }] });
  const budi = await baton.customer();
  await budi.says('Hello');
  const ownerOf = async () => (await bot.client.threadOwner(budi.psid)).appId;
  assert.equal(await ownerOf(), bot.id);
  await budi.comes({ source: 'ADS', adId: '777' });
  assert.equal((await ads.next('referral')).channel, 'messaging');
  assert.equal(await ownerOf(), ads.id);
  await budi.comes({ source: 'SHORTLINK', ref: 'flyer' });
  assert.equal(await ownerOf(), flyers.id);
  assert.equal((await ads.next('take_thread_control')).newOwnerAppId, flyers.id);
});

test('an app that fails is tried again, and hears the event once it takes it', async () => {
  await using baton = await openBaton();
  const bot = await baton.app();
  const budi = await baton.customer();
  bot.answerWith(500);
  await budi.says('Hello');
  await baton.settled();
  assert.deepEqual(bot.heard, []);
  bot.answerWith(200);
  await baton.clock.advance('1h');
  assert.equal((await bot.next('message')).text, 'Hello');
  assert.equal(bot.heard.length, 1);
});

test('a program answers for its app, and what it refuses counts as not heard', async () => {
  await using baton = await openBaton();
  const heard: string[] = [];
  let isReady = false;
  const bot = await baton.app({
    program: (settings) =>
      createReceiver({
        ...settings,
        onError: () => undefined,
        onEvent({ kind }) {
          heard.push(kind);
          if (!isReady) throw new Error('not yet');
        },
      }),
  });
  const budi = await baton.customer();
  await budi.says('Hello');
  await baton.settled();
  const tries = heard.length;
  assert.ok(tries > 0);
  assert.deepEqual(bot.heard, []);
  isReady = true;
  await baton.clock.advance('1m');
  await bot.next('message');
  assert.equal(heard.length, tries + 1);
});

test('[W1] an app chooses its fields', async () => {
  await using baton = await openBaton();
  await baton.app({ primary: true });
  const quiet = await baton.app({ fields: ['messages'] });
  const budi = await baton.customer();
  await budi.says('Hello');
  await baton.settled();
  assert.deepEqual(quiet.heard, [], 'it has not chosen standby');
});

test('pages stand side by side, on either platform, and what is made later changes nothing of before', async () => {
  await using baton = await openBaton();
  const shop = await baton.page({ name: 'Shop' });
  const salon = await baton.page({ platform: 'instagram', idleChannel: 'messaging' });
  const bot = await baton.app({ primary: true });
  const desk = await baton.app({ page: salon });
  const [budi, citra] = [await baton.customer(), await baton.customer({ page: salon, name: 'Citra' })];
  await budi.says('Hello');
  await citra.says('Hi');
  assert.deepEqual(
    [(await bot.next('message')).pageId, (await bot.next('app_roles')).channel],
    [shop.id, 'handover'],
  );
  const heard = await desk.next('message');
  assert.deepEqual([heard.pageId, heard.object, heard.channel], [salon.id, 'instagram', 'messaging']);
  await baton.app();
  assert.equal((await bot.client.threadOwner(budi.psid)).appId, bot.id);
  await shop.inbox.replies(budi.psid, 'Ana here');
  await budi.sees('Ana here');
  await shop.inbox.moves(budi.psid, 'done');
  assert.equal((await bot.next('pass_thread_control')).newOwnerAppId, bot.id);
  await using other = await openBaton();
  await assert.rejects(other.app({ page: shop }), /page 1001 is not of this Baton/);
});

test('a Baton that is disposed of leaves nothing behind', async () => {
  const baton = await openBaton();
  const app = await baton.app();
  assert.equal((await fetch(`${baton.url}/readyz`)).status, 200);
  await baton[Symbol.asyncDispose]();
  await assert.rejects(fetch(`${baton.url}/readyz`));
  await assert.rejects(app.client.page({ signal: AbortSignal.timeout(50) }));
});
