/** The profile of a page over HTTP: who sets it, who reads it, and that a call is carried out whole or not at all. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codesOf,
  forget,
  menuOf,
  messageOf,
  postback,
  profile,
  profileFor,
  SET,
  START,
  screen,
} from './profile-shop.ts';
import { ADS, BOT, DESK, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

const menu = menuOf(postback('FAQ'), { type: 'web_url', title: 'Shop', url: 'https://shop.example' });
const NOT_PRIMARY = [400, 100, 2018171];
const NO_GET_STARTED = [400, 100, 2018145];

test('[M1] without a primary receiver any connected app sets, reads and deletes the profile', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  assert.deepEqual(await profileFor(shop, BOT), []);
  assert.deepEqual(await profile(shop, DESK, { get_started: START, persistent_menu: menu }), SET);
  assert.deepEqual(await profileFor(shop, BOT), [{ get_started: START, persistent_menu: menu }]);
  const greeting = [{ locale: 'default', text: 'Hello!' }];
  assert.deepEqual(await profile(shop, BOT, { greeting }), SET);
  assert.deepEqual(await profileFor(shop, DESK, '?fields=greeting,%20get_started'), [
    { get_started: START, greeting },
  ]);
  assert.deepEqual(await profileFor(shop, DESK, '?fields=["ice_breakers"]'), []);
  assert.deepEqual(await forget(shop, BOT, ['persistent_menu', 'get_started']), SET);
  assert.deepEqual(await forget(shop, BOT, ['persistent_menu']), SET);
  assert.deepEqual(await profileFor(shop, DESK), [{ greeting }]);
});

test('[M2] with one, only the primary receiver sets or deletes it; every app keeps what is its own', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  assert.deepEqual(await profile(shop, BOT, { get_started: START, persistent_menu: menu }), SET);
  const parts = {
    get_started: START,
    persistent_menu: menu,
    ice_breakers: [{ question: 'Where?', payload: 'WHERE' }],
    greeting: [{ locale: 'default', text: 'Hi' }],
    commands: [{ locale: 'default', commands: [{ name: 'book', description: 'Book a table' }] }],
  };
  for (const [part, value] of Object.entries(parts)) {
    assert.deepEqual(codesOf(await profile(shop, DESK, { [part]: value })), NOT_PRIMARY, part);
    assert.deepEqual(codesOf(await forget(shop, DESK, [part])), NOT_PRIMARY, part);
  }
  const own = {
    whitelisted_domains: ['https://desk.example'],
    account_linking_url: 'https://desk.example/in',
  };
  assert.deepEqual(codesOf(await profile(shop, DESK, { ...own, greeting: parts.greeting })), NOT_PRIMARY);
  assert.deepEqual(await profileFor(shop, DESK), [{ get_started: START, persistent_menu: menu }]);
  assert.deepEqual(await profile(shop, DESK, own), SET);
  assert.deepEqual(await profileFor(shop, DESK), [{ get_started: START, persistent_menu: menu, ...own }]);
  assert.deepEqual(await profileFor(shop, BOT), [{ get_started: START, persistent_menu: menu }]);
  assert.deepEqual(await forget(shop, BOT, ['whitelisted_domains']), SET);
  assert.deepEqual(await forget(shop, DESK, ['account_linking_url']), SET);
  assert.deepEqual(await profileFor(shop, DESK, '?fields=whitelisted_domains,account_linking_url'), [
    { whitelisted_domains: ['https://desk.example'] },
  ]);
});

test('[M6] whoever sets a part is its maker: it is hidden while that app is gone, and stays until it is replaced', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  const ice = [{ question: 'Where?', payload: 'WHERE' }];
  await profile(shop, BOT, {
    get_started: START,
    persistent_menu: menuOf(postback('Bot')),
    ice_breakers: ice,
  });
  const ofBot = { menu: [{ type: 'postback', title: 'Bot' }], get_started: true, ice_breakers: ['Where?'] };
  assert.deepEqual(await screen(shop), ofBot);
  const apps = (method: string, app: string) =>
    shop.baton.graph(method, '/me/subscribed_apps', { token: tokenOf(app) });
  await apps('DELETE', BOT);
  assert.deepEqual(await screen(shop), { menu: [], get_started: false, ice_breakers: [] });
  assert.deepEqual(codesOf(await profile(shop, BOT, { get_started: START })), [403, 200, undefined]);
  // The page has no primary receiver any more (C17), and its profile is still there.
  await apps('POST', BOT);
  assert.deepEqual(await screen(shop), ofBot);
  assert.deepEqual(await profile(shop, DESK, { persistent_menu: menuOf(postback('Desk')) }), SET);
  await apps('DELETE', BOT);
  const ofDesk = { menu: [{ type: 'postback', title: 'Desk' }], get_started: false, ice_breakers: [] };
  assert.deepEqual(await screen(shop), ofDesk);
  // What another app made is deleted like one's own.
  assert.deepEqual(await forget(shop, DESK, ['ice_breakers']), SET);
  await apps('POST', BOT);
  assert.deepEqual(await screen(shop), { ...ofDesk, get_started: true });
});

test('a menu needs Get Started, before or in the same call, for as long as it stands', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const refused = await profile(shop, BOT, { persistent_menu: menu });
  assert.deepEqual(codesOf(refused), NO_GET_STARTED);
  assert.match(messageOf(refused), /persistent_menu/);
  assert.deepEqual(await profile(shop, BOT, { get_started: START }), SET);
  assert.deepEqual(await profile(shop, DESK, { persistent_menu: menu }), SET);
  assert.deepEqual(codesOf(await forget(shop, BOT, ['get_started'])), NO_GET_STARTED);
  assert.deepEqual(codesOf(await forget(shop, BOT, ['get_started', 'greeting'])), NO_GET_STARTED);
  assert.deepEqual(await profileFor(shop, BOT), [{ get_started: START, persistent_menu: menu }]);
  assert.deepEqual(await profile(shop, BOT, { get_started: { payload: 'AGAIN' } }), SET);
  assert.deepEqual(await forget(shop, BOT, ['get_started', 'persistent_menu']), SET);
  assert.deepEqual(await profileFor(shop, BOT), []);
});

test('an Instagram account has a menu without Get Started, which it does not know', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT], page: { platform: 'instagram' } });
  assert.deepEqual(await profile(shop, BOT, { platform: 'instagram', persistent_menu: menu }), SET);
  assert.deepEqual(await profileFor(shop, BOT, '?platform=instagram&fields=persistent_menu'), [
    { persistent_menu: menu },
  ]);
});

test('nothing is set when one part is wrong, and the error names it', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  const long = menuOf(postback('A'), postback('B'), postback('C'), postback('x'.repeat(31)));
  for (const [body, named] of [
    [{ get_started: START, persistent_menu: long }, 'persistent_menu[0][call_to_actions][3][title]'],
    [{ get_started: START, greeting: [{ locale: 'default', text: 'x'.repeat(161) }] }, 'greeting[0][text]'],
    [{ get_started: START, whitelisted_domains: ['shop.example'] }, 'whitelisted_domains[0]'],
    [{ home_url: { url: 'https://shop.example' } }, 'messenger_profile'],
  ] as const) {
    const answer = await profile(shop, BOT, body);
    assert.deepEqual(codesOf(answer), [400, 100, undefined]);
    assert.ok(messageOf(answer).includes(named), messageOf(answer));
  }
  for (const fields of ['["menu"]', '']) {
    const answer = await shop.baton.graph('DELETE', `/me/messenger_profile?fields=${fields}`, {
      token: tokenOf(BOT),
    });
    assert.match(messageOf(answer), /fields/);
  }
  const unknown = await shop.baton.graph('GET', '/me/messenger_profile?fields=menu', { token: tokenOf(BOT) });
  assert.match(messageOf(unknown), /fields/);
  assert.deepEqual(await profileFor(shop, BOT), []);
});

/** A call without a JSON body. */
async function plain(shop: Shop, method: string, query: string, form?: string): Promise<void> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await shop.baton.call(
    method,
    `/v2.11/${PAGE}/messenger_profile?access_token=${tokenOf(BOT)}${query}`,
    form === undefined ? {} : { headers, body: form },
  );
  assert.deepEqual(answer, SET);
}

