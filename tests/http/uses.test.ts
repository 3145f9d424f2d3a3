/** The three common uses, over HTTP with real webhook receivers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADS, BOT, BUDI, DESK, INBOX, openShop, PAGE } from './shop.ts';

const MESSAGE = { message: { text: 'Hello' } };

test('[U1] the bot passes to a desk that asked, the desk releases, the next message is the bot’s', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Do you open on Sunday?');
  assert.equal(await shop.ownerFor(BOT), BOT);
  assert.equal((await shop.post(BOT, 'messages', MESSAGE)).status, 200);
  await shop.says('I was charged twice!');
  const early = await shop.post(DESK, 'messages', MESSAGE);
  assert.equal(early.status, 400);
  assert.equal((await shop.post(DESK, 'request_thread_control', { metadata: 'billing' })).status, 200);
  const passed = await shop.post(BOT, 'pass_thread_control', {
    target_app_id: Number(DESK),
    metadata: 'angry',
  });
  assert.deepEqual(passed, { status: 200, body: { success: true } });
  assert.equal((await shop.post(DESK, 'messages', MESSAGE)).status, 200);
  assert.equal((await shop.post(DESK, 'extend_thread_control', { duration: 604_800 })).status, 200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 3 * 86_400_000 });
  assert.equal(await shop.ownerFor(BOT), DESK);
  assert.equal((await shop.post(DESK, 'release_thread_control')).status, 200);
  assert.equal(await shop.ownerFor(BOT), undefined);
  await shop.says('Thanks! And the menu?');
  assert.equal(await shop.ownerFor(DESK), BOT);
  assert.deepEqual(await shop.heard(BOT), [
    'messaging message',
    'messaging message',
    'messaging message',
    'messaging request_thread_control',
    'standby message',
    'messaging message',
  ]);
  assert.deepEqual(await shop.heard(DESK), [
    'standby message',
    'standby message',
    'standby message',
    'messaging pass_thread_control',
    'messaging message',
    'standby message',
  ]);
});

test('[U2] a lead goes to the page’s inbox, and back to the bot when it is marked Done', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('I want to rent the whole place');
  assert.equal(
    (await shop.post(BOT, 'pass_thread_control', { target_app_id: INBOX, metadata: 'lead' })).status,
    200,
  );
  assert.equal(await shop.ownerFor(DESK), INBOX);
  const inbox = `/pages/${PAGE}/inbox/${BUDI}`;
  await shop.baton.sandbox('POST', `${inbox}/reply`, { text: 'For how many people?' });
  assert.equal((await shop.post(BOT, 'messages', MESSAGE)).status, 400);
  await shop.baton.sandbox('POST', `${inbox}/move`, { folder: 'done' });
  assert.equal(await shop.ownerFor(BOT), BOT);
  assert.deepEqual(await shop.heard(BOT), [
    'messaging message',
    'standby message',
    'messaging pass_thread_control',
  ]);
});

test('[U3] an ad’s lead starts with the automated app; an agent app asks, works and releases', async () => {
  const entry = { entry_points: [{ ad_id: '777', app: ADS, expiration_days: 3 }] };
  await using shop = await openShop({ primary: ADS, apps: [ADS, DESK], page: entry });
  await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, {
    text: 'Is the offer still on?',
    referral: { source: 'ADS', type: 'OPEN_THREAD', ad_id: '777' },
  });
  assert.equal(await shop.ownerFor(DESK), ADS);
  assert.equal((await shop.post(DESK, 'request_thread_control')).status, 200);
  assert.equal((await shop.post(ADS, 'pass_thread_control', { target_app_id: DESK })).status, 200);
  assert.equal((await shop.post(DESK, 'messages', MESSAGE)).status, 200);
  assert.equal((await shop.post(DESK, 'extend_thread_control', { duration: '3600' })).status, 200);
  assert.equal((await shop.post(DESK, 'release_thread_control')).status, 200);
  await shop.says('One more thing');
  assert.equal(await shop.ownerFor(DESK), ADS);
  const history = await shop.baton.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
  const causes = (history['history'] as readonly { readonly cause: string }[]).map(({ cause }) => cause);
  assert.deepEqual(causes, ['entry_point', 'pass', 'release', 'primary_receiver']);
});

test('[X6] [X7] people in the inbox see who waits, and why, and pass; ignoring it changes nothing', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const inbox = `/pages/${PAGE}/inbox/${BUDI}`;
  await shop.says('Hello?');
  await shop.baton.sandbox('POST', `${inbox}/move`, { folder: 'main' });
  assert.equal((await shop.post(DESK, 'request_thread_control', { metadata: 'please give' })).status, 200);
  const seen = await shop.baton.sandbox('GET', inbox);
  assert.deepEqual([seen['folder'], seen['owner_app_id']], ['main', INBOX]);
  const [request] = seen['requests'] as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual(
    [request?.['app_id'], request?.['app_name'], request?.['metadata']],
    [DESK, 'Live desk', 'please give'],
  );
  assert.equal(await shop.ownerFor(BOT), INBOX);
  await shop.baton.sandbox('POST', `${inbox}/pass`, { target_app_id: DESK });
  const after = await shop.baton.sandbox('GET', inbox);
  assert.deepEqual(after, { folder: 'general', owner_app_id: DESK, requests: [] });
});
