/** What a customer taps, over HTTP with real webhook receivers: who gets control, and who hears what. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_REACTION_TEXT } from '../../src/http/sandbox/taps.ts';
import type { Heard } from '../../src/testing/endpoint.ts';
import { act, lastHeard, menuOf, postback, profile, SET, START, screen, setMenu } from './profile-shop.ts';
import { ADS, BOT, BUDI, DESK, openShop, PAGE, type Shop, type ShopOptions, tokenOf } from './shop.ts';

const EVA = '5999';

/** Channel, kind and content of what was heard, in order. */
const told = (heard: readonly Heard[]) => heard.map(({ channel, kind, item }) => [channel, kind, item[kind]]);

const lost = (previous: string, next: string) => [
  'messaging',
  'take_thread_control',
  { previous_owner_app_id: Number(previous), new_owner_app_id: Number(next), metadata: null },
];

async function causes(shop: Shop, psid = BUDI): Promise<readonly string[]> {
  const answer = await shop.baton.sandbox('GET', `/pages/${PAGE}/threads/${psid}/history`);
  return (answer['history'] as readonly { readonly cause: string }[]).map(({ cause }) => cause);
}

/** The bot is the primary receiver, the desk has control; the ads app made something while it had. */
async function madeByAds(make: (shop: Shop) => Promise<unknown>, options: ShopOptions = {}): Promise<Shop> {
  const shop = await openShop({ primary: BOT, ...options });
  await shop.says('Hello');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: ADS });
  await make(shop);
  await shop.post(ADS, 'pass_thread_control', { target_app_id: DESK });
  assert.equal(await shop.ownerFor(DESK), DESK);
  return shop;
}

const button = { type: 'postback', title: 'Book', payload: 'BOOK' };
const template = {
  attachment: { type: 'template', payload: { template_type: 'button', text: 'A table?', buttons: [button] } },
};
const send = (shop: Shop, app: string, message: unknown) => shop.post(app, 'messages', { message });

/** Without the mid of the tap, which nobody can know before. */
function withoutMid([channel, kind, content]: readonly unknown[]): readonly unknown[] {
  const { mid, ...rest } = content as { readonly mid?: unknown };
  if (kind === 'postback') assert.match(String(mid), /^m_/);
  return [channel, kind, rest];
}

test('[M5, B2, C15] an item of the customer’s own menu: its maker has control and the payload, the owner loses it first', async () => {
  const menu = menuOf(postback('Offers', 'SECRET'), postback('FAQ'));
  await using shop = await madeByAds((made) => setMenu(made, ADS, menu));
  await act(shop, 'menu', { item: [0] });
  assert.equal(await shop.ownerFor(ADS), ADS);
  assert.deepEqual((await causes(shop)).at(-1), 'menu');
  const tap = ['messaging', 'postback', { title: 'Offers', payload: 'SECRET' }];
  const seen = ['standby', 'postback', { title: 'Offers' }];
  assert.deepEqual(told(await lastHeard(shop, ADS, 1)).map(withoutMid), [tap]);
  assert.deepEqual(told(await lastHeard(shop, DESK, 2)).map(withoutMid), [lost(DESK, ADS), seen]);
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [seen]);
  assert.equal((await send(shop, ADS, { text: 'Our offers' })).status, 200);
  assert.equal((await send(shop, DESK, { text: 'Hello' })).status, 400);
  // A tap by which control stays where it is tells nobody of a change.
  await act(shop, 'menu', { item: [1] });
  assert.deepEqual(
    (await lastHeard(shop, ADS, 2)).map(({ kind }) => kind),
    ['message', 'postback'],
  );
});

test('[B1, B2, W9] a button of a message: its maker has control and the payload, the owner loses it first', async () => {
  await using shop = await madeByAds((made) => send(made, ADS, template));
  const { messages } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const mid = (messages as readonly { readonly mid: string }[]).at(-1)?.mid;
  await act(shop, 'postback', { mid, button: 0 });
  assert.equal(await shop.ownerFor(ADS), ADS);
  assert.deepEqual((await causes(shop)).at(-1), 'postback');
  const seen = ['standby', 'postback', { mid, title: 'Book' }];
  assert.deepEqual(told(await lastHeard(shop, ADS, 1)), [
    ['messaging', 'postback', { mid, title: 'Book', payload: 'BOOK' }],
  ]);
  assert.deepEqual(told(await lastHeard(shop, DESK, 2)), [lost(DESK, ADS), seen]);
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)), [seen]);
});

test('[E1, E2, W9] an ad: its app has control and the referral, the owner loses it first', async () => {
  const page = { entry_points: [{ ad_id: '777', app: ADS, expiration_days: 2 }] };
  await using shop = await madeByAds(async () => undefined, { page });
  await act(shop, 'referral', { source: 'ADS', ad_id: '777' });
  assert.equal(await shop.ownerFor(ADS), ADS);
  assert.deepEqual((await causes(shop)).at(-1), 'entry_point');
  const referral = { source: 'ADS', type: 'OPEN_THREAD', ad_id: '777' };
  assert.deepEqual(told(await lastHeard(shop, ADS, 1)), [['messaging', 'referral', referral]]);
  assert.deepEqual(told(await lastHeard(shop, DESK, 2)), [
    lost(DESK, ADS),
    ['standby', 'referral', referral],
  ]);
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)), [['standby', 'referral', referral]]);
});