test('every way in which clients set and delete', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  const item = 'persistent_menu[0][call_to_actions][0]';
  const brackets = `get_started[payload]=START&persistent_menu[0][locale]=default&${item}[type]=postback&${item}[title]=FAQ&${item}[payload]=FAQ`;
  const json = `get_started=${encodeURIComponent('{"payload":"START"}')}&persistent_menu=${encodeURIComponent(JSON.stringify(menuOf(postback('FAQ'))))}`;
  const standing = [{ get_started: START, persistent_menu: menuOf(postback('FAQ')) }];
  const fields = '["persistent_menu","get_started"]';
  for (const [set, unset] of [
    [
      () => plain(shop, 'POST', '', brackets),
      () => plain(shop, 'DELETE', '', 'fields[0]=persistent_menu&fields[1]=get_started'),
    ],
    [
      () => plain(shop, 'POST', '', json),
      () => plain(shop, 'DELETE', `&fields=${encodeURIComponent(fields)}`),
    ],
    [
      () => plain(shop, 'POST', `&${json}`),
      () => plain(shop, 'DELETE', '&fields%5B0%5D=persistent_menu&fields%5B1%5D=get_started'),
    ],
    [() => plain(shop, 'POST', '', json), () => plain(shop, 'POST', '', `fields=${fields}&method=delete`)],
    [() => plain(shop, 'POST', '', json), () => plain(shop, 'DELETE', '', `fields=${fields}`)],
  ] as const) {
    await set();
    assert.deepEqual(await profileFor(shop, BOT), standing);
    await unset();
    assert.deepEqual(await profileFor(shop, BOT), []);
  }
});

test('whoever has no part in the page reads and sets nothing', async () => {
  const elsewhere = { [ADS]: { pages: [] } };
  await using shop = await openShop({ primary: null, apps: [BOT, ADS], more: elsewhere });
  await profile(shop, BOT, { get_started: START });
  assert.deepEqual(codesOf(await profile(shop, ADS, { get_started: START })), [400, 190, undefined]);
  const none = await shop.baton.call('GET', '/me/messenger_profile');
  assert.deepEqual(codesOf(none), [400, 190, undefined]);
  const other = await shop.baton.graph('GET', '/1002/messenger_profile', { token: tokenOf(BOT) });
  assert.deepEqual(codesOf(other), [403, 200, undefined]);
});
