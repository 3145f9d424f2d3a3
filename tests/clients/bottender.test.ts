/** bottender, unmodified: its server as the FAQ bot, call by call and in batches, and its command. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BOT, BUDI, DESK, secretOf, tokenOf } from '../http/shop.ts';
import { loadMessagingApi, runBottender, startBot, until } from './programs.ts';
import { type ClientShop, openClientShop } from './shop.ts';

const FIELDS = 'messages,messaging_postbacks,messaging_handovers,standby,message_echoes';
const BATCHES = { 'call by call': {}, 'in batches': { BATCH_DELAY: '10' } };

let baton: ClientShop;
before(async () => {
  baton = await openClientShop();
});
after(() => baton[Symbol.asyncDispose]());

for (const [title, env] of Object.entries(BATCHES)) {
  test(`[U1] a bottender bot works ${title} with a desk on messaging-api-messenger`, async () => {
    await using shop = await openClientShop();
    await using bot = await startBot({ BATON: shop.url, ...env });
    const set = await runBottender(['messenger', 'webhook', 'set', '-w', bot.url], shop.url, {
      CALLBACK_FIELDS: FIELDS,
    });
    assert.match(set.output, /Successfully set Messenger webhook callback URL/);
    assert.match(set.output, /FAQ bot/);

    const { MessengerClient } = loadMessagingApi();
    const desk = new MessengerClient({
      accessToken: tokenOf(DESK),
      appId: DESK,
      appSecret: secretOf(DESK),
      origin: shop.url,
    });
    const isOwner = async (app: string | undefined): Promise<boolean> =>
      (await desk.getThreadOwner(BUDI)).appId === app;
    await shop.says('I was charged twice!');
    await until(async () => (await shop.screen()).length === 3);
    await assert.rejects(desk.sendText(BUDI, 'Too early'), /another app is controlling this thread/);
    await desk.requestThreadControl(BUDI, 'billing');
    await until(() => isOwner(DESK));
    await desk.sendText(BUDI, 'I have given it back');
    await desk.axios.post(`/me/extend_thread_control?access_token=${tokenOf(DESK)}`, {
      recipient: { id: BUDI },
      duration: 3_600,
    });
    await desk.axios.post(`/me/release_thread_control?access_token=${tokenOf(DESK)}`, {
      recipient: { id: BUDI },
    });
    assert.equal(await isOwner(undefined), true);
    await shop.says('Thanks! And the menu?');
    await until(async () => (await shop.screen()).length === 7);
    assert.equal(await isOwner(BOT), true);
    assert.deepEqual(await shop.screen(), [
      'customer: I was charged twice!',
      `${BOT}: You said: I was charged twice!`,
      `${BOT}: Anything else?`,
      `${DESK}: I have given it back`,
      'customer: Thanks! And the menu?',
      `${BOT}: You said: Thanks! And the menu?`,
      `${BOT}: Anything else?`,
    ]);
  });
}

const COMMANDS: readonly (readonly [string, RegExp])[] = [
  ['messenger profile set', /Successfully set getStarted, greeting, persistentMenu settings/],
  ['messenger profile get', /Opening hours/],
  ['messenger profile del', /Successfully delete messenger_profile settings/],
  ['messenger persona create --name Ana --pic http://127.0.0.1/ana.png', /Successfully create persona \d+/],
  ['messenger persona list', /Ana/],
];
test('bottender’s command sets, shows and deletes the profile, makes personas and comes to the end of their list', async () => {
  for (const [command, expected] of COMMANDS) {
    const { code, output } = await runBottender(command.split(' '), baton.url);
    assert.match(output, expected, command);
    assert.equal(code, 0, command);
  }
});

test('bottender’s command tells why a callback was refused', async () => {
  const url = 'http://127.0.0.1:1/webhooks/messenger';
  const { output } = await runBottender(['messenger', 'webhook', 'set', '-w', url], baton.url);
  assert.match(output, /Failed to set Messenger webhook/);
  assert.match(output, /Callback verification failed with the following errors: ECONNREFUSED/);
});
