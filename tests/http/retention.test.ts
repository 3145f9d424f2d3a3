/** Texts go when they are older than their page keeps them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, tokenOf } from './shop.ts';

const SECRET = 'I live in Jalan Melati';
const pass = { target_app_id: DESK, metadata: 'a difficult case' };

async function texts({ baton }: Shop): Promise<readonly unknown[]> {
  const screen = await baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  return (screen['messages'] as readonly { readonly text: unknown }[]).map(({ text }) => text);
}

async function history({ baton }: Shop): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const read = await baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
  return read['history'] as readonly Readonly<Record<string, unknown>>[];
}

const advance = ({ baton }: Shop, ms: number) => baton.sandbox('POST', '/clock', { advance_ms: ms });

test('[C14] texts go after as many days as the page says; who had control, and why, stays', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], page: { retention_days: 2 } });
  await shop.says(SECRET);
  await shop.post(BOT, 'messages', { message: { text: 'And your name?' } });
  await shop.post(BOT, 'pass_thread_control', pass);
  await shop.baton.sandbox('POST', '/settle');
  await advance(shop, DAY_MS);
  assert.deepEqual(await texts(shop), [SECRET, 'And your name?']);
  const before = await history(shop);
  await shop.says('Still there?');
  await advance(shop, DAY_MS);
  await advance(shop, 1);
  assert.deepEqual(await texts(shop), [null, null, 'Still there?']);
  const after = await history(shop);
  assert.deepEqual(after.slice(0, before.length), before);
  assert.ok(after.some(({ metadata }) => metadata === 'a difficult case'));
  const { body } = await shop.baton.graph('GET', `/${BUDI}?fields=name`, { token: tokenOf(BOT) });
  assert.equal(body['name'], 'Budi');
});

test('a page that says nothing keeps its texts', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says(SECRET);
  await advance(shop, 3_650 * DAY_MS);
  assert.deepEqual(await texts(shop), [SECRET]);
});

test('a text of which an app could not be told waits for it for 7 days, and goes unheard', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], page: { retention_days: 1 } });
  const endpoint = shop.endpoints[BOT] ?? assert.fail();
  endpoint.answerWith(500);
  await shop.says(SECRET);
  await shop.baton.sandbox('POST', '/settle');
  await advance(shop, DAY_MS + 1);
  assert.deepEqual(await texts(shop), [SECRET]);
  await advance(shop, 6 * DAY_MS - HOUR_MS);
  assert.deepEqual(await texts(shop), [SECRET]);
  await advance(shop, HOUR_MS);
  assert.deepEqual(await texts(shop), [null]);
  assert.deepEqual(endpoint.heard, []);
});
