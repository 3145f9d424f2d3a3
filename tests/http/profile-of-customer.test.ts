/** The menu of one customer over HTTP: who sets, reads and deletes it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codesOf,
  deleteMenu,
  menuOf,
  menusFor,
  messageOf,
  postback,
  profile,
  SET,
  START,
  screen,
  setMenu,
} from './profile-shop.ts';
import { BOT, BUDI, DESK, openShop, PAGE, tokenOf } from './shop.ts';

const ofBot = menuOf(postback('Bot'));
const ofDesk = menuOf(postback('Desk'));
const OF_ANOTHER = [400, 10, 2018300];

test('[M3] the owner sets and deletes the menu of its thread, primary receiver or not; nobody else does', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  await shop.says('Hello');
  assert.deepEqual(await setMenu(shop, BOT, ofBot), SET);
  const refused = await setMenu(shop, DESK, ofDesk);
  assert.deepEqual(codesOf(refused), OF_ANOTHER);
  assert.match(JSON.stringify(refused.body), /FAQ bot \(app 2001\) has control until/);
  assert.deepEqual(codesOf(await deleteMenu(shop, DESK)), OF_ANOTHER);
  assert.deepEqual(await menusFor(shop, DESK), [{ user_level_persistent_menu: ofBot }]);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.deepEqual(codesOf(await setMenu(shop, BOT, ofBot)), OF_ANOTHER);
  assert.deepEqual(await setMenu(shop, DESK, ofDesk), SET);
  assert.deepEqual((await screen(shop))['menu'], [{ type: 'postback', title: 'Desk' }]);
  assert.deepEqual(await deleteMenu(shop, DESK), SET);
  assert.deepEqual(await menusFor(shop, BOT), [{}]);
});

test('[M4] on an idle thread any connected app sets and deletes it', async () => {
  await using shop = await openShop({ primary: BOT, apps: [BOT, DESK] });
  assert.deepEqual(await menusFor(shop, DESK), [{}]);
  assert.deepEqual(await deleteMenu(shop, DESK), SET);
  assert.deepEqual(await setMenu(shop, DESK, ofDesk), SET);
  assert.deepEqual(await setMenu(shop, BOT, ofBot), SET);
  assert.deepEqual(await menusFor(shop, DESK), [{ user_level_persistent_menu: ofBot }]);
  assert.deepEqual(await deleteMenu(shop, DESK), SET);
  assert.deepEqual(await menusFor(shop, DESK), [{}]);
  assert.deepEqual(await shop.heard(DESK), []);
});

test('[M5] both menus are read side by side, and the customer sees their own', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  await profile(shop, BOT, { get_started: START, persistent_menu: ofBot });
  assert.deepEqual(await menusFor(shop, DESK), [{ page_level_persistent_menu: ofBot }]);
  await setMenu(shop, DESK, ofDesk);
  assert.deepEqual(await menusFor(shop, BOT), [
    { user_level_persistent_menu: ofDesk, page_level_persistent_menu: ofBot },
  ]);
  assert.deepEqual((await screen(shop))['menu'], [{ type: 'postback', title: 'Desk' }]);
  await deleteMenu(shop, BOT);
  assert.deepEqual((await screen(shop))['menu'], [{ type: 'postback', title: 'Bot' }]);
});

test('forms, queries and method=delete', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const call = (method: string, query: string, body?: string) =>
    shop.baton.call(method, `/v6.0/${PAGE}/custom_user_settings?access_token=${tokenOf(BOT)}${query}`, {
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const item = 'persistent_menu[0][call_to_actions][0]';
  const brackets = `psid=${BUDI}&persistent_menu[0][locale]=default&${item}[type]=postback&${item}[title]=Bot&${item}[payload]=BOT`;
  for (const unset of [
    () => call('DELETE', `&psid=${BUDI}&params=[%22persistent_menu%22]`),
    () => call('DELETE', `&psid=${BUDI}&params=[%22PERSISTENT_MENU%22]`),
    () => call('DELETE', '', `psid=${BUDI}&params[0]=persistent_menu`),
    () => call('POST', '', `psid=${BUDI}&params=["persistent_menu"]&method=delete`),
  ]) {
    assert.deepEqual(await call('POST', '', brackets), SET);
    assert.deepEqual(await menusFor(shop, BOT), [{ user_level_persistent_menu: ofBot }]);
    assert.deepEqual(await unset(), SET);
    assert.deepEqual(await menusFor(shop, BOT), [{}]);
  }
});

test('[C16] whoever is not connected for the customer sets and reads nothing', async () => {
  const more = { [DESK]: { advanced_access: [] } };
  await using shop = await openShop({ primary: null, apps: [BOT, DESK], more });
  await shop.says('Hello');
  const read = (app: string, psid: string) =>
    shop.baton.graph('GET', `/me/custom_user_settings?psid=${psid}`, { token: tokenOf(app) });
  assert.deepEqual(codesOf(await setMenu(shop, DESK, ofDesk)), [403, 200, 2018028]);
  assert.deepEqual(codesOf(await read(DESK, BUDI)), [403, 200, 2018028]);
  assert.deepEqual(codesOf(await setMenu(shop, BOT, ofBot, '5999')), [400, 100, 2018001]);
  assert.deepEqual(codesOf(await read(BOT, '5999')), [400, 100, 2018001]);
  assert.match(messageOf(await read(BOT, 'abc')), /psid/);
  assert.deepEqual(await menusFor(shop, BOT), [{}]);
});

test('a call under one Idempotency-Key is carried out once', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  const call = async (method: string, key: string, body: unknown) => {
    const answer = await fetch(`${shop.baton.url}/me/custom_user_settings?access_token=${tokenOf(BOT)}`, {
      method,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    return [answer.status, answer.headers.get('idempotent-replayed'), await answer.json()];
  };
  const body = { psid: BUDI, persistent_menu: ofBot };
  assert.deepEqual(await call('POST', 'k1', body), [200, null, SET.body]);
  await deleteMenu(shop, BOT);
  assert.deepEqual(await call('POST', 'k1', body), [200, 'true', SET.body]);
  assert.deepEqual(await menusFor(shop, BOT), [{}]);
  const none = { psid: BUDI, params: ['persistent_menu'] };
  assert.deepEqual(await call('DELETE', 'k2', none), [200, null, SET.body]);
  assert.deepEqual(await setMenu(shop, BOT, ofBot), SET);
  assert.deepEqual(await call('DELETE', 'k2', none), [200, 'true', SET.body]);
  assert.deepEqual(await menusFor(shop, BOT), [{ user_level_persistent_menu: ofBot }]);
  const [status] = await call('DELETE', 'k1', none);
  assert.equal(status, 400);
});
