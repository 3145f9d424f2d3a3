/** Two callers at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADS, BOT, DESK, openShop, PAGE, tokenOf } from './shop.ts';

const ROUNDS = 1_000;
/** Threads that are fought over side by side. */
const AT_ONCE = 20;

test(`[C1] of two apps that take the same idle thread at the same time exactly one succeeds, ${ROUNDS} times`, async (t) => {
  await using shop = await openShop({ primary: null, apps: [DESK, ADS] });
  const wins = { [DESK]: 0, [ADS]: 0 };
  const take = (app: string, psid: string) =>
    shop.baton.graph('POST', '/me/take_thread_control', {
      token: tokenOf(app),
      body: { recipient: { id: psid } },
    });
  async function play(round: number): Promise<void> {
    const psid = String(600_000 + round);
    await shop.baton.sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: 'Anyone?' });
    const first = round % 2 === 0 ? DESK : ADS;
    const second = first === DESK ? ADS : DESK;
    const answers = await Promise.all([take(first, psid), take(second, psid)]);
    const winners = [first, second].filter((_, index) => answers[index]?.status === 200);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400], `round ${round}`);
    const [winner = DESK] = winners;
    wins[winner === DESK ? DESK : ADS] += 1;
    const path = `/me/thread_owner?recipient=${psid}`;
    const { body } = await shop.baton.graph('GET', path, { token: tokenOf(DESK) });
    assert.match(JSON.stringify(body), new RegExp(`"app_id":"${winner}"`));
  }
  for (let round = 0; round < ROUNDS; round += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => play(round + index)));
  }
  t.diagnostic(`won by the desk ${wins[DESK]} times, by the ads app ${wins[ADS]} times`);
});

test('[C4] a send that is on its way when control moves is refused by its control_epoch', async () => {
  await using shop = await openShop({ apps: [BOT, DESK] });
  await shop.says('Hello');
  const read = await shop.baton.graph(
    'GET',
    '/me/thread_owner?recipient=5001&fields=thread_owner,control_epoch',
    {
      token: tokenOf(BOT),
    },
  );
  const [first] = read.body['data'] as readonly { readonly control_epoch: number }[];
  assert.equal(first?.control_epoch, 1);
  const stale = { message: { text: 'Too late' }, control_epoch: first.control_epoch };
  assert.equal((await shop.post(BOT, 'messages', stale)).status, 200);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  await shop.post(BOT, 'take_thread_control');
  const answer = await shop.post(BOT, 'messages', stale);
  assert.equal(answer.status, 400);
  const { error } = answer.body as {
    readonly error: { readonly code: number; readonly error_subcode: number };
  };
  assert.deepEqual([error.code, error.error_subcode], [10, 2018300]);
});
