/** The SDK reads what the wire writes: every kind of event, as Baton itself puts it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/sdk/json.ts';
import { eventsOf } from '../../src/sdk/read-events.ts';
import { openBaton } from '../../src/testing/kit.ts';

const read = (item: JsonObject, list = 'messaging') =>
  eventsOf({ object: 'page', entry: [{ id: 1001, time: 1, [list]: [item] }] })[0];

test('every kind of event of a Baton has its type', async () => {
  await using baton = await openBaton();
  const page = await baton.page();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer();
  const { psid } = budi;

  const referral = { source: 'SHORTLINK', ref: 'flyer' } as const;
  const attachments = [{ type: 'image', payload: { url: 'https://example.com/a.png' } }];
  await budi.says({ text: 'Hi', attachments, quickReply: 'HI', referral });
  const message = await bot.next('message');
  assert.deepEqual([message.channel, message.text, message.quickReply], ['messaging', 'Hi', 'HI']);
  assert.deepEqual(message.attachments, attachments);
  assert.deepEqual(message.referral, { source: 'SHORTLINK', type: 'OPEN_THREAD', adId: null, ref: 'flyer' });
  assert.deepEqual([message.pageId, message.psid, message.object], [page.id, psid, 'page']);
  assert.deepEqual([message.laneSeq, message.controlEpoch], [message.raw['lane_seq'], 1]);

  const buttons = [{ type: 'postback', title: 'Order', payload: 'ORDER' }] as const;
  const payload = { template_type: 'button', text: 'What next?', buttons } as const;
  await bot.client.send(psid, { attachment: { type: 'template', payload } });
  const echo = await desk.next('echo', { channel: 'standby' });
  assert.deepEqual(
    [echo.appId, echo.text, echo.psid, echo.attachments[0]?.type],
    [bot.id, null, psid, 'template'],
  );

  await page.inbox.replies(psid, 'Ana here');
  assert.equal((await bot.next('take_thread_control')).previousOwnerAppId, bot.id);
  await budi.sees('What next?');
  await budi.taps('Order');
  const tapped = await bot.next('postback');
  assert.deepEqual([tapped.title, tapped.payload], ['Order', 'ORDER']);
  assert.deepEqual((await desk.next('postback')).payload, null);
  await budi.comes({ source: 'ADS', adId: '777' });
  assert.equal((await bot.next('referral')).referral.adId, '777');
  await budi.reads();
  assert.equal((await bot.next('read')).channel, 'messaging');
  assert.deepEqual((await bot.next('app_roles')).roles, { [bot.id]: ['primary_receiver'] });
  await baton.app({ primary: true });
  assert.deepEqual((await bot.next('app_roles')).roles, { [bot.id]: ['secondary_receiver'] });
});

test('ids are text, however they come; what is not known keeps its name; nonsense is left out', () => {
  const ends = { sender: { id: 5001 }, recipient: { id: '1001' }, timestamp: 7 };
  const pass = { previous_owner_app_id: null, new_owner_app_id: '12345678901234567890', metadata: 'x' };
  const passed = read({ ...ends, pass_thread_control: pass });
  assert.ok(passed?.kind === 'pass_thread_control');
  assert.deepEqual([passed.psid, passed.pageId], ['5001', '1001']);
  assert.deepEqual([passed.previousOwnerAppId, passed.newOwnerAppId], [null, '12345678901234567890']);
  const edit = read({ ...ends, message_edit: { text: 'x' } }, 'standby');
  assert.ok(edit?.kind === 'other');
  assert.deepEqual([edit.name, edit.channel], ['message_edit', 'standby']);
  const feedback = read({ ...ends, messaging_feedback: { feedback_screens: [3, { questions: { a: 4 } }] } });
  assert.ok(feedback?.kind === 'feedback');
  assert.deepEqual(feedback.answers, [{ id: 'a', type: '', payload: '', followUp: null }]);
  assert.deepEqual(read({})?.kind, 'other');
  for (const body of [null, 3, [], {}, { entry: 3 }, { entry: [null, { messaging: [null, 3] }] }]) {
    assert.deepEqual(eventsOf(body), []);
  }
});
