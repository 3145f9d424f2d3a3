/** Which fields an app may subscribe to, and what an operator is told of those it lacks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, OPERATOR, openApp } from './app.ts';
import { BOT, PAGE, tokenOf } from './shop.ts';

test('[W1] a field that the platform does not have fails the whole call, and changes nothing', async () => {
  for (const platform of ['messenger', 'instagram'] as const) {
    const app = await openApp({ primary: null, apps: [BOT], page: { platform } });
    const call = (fields: string) =>
      app.ask('POST', `/${PAGE}/subscribed_apps`, {
        token: tokenOf(BOT),
        body: { subscribed_fields: fields },
      });
    const before = app.runtime.configuration.current();
    const wrong = [
      'messages,dances',
      ...(platform === 'messenger' ? ['messages, comments', 'story_insights'] : []),
    ];
    for (const fields of wrong) {
      const answer = await call(fields);
      assert.deepEqual([answer.status, errorOf(answer).code], [400, 100], fields);
      assert.match(String(errorOf(answer).message), /subscribed_fields/);
      assert.equal(app.runtime.configuration.current(), before);
    }
    // The singular spellings subscribe on both.
    const right = `messages,messaging_handover,messaging_referral${platform === 'instagram' ? ',comments' : ''}`;
    assert.equal((await call(right)).status, 200);
  }
});

test('[W1] an app that lacks a set of webhooks is shown with a warning', async () => {
  const shown = async (fields: readonly string[]): Promise<unknown> => {
    const pages = [{ id: PAGE, access_token: tokenOf(BOT), subscribed_fields: fields }];
    const webhook = { callback_url: 'http://127.0.0.1:9/', verify_token: 'v' };
    const app = await openApp({ primary: null, apps: [BOT], more: { [BOT]: { pages, webhook } } });
    const { body } = await app.ask('GET', `/admin/apps/${BOT}`, { token: OPERATOR });
    return (body['pages'] as readonly Readonly<Record<string, unknown>>[])[0]?.['lacks'];
  };
  assert.deepEqual(await shown(['messages', 'standby', 'messaging_handovers']), []);
  assert.deepEqual(await shown(['messages', 'standby']), ['handover']);
  assert.deepEqual(await shown(['messaging_postbacks']), ['messaging', 'handover']);
});