test('[M5] the menu of the page gives control to its maker; the customer’s own hides it; a page on the web is nobody’s', async () => {
  await using shop = await openShop({ primary: null });
  const web = { type: 'web_url', title: 'Shop', url: 'https://shop.example' };
  const more = { type: 'nested', title: 'More', call_to_actions: [web, postback('Deep', 'DEEP')] };
  assert.deepEqual(
    await profile(shop, BOT, { get_started: START, persistent_menu: menuOf(postback('FAQ'), web, more) }),
    SET,
  );
  await shop.says('Hello');
  assert.deepEqual((await screen(shop))['menu'], [
    { type: 'postback', title: 'FAQ' },
    web,
    { type: 'nested', title: 'More', call_to_actions: [web, { type: 'postback', title: 'Deep' }] },
  ]);
  await act(shop, 'menu', { item: [1] });
  assert.equal(await shop.ownerFor(DESK), undefined);
  assert.deepEqual(await shop.heard(BOT), ['standby message']);
  await act(shop, 'menu', { item: [2, 1] });
  assert.equal(await shop.ownerFor(DESK), BOT);
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [
    ['messaging', 'postback', { title: 'Deep', payload: 'DEEP' }],
  ]);
  await setMenu(shop, BOT, menuOf(postback('Yours')));
  assert.deepEqual((await screen(shop))['menu'], [{ type: 'postback', title: 'Yours' }]);
  for (const item of [[1], [2, 1], [0, 0]]) {
    await assert.rejects(act(shop, 'menu', { item }), /sees no such item/);
  }
  await act(shop, 'menu', { item: [0] });
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [
    ['messaging', 'postback', { title: 'Yours', payload: 'YOURS' }],
  ]);
});

test('[M6, C15, E1] Get Started makes a customer known and its maker the owner; by a link, the app of the link', async () => {
  const page = { entry_points: [{ ref: 'spring', app: ADS, expiration_days: 1 }] };
  await using shop = await openShop({ primary: BOT, page });
  await assert.rejects(act(shop, 'get_started', {}, EVA), /sees no such item/);
  await profile(shop, BOT, { get_started: START });
  await act(shop, 'get_started', {}, EVA);
  assert.deepEqual(await causes(shop, EVA), ['postback']);
  const tap = { title: 'Get Started', payload: 'START' };
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [['messaging', 'postback', tap]]);
  const link = { source: 'SHORTLINK', ref: 'spring' };
  await act(shop, 'get_started', { referral: link }, '5998');
  assert.deepEqual(await causes(shop, '5998'), ['entry_point']);
  const referral = { ...link, type: 'OPEN_THREAD' };
  assert.deepEqual(told(await lastHeard(shop, ADS, 1)).map(withoutMid), [
    ['messaging', 'postback', { ...tap, referral }],
  ]);
  const { title } = tap;
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [
    ['standby', 'postback', { title, referral }],
  ]);
});

test('[M6] an ice breaker is a postback of its maker, in either form', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const questions = [
    { question: 'Where are you?', payload: 'WHERE' },
    { question: 'When do you open?', payload: 'WHEN' },
  ];
  for (const ice_breakers of [questions, [{ locale: 'default', call_to_actions: questions }]]) {
    assert.deepEqual(await profile(shop, DESK, { ice_breakers }), SET);
    assert.deepEqual((await screen(shop))['ice_breakers'], ['Where are you?', 'When do you open?']);
    await act(shop, 'ice_breaker', { item: 1 });
    assert.equal(await shop.ownerFor(BOT), DESK);
    const content = { title: 'When do you open?', payload: 'WHEN' };
    assert.deepEqual(told(await lastHeard(shop, DESK, 1)).map(withoutMid), [
      ['messaging', 'postback', content],
    ]);
    const { title } = content;
    assert.deepEqual(told(await lastHeard(shop, BOT, 1)).map(withoutMid), [
      ['standby', 'postback', { title }],
    ]);
  }
  await assert.rejects(act(shop, 'ice_breaker', { item: 2 }), /sees no such item/);
});

