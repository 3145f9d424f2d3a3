/** Endpoints that misbehave in every way, beside one that does not. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answering } from '../../src/testing/endpoint.ts';
import { BOT, DESK, openShop, PAGE, type Shop } from '../http/shop.ts';

const CUSTOMERS = 30;

type Delivery = { readonly status: number | null; readonly duration_ms: number };

/** Every customer writes once; answers the median time in which the desk answered its webhooks. */
async function deskMedianMs(shop: Shop, from: number): Promise<number> {
  const desk = shop.endpoints[DESK];
  assert.ok(desk !== undefined);
  const before = desk.heard.length;
  for (let index = 0; index < CUSTOMERS; index++) {
    const path = `/pages/${PAGE}/customers/${from + index}/message`;
    await shop.baton.sandbox('POST', path, { text: 'Hello' });
  }
  while (desk.heard.length < before + CUSTOMERS) await shop.baton.sandbox('GET', '/clock');
  const { deliveries } = await shop.baton.sandbox('GET', `/deliveries?app=${DESK}`);
  const times = (deliveries as readonly Delivery[]).slice(-CUSTOMERS).map((each) => each.duration_ms);
  return times.toSorted((a, b) => a - b)[CUSTOMERS / 2] ?? 0;
}

describe('endpoints that misbehave', { concurrency: 4 }, () => {
  for (const [answer, seen] of [
    [500, 500],
    [410, 410],
    [302, 302],
    ['close', null],
    ['garbage', null],
    ['hang', null],
    ['slow', 200],
    ['huge', 200],
  ] as const satisfies readonly (readonly [Answering, number | null])[]) {
    test(`[W7] an endpoint that answers ${answer} leaves the others alone, and hears everything in the end`, async (t) => {
      await using shop = await openShop({ primary: null, apps: [BOT, DESK] });
      const bot = shop.endpoints[BOT];
      assert.ok(bot !== undefined);
      const usual = await deskMedianMs(shop, 870_000);
      await shop.baton.sandbox('POST', '/settle');
      bot.answerWith(answer);
      const meanwhile = await deskMedianMs(shop, 880_000);
      await shop.baton.sandbox('POST', '/settle');
      const { deliveries } = await shop.baton.sandbox('GET', `/deliveries?app=${BOT}`);
      assert.equal((deliveries as readonly Delivery[]).at(-1)?.status, seen);
      bot.answerWith(200);
      await shop.baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
      await shop.baton.sandbox('POST', '/settle');
      const heard = bot.heard.filter(({ kind }) => kind === 'message');
      const senders = new Set(heard.map(({ item }) => (item['sender'] as { readonly id: string }).id));
      assert.equal(senders.size, 2 * CUSTOMERS);
      t.diagnostic(`the other app's median: ${(meanwhile / usual).toFixed(2)} × the usual`);
    });
  }
});
