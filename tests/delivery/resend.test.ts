/** Sending again (W8), and setting aside, through the operator's commands. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { runBaton } from '../../src/testing/process.ts';
import { BOT, BUDI, DESK, openShop, PAGE, type Shop, tokenOf } from '../http/shop.ts';

const HOUR_MS = 3_600_000;
const run = (shop: Shop, ...args: readonly string[]) => runBaton(['app', ...args, '--data', shop.baton.data]);
const textsOf = (shop: Shop, app: string): readonly unknown[] =>
  (shop.endpoints[app]?.heard ?? []).flatMap(
    ({ item }) => (item['message'] as { readonly text?: string } | undefined)?.text ?? [],
  );

test('[W8] what an app missed while its webhooks were off is sent again, in order', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const bot = shop.endpoints[BOT];
  assert.ok(bot !== undefined);
  bot.answerWith(500);
  await shop.says('before');
  for (let hours = 0; hours < 3; hours++) {
    await shop.baton.sandbox('POST', '/clock', { advance_ms: HOUR_MS });
  }
  for (const text of ['one', 'two', 'three']) await shop.says(text);
  bot.answerWith(200);
  const shown = await run(shop, 'deliveries', BOT);
  assert.match(shown.stdout, /FAQ bot \(2001\)/);
  assert.match(shown.stdout, /switched off since/);
  assert.match(shown.stdout, /500 .* answered 500/);
  assert.match((await run(shop, 'on', BOT)).stdout, /^The webhooks of app 2001 are on\./);
  const again = await run(shop, 'on', BOT);
  assert.deepEqual(
    [again.code, again.stdout.split('. ')[0]],
    [0, 'The webhooks of app 2001 were not switched off'],
  );
  await shop.baton.sandbox('POST', '/clock', { advance_ms: HOUR_MS });
  assert.deepEqual(textsOf(shop, BOT), ['before']);
  const missed = await run(shop, 'resend', BOT, '--missed');
  assert.match(missed.stdout, /^3 events/);
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(textsOf(shop, BOT), ['before', 'one', 'two', 'three']);
  const since = await run(shop, 'resend', BOT, '--since', '2020-01-01');
  assert.match(since.stdout, /^4 events/);
  await shop.baton.sandbox('POST', '/settle');
  assert.equal(textsOf(shop, BOT).length, 8);
  assert.deepEqual(textsOf(shop, DESK), ['before', 'one', 'two', 'three'], 'nobody else hears it again');
});

test('[W8] one event is sent again by its id, and nothing older than 7 days', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  await shop.says('only this');
  await shop.baton.sandbox('POST', '/settle');
  const listed = await shop.baton.sandbox('GET', `/deliveries?app=${BOT}`);
  const [delivery] = listed['deliveries'] as readonly { readonly event_id: string }[];
  assert.ok(delivery !== undefined);
  assert.match((await run(shop, 'resend', BOT, '--event', delivery.event_id)).stdout, /^1 events/);
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(textsOf(shop, BOT), ['only this', 'only this']);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 8 * 24 * HOUR_MS });
  const late = await run(shop, 'resend', BOT, '--event', delivery.event_id);
  assert.deepEqual([late.code, late.stdout], [1, '']);
  assert.match(late.stderr, /App 2001 has been told of no such event in the last 7 days/);
  const other = await run(shop, 'resend', DESK, '--event', delivery.event_id);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /event_id/);
});

test('what must not go out any more is set aside and shown, and its lane goes on', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  const desk = shop.endpoints[DESK];
  assert.ok(desk !== undefined);
  desk.answerWith(500);
  await shop.says('private');
  await shop.baton.sandbox('POST', '/settle');
  const fields = { subscribed_fields: ['messages', 'messaging_handovers'] };
  await shop.baton.graph('POST', '/me/subscribed_apps', { token: tokenOf(DESK), body: fields });
  desk.answerWith(200);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  await shop.baton.sandbox('POST', '/clock', { advance_ms: HOUR_MS / 4 });
  assert.deepEqual(
    desk.heard.map(({ kind }) => kind),
    ['pass_thread_control'],
  );
  const shown = await run(shop, 'deliveries', DESK);
  assert.match(shown.stdout, /field_not_subscribed_on_page/);
});

test('operators need the token of the data folder', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const target = `/admin/apps/${BOT}/deliveries`;
  assert.equal((await shop.baton.call('GET', target)).status, 401);
  const wrong = await shop.baton.call('GET', target, { headers: { authorization: 'Bearer nonsense' } });
  assert.equal(wrong.status, 401);
  const { token } = JSON.parse(await readFile(path.join(shop.baton.data, 'operator.json'), 'utf8')) as {
    token: string;
  };
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await shop.baton.call('GET', target, { headers })).status, 200);
  for (const body of ['{}', '{"since":"x"}', '{"event_id":"1_2_3_4"}', '{"missed":true,"set_aside":true}']) {
    const answer = await shop.baton.call('POST', `/admin/apps/${BOT}/resend`, { headers, body });
    assert.equal(answer.status, 400, body);
  }
  assert.equal((await run(shop, 'deliveries', '4711')).code, 1);
  assert.equal((await run(shop, 'resend', BOT)).code, 2);
  for (const verb of ['on', 'deliveries', 'resend']) {
    const ran = await run(shop, verb, BOT, DESK);
    assert.deepEqual([ran.code, ran.stdout], [2, ''], verb);
  }
});

test('[W7] [W8] after a long jump what failed is tried again, before anything is set aside or switched off', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT] });
  const bot = shop.endpoints[BOT];
  assert.ok(bot !== undefined);
  await shop.says('zero');
  await shop.baton.sandbox('POST', '/settle');
  bot.answerWith(500);
  await shop.says('one');
  await shop.baton.sandbox('POST', '/settle');
  await shop.says('two');
  bot.answerWith(200);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 61 * 60_000 });
  await shop.baton.sandbox('POST', '/settle');
  assert.deepEqual(textsOf(shop, BOT), ['zero', 'one', 'two']);

  bot.answerWith(500);
  for (let number = 0; number < 6; number++) {
    await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${6_000 + number}/message`, { text: 'x' });
  }
  await shop.baton.sandbox('POST', '/settle');
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 2 * 3_600_000 });
  const warned = (await run(shop, 'deliveries', BOT)).stdout;
  assert.match(warned, /keeps failing: warned/);
  assert.doesNotMatch(warned, /switched off/);
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 3_600_000 });
  assert.match((await run(shop, 'deliveries', BOT)).stdout, /switched off/);
});

test('[W7] a notice that fails for an hour while others get through is set aside', async () => {
  await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
  const bot = shop.endpoints[BOT];
  assert.ok(bot !== undefined);
  bot.poison('poison');
  await shop.says('poison');
  await shop.says('behind it');
  const other = `/pages/${PAGE}/customers/5002/message`;
  for (let minutes = 0; minutes <= 90; minutes += 5) {
    await shop.baton.sandbox('POST', other, { text: `minute ${minutes}` });
    await shop.baton.sandbox('POST', '/clock', { advance_ms: 5 * 60_000 });
  }
  const heard = textsOf(shop, BOT);
  assert.ok(heard.includes('behind it'), 'the lane goes on');
  assert.ok(!heard.includes('poison'));
  assert.match((await run(shop, 'deliveries', BOT)).stdout, /failed for an hour while others got through/);
  bot.poison(null);
  await run(shop, 'resend', BOT, '--set-aside');
  await shop.baton.sandbox('POST', '/settle');
  assert.ok(textsOf(shop, BOT).includes('poison'), `thread ${BUDI} has heard everything now`);
});
