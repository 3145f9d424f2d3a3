/** The server killed and started again: what it accepted is there, and what it owed is delivered. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, DESK, PAGE, secretOf, shopWorld, tokenOf } from '../http/shop.ts';

const WRITERS = 8;

test('[W7] kill -9 under load loses no accepted call and no webhook', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-kill-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const bot = stack.use(await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' }));
  const desk = stack.use(await openEndpoint({ secret: secretOf(DESK), verifyToken: 'verify' }));
  const world = path.join(folder, 'world.json');
  await writeFile(
    world,
    JSON.stringify(shopWorld({ [BOT]: bot.url, [DESK]: desk.url }, { apps: [BOT, DESK] })),
  );
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];

  const first = await startServer(args);
  const accepted = new Map<string, string[]>();
  const enough = Promise.withResolvers<void>();
  let total = 0;
  async function write(psid: string): Promise<void> {
    const driver = driverOf(first.url);
    const mids: string[] = [];
    accepted.set(psid, mids);
    for (;;) {
      const written = await driver
        .sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: `number ${mids.length}` })
        .catch(() => null);
      if (written === null) return;
      mids.push(String(written['message_id']));
      const move = { token: tokenOf(DESK), body: { recipient: { id: psid } } };
      await driver.graph('POST', '/me/request_thread_control', move).catch(() => null);
      total += 1;
      if (total === 400) enough.resolve();
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, index) => write(String(700_000 + index)));
  await enough.promise;
  await first.end('SIGKILL');
  await Promise.all(writers);

  const second = await startServer(args);
  stack.defer(async () => void (await second.end('SIGTERM')));
  const driver = driverOf(second.url);
  await driver.sandbox('POST', '/settle');
  for (const [psid, mids] of accepted) {
    const screen = await driver.sandbox('GET', `/pages/${PAGE}/customers/${psid}/screen`);
    const kept = (screen['messages'] as readonly { readonly mid: string }[]).map(({ mid }) => mid);
    assert.deepEqual(kept.slice(0, mids.length), mids, `customer ${psid}`);
    assert.ok(kept.length <= mids.length + 1, 'at most the call in flight beyond those that were answered');
    for (const endpoint of [bot, desk]) {
      const lane = endpoint.heard.filter(
        ({ item }) => (item['sender'] as { id: string } | undefined)?.id === psid,
      );
      const numbers = [...new Set(lane.map(({ item }) => Number(item['lane_seq'])))];
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
        `${endpoint.url} hears ${psid} in order`,
      );
      const mentioned = JSON.stringify(lane);
      for (const mid of mids) assert.ok(mentioned.includes(mid), `${endpoint.url} was told of ${mid}`);
    }
  }
  assert.equal(bot.forged() + desk.forged(), 0);
  t.diagnostic(`${total} calls accepted, ${bot.heard.length + desk.heard.length} webhooks heard`);
});

test('SIGTERM ends the server with exit code 0, and a restart goes on with the same clock', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-stop-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({})));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];
  const first = await startServer(args);
  const moved = await driverOf(first.url).sandbox('POST', '/clock', { advance_ms: 5 * 86_400_000 });
  assert.equal(await first.end('SIGTERM'), 0);
  const second = await startServer(args);
  const read = await driverOf(second.url).sandbox('GET', '/clock');
  assert.ok(Number(read['now']) >= Number(moved['now']));
  assert.equal(await second.end('SIGINT'), 0);
});