test('[B3, C17] what an app made that is gone gives control by C15, and no payload to anybody', async () => {
  await using shop = await madeByAds(async (made) => {
    await setMenu(made, ADS, menuOf(postback('Offers')));
    await send(made, ADS, template);
  });
  const { messages } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const mid = (messages as readonly { readonly mid: string }[]).at(-1)?.mid;
  const apps = (method: string) => shop.baton.graph(method, '/me/subscribed_apps', { token: tokenOf(ADS) });
  await apps('DELETE');
  await act(shop, 'postback', { mid });
  assert.equal(await shop.ownerFor(DESK), DESK);
  assert.deepEqual(told(await lastHeard(shop, DESK, 1)), [['messaging', 'postback', { mid, title: 'Book' }]]);
  assert.deepEqual((await screen(shop))['menu'], []);
  await assert.rejects(act(shop, 'menu', { item: [0] }), /sees no such item/);
  await apps('POST');
  assert.deepEqual((await screen(shop))['menu'], [{ type: 'postback', title: 'Offers' }]);
  await act(shop, 'menu', { item: [0] });
  assert.equal(await shop.ownerFor(DESK), ADS);
});

test('[C15, W2] a reaction is an act: it gives an idle thread to the primary receiver, and the others hear it', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  const mid = await shop.says('Hello');
  await shop.post(BOT, 'release_thread_control');
  await act(shop, 'reaction', { mid });
  assert.equal(await shop.ownerFor(DESK), BOT);
  const love = { mid, action: 'react', reaction: 'love', emoji: '❤' };
  assert.deepEqual(told(await lastHeard(shop, BOT, 1)), [['messaging', 'reaction', love]]);
  assert.deepEqual(told(await lastHeard(shop, DESK, 1)), [['standby', 'reaction', love]]);
  await act(shop, 'reaction', { mid, reaction: 'other', emoji: '🎉' });
  await act(shop, 'reaction', { mid, action: 'unreact' });
  assert.deepEqual(told(await lastHeard(shop, BOT, 2)), [
    ['messaging', 'reaction', { mid, action: 'react', reaction: 'other', emoji: '🎉' }],
    ['messaging', 'reaction', { mid, action: 'unreact' }],
  ]);
});

test(`[limit MAX_REACTION_TEXT] the word and the sign of a reaction have at most ${MAX_REACTION_TEXT} characters`, async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT] });
  const mid = await shop.says('Hello');
  await act(shop, 'reaction', {
    mid,
    reaction: 'x'.repeat(MAX_REACTION_TEXT),
    emoji: '🎉'.repeat(MAX_REACTION_TEXT),
  });
  assert.equal((await lastHeard(shop, BOT, 1))[0]?.kind, 'reaction');
  await assert.rejects(
    act(shop, 'reaction', { mid, reaction: 'x'.repeat(MAX_REACTION_TEXT + 1) }),
    /reaction/,
  );
  await assert.rejects(act(shop, 'reaction', { mid, emoji: '🎉'.repeat(MAX_REACTION_TEXT + 1) }), /emoji/);
});

test('[W2] deliveries are told to the owner and on standby, and are no act', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  await shop.says('Hello');
  const sent = await send(shop, BOT, { text: 'Hi' });
  await shop.post(BOT, 'release_thread_control');
  await act(shop, 'delivered');
  assert.equal(await shop.ownerFor(BOT), undefined);
  await act(shop, 'read');
  const [delivered, read] = await lastHeard(shop, DESK, 2);
  assert.deepEqual([delivered?.channel, delivered?.kind], ['standby', 'delivery']);
  assert.deepEqual(delivered?.item['delivery'], {
    mids: [sent.body['message_id']],
    watermark: delivered?.item['timestamp'],
  });
  assert.deepEqual(read?.item['read'], { watermark: read?.item['timestamp'] });
});

test('a mistake in a tap names its key, and changes nothing', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  await profile(shop, BOT, { get_started: START, persistent_menu: menuOf(postback('FAQ')) });
  const mid = await shop.says('Hello');
  for (const [what, body, named] of [
    ['menu', {}, /item/],
    ['menu', { item: 0 }, /item/],
    ['menu', { item: [] }, /item/],
    ['menu', { item: ['0'] }, /item/],
    ['menu', { item: [-1] }, /item/],
    ['menu', { item: [0, 0, 0, 0] }, /item/],
    ['menu', { item: [5] }, /item/],
    ['menu', { item: [0], title: 'FAQ' }, /title/],
    ['get_started', { referral: 'x' }, /referral/],
    ['get_started', { referral: { source: 'RADIO' } }, /source/],
    ['ice_breaker', {}, /item/],
    ['ice_breaker', { item: 0 }, /item/],
    ['ice_breaker', { item: 'x' }, /item/],
    ['reaction', {}, /mid/],
    ['reaction', { mid: 'x' }, /mid/],
    ['reaction', { mid: 'm_nothing' }, /mid|message/],
    ['reaction', { mid, action: 'dance' }, /action/],
    ['reaction', { mid, reaction: 7 }, /reaction/],
    ['delivered', { mid }, /mid/],
  ] as const) {
    await assert.rejects(act(shop, what, body), named, JSON.stringify([what, body]));
  }
  await assert.rejects(act(shop, 'reaction', { mid }, EVA), /no message/);
  await assert.rejects(act(shop, 'delivered', {}, EVA), /No matching user/);
  assert.deepEqual(await shop.heard(BOT), ['messaging message']);
});
