/** messaging-api-messenger, unmodified: both sides of a conversation, one call at a time and in a batch. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Endpoint, openEndpoint } from '../../src/testing/endpoint.ts';
import { BOT, BUDI, DESK, PAGE, secretOf, tokenOf } from '../http/shop.ts';
import { type MessengerClient as Client, loadMessagingApi } from './programs.ts';
import { type ClientShop, openClientShop } from './shop.ts';

const { MessengerClient, MessengerBatch } = loadMessagingApi();

let shop: ClientShop;
let endpoint: Endpoint;
let bot: Client;
let desk: Client;

before(async () => {
  shop = await openClientShop();
  endpoint = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' });
  const open = (app: string): Client =>
    new MessengerClient({
      accessToken: tokenOf(app),
      appId: app,
      appSecret: secretOf(app),
      origin: shop.url,
    });
  bot = open(BOT);
  desk = open(DESK);
});
after(async () => {
  await shop[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

test('it introduces itself: the page, its token, its subscriptions', async () => {
  assert.deepEqual(await bot.getPageInfo(), { id: PAGE, name: 'Kopi Senja' });
  assert.partialDeepStrictEqual(await bot.debugToken(), { type: 'PAGE', isValid: true, appId: BOT });
  const wanted = { callbackUrl: endpoint.url, verifyToken: 'verify', object: 'page' };
  const fields = ['messages', 'messaging_handovers', 'standby'];
  const accessToken = `${BOT}|${secretOf(BOT)}`;
  assert.deepEqual(await bot.createSubscription({ ...wanted, fields, accessToken }), { success: true });
  assert.partialDeepStrictEqual(await bot.getSubscriptions(), [{ object: 'page', active: true }]);
  assert.equal(await bot.getPersistentMenu(), null);
});

test('[U1] two programs pass a conversation to each other', async () => {
  await shop.says('I was charged twice!');
  assert.equal((await bot.getThreadOwner(BUDI)).appId, BOT);
  assert.partialDeepStrictEqual(await bot.getUserProfile(BUDI), { firstName: 'Budi' });
  await bot.sendText(BUDI, 'A moment, please');
  await assert.rejects(desk.sendText(BUDI, 'Too early'), /another app is controlling this thread/);
  await desk.requestThreadControl(BUDI, 'billing');
  await bot.passThreadControl(BUDI, Number(DESK), 'as you asked');
  await desk.sendText(BUDI, 'I have given it back');
  await desk.sendImage(BUDI, Buffer.from('PNG'), { filename: 'receipt.png' });
  await desk.axios.post(`/me/extend_thread_control?access_token=${tokenOf(DESK)}`, {
    recipient: { id: BUDI },
    duration: 86_400,
  });
  await desk.axios.post(`/me/release_thread_control?access_token=${tokenOf(DESK)}`, {
    recipient: { id: BUDI },
  });
  assert.equal((await bot.getThreadOwner(BUDI)).appId, undefined);
  await shop.says('Thanks!');
  assert.equal((await desk.getThreadOwner(BUDI)).appId, BOT);
  await bot.passThreadControl(BUDI, Number(DESK), 'once more');
  await bot.takeThreadControl(BUDI, 'enough');
  assert.equal((await bot.getThreadOwner(BUDI)).appId, BOT);
  assert.deepEqual(
    (await bot.getSecondaryReceivers()).map(({ id }) => id),
    [DESK, '263902037430900'],
  );
});

test('a batch does its calls in order, and one that is refused does not stop the others', async () => {
  await shop.says('Hello');
  const results = await bot.sendBatch([
    MessengerBatch.sendText(BUDI, 'One'),
    MessengerBatch.passThreadControl(BUDI, Number(DESK), 'over to you'),
    MessengerBatch.sendText(BUDI, 'Two'),
    MessengerBatch.getThreadOwner(BUDI),
  ]);
  assert.deepEqual(
    results.map(({ code }) => code),
    [200, 200, 400, 200],
  );
  assert.partialDeepStrictEqual(results[3]?.body, { appId: DESK });
  assert.equal((await shop.screen()).at(-1), `${BOT}: One`);
});
