/** The SDK's client against a Baton: every call, and what a refusal tells. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../src/sdk/client.ts';
import { BatonError, SUBCODES } from '../../src/sdk/errors.ts';
import { choices } from '../../src/sdk/messages.ts';
import { openBaton } from '../../src/testing/kit.ts';

test('control goes round, and everybody can read where it is', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ name: 'FAQ bot', primary: true });
  const desk = await baton.app({ name: 'Live desk' });
  const budi = await baton.customer({ name: 'Budi Santoso' });
  const { psid } = budi;

  await budi.says('Hello');
  assert.equal((await desk.client.threadOwner(psid)).appId, bot.id);
  await bot.client.senderAction(psid, 'typing_on');
  await bot.client.send(psid, { text: 'Hi', quick_replies: choices(['Menu']), metadata: 'greeting' });
  assert.equal((await desk.next('echo')).metadata, 'greeting');

  await desk.client.request(psid, { metadata: 'Ana can help' });
  const request = await bot.next('request_thread_control');
  assert.deepEqual([request.appId, request.metadata], [desk.id, 'Ana can help']);
  const [waiting] = await bot.client.threadRequests(psid);
  assert.deepEqual([waiting?.appId, waiting?.metadata], [desk.id, 'Ana can help']);
  await bot.client.passMetadata(psid, { to: desk.id, metadata: 'soon' });
  const told = await desk.next('pass_thread_metadata');
  assert.deepEqual([told.appId, told.metadata], [bot.id, 'soon']);

  await bot.client.pass(psid, { to: desk.id, metadata: 'Wants a cake' });
  const passed = await desk.next('pass_thread_control');
  const { previousOwnerAppId, newOwnerAppId, metadata } = passed;
  assert.deepEqual([previousOwnerAppId, newOwnerAppId, metadata], [bot.id, desk.id, 'Wants a cake']);
  await desk.client.extend(psid, { durationSeconds: 172_800 });
  const owner = await bot.client.threadOwner(psid);
  assert.equal(owner.controlEpoch, passed.controlEpoch);
  assert.ok((owner.expiresAt ?? 0) - (await baton.clock.now()) > 172_000_000);

  await bot.client.take(psid, { metadata: 'urgent' });
  assert.equal((await desk.next('take_thread_control')).newOwnerAppId, bot.id);
  await bot.client.release(psid);
  assert.equal((await bot.client.threadOwner(psid)).appId, null);
});

test('a refusal tells who has control, until when, and by which words', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({
    name: 'Bot (app 9) has control until 2001-01-01T00:00:00.000Z.',
    primary: true,
  });
  const desk = await baton.app();
  const { psid, says } = await baton.customer();
  await says('Hello');
  const owner = await desk.client.threadOwner(psid);
  const error: unknown = await desk.client.send(psid, 'Me too').catch((reason: unknown) => reason);
  assert.ok(error instanceof BatonError);
  assert.equal(error.subcode, SUBCODES.CONTROLLED_BY_ANOTHER);
  assert.equal(error.control?.ownerAppId, bot.id);
  assert.equal(Math.floor((error.control?.expiresAt ?? 0) / 1_000) * 1_000, owner.expiresAt);
  assert.match(error.userMsg ?? '', /may ask for control/);

  await bot.client.release(psid);
  const idle: unknown = await desk.client.extend(psid).catch((reason: unknown) => reason);
  assert.ok(idle instanceof BatonError);
  assert.equal(idle.subcode, SUBCODES.NOT_OWNER);
  assert.deepEqual(idle.control, { ownerAppId: null, expiresAt: null });
  const stranger: unknown = await desk.client.send('424242', 'Hello?').catch((reason: unknown) => reason);
  assert.ok(stranger instanceof BatonError);
  assert.equal(stranger.subcode, SUBCODES.UNKNOWN_CUSTOMER);
  assert.equal(stranger.control, null);
});

test('a message whose answer was lost is on the screen once', async () => {
  await using baton = await openBaton();
  const { settings } = await baton.app();
  const budi = await baton.customer();
  await budi.says('Hello');
  let tries = 0;
  const client = createClient({
    ...settings,
    firstPauseMs: 1,
    async fetch(input, init) {
      const answer = await fetch(input, init);
      tries += 1;
      if (tries === 1) throw new Error('the answer was lost');
      return answer;
    },
  });
  const { messageId } = await client.send(budi.psid, 'Once');
  assert.equal(tries, 2);
  const screen = await budi.screen();
  assert.deepEqual(
    screen.filter(({ from }) => from === 'page').map(({ mid, text }) => [mid, text]),
    [[messageId, 'Once']],
  );
});

test('the page, its customers, its apps, and personas', async () => {
  await using baton = await openBaton();
  const page = await baton.page({ name: 'Kopi Senja' });
  const bot = await baton.app({ name: 'FAQ bot', primary: true });
  const desk = await baton.app({ name: 'Live desk', fields: ['messages', 'standby', 'messaging_handovers'] });
  const budi = await baton.customer({ name: 'Budi Santoso' });
  await budi.says('Hello');
  assert.deepEqual(await bot.client.page(), { id: page.id, name: 'Kopi Senja' });
  assert.deepEqual(await bot.client.profile(budi.psid), {
    psid: budi.psid,
    name: 'Budi Santoso',
    firstName: 'Budi',
    lastName: 'Santoso',
  });
  const others = await bot.client.secondaryReceivers();
  assert.deepEqual(others[0], { id: desk.id, name: 'Live desk' });

  const pictureUrl = 'https://example.com/ana.png';
  const id = await bot.client.createPersona({ name: 'Ana', pictureUrl });
  assert.deepEqual(await bot.client.personas(), [{ id, name: 'Ana', pictureUrl }]);
  await bot.client.send(budi.psid, 'Ana here', { personaId: id });
  await bot.client.deletePersona(id);
  assert.deepEqual(await bot.client.personas(), []);

  await desk.client.subscribe({ fields: ['messages'] });
  const subscribed = await desk.client.subscribedApps();
  assert.deepEqual(subscribed.find((app) => app.id === desk.id)?.fields, ['messages']);
  await desk.client.unsubscribe();
  assert.deepEqual(
    (await bot.client.subscribedApps()).map((app) => app.id),
    [bot.id],
  );
  const node = await bot.client.call({
    method: 'GET',
    path: '/me',
    query: { fields: 'name' },
    repeat: 'safe',
  });
  assert.deepEqual(node, { id: page.id, name: 'Kopi Senja' });
});
