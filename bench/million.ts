/**
 * `npm run soak -- million`: an app that controls a million threads is disconnected. Shows that all of them are idle
 * at once, that coming back returns none, and what customers of other threads feel while the sweep writes it down.
 */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { driverOf } from '../src/testing/sandbox.ts';
import { startBaton } from './tools/baton.ts';
import { openClient } from './tools/client.ts';
import { makeFolder } from './tools/disk.ts';
import { fill, openWatch } from './tools/fill.ts';
import { quantile } from './tools/statistics.ts';
import { BOT, DESK, messageOf, PAGE, psidOf, tokenOf, worldOf } from './tools/world.ts';

const THREADS = 1_000_000;
const SAMPLES = 1_000;
const MESSAGES_PER_SECOND = 200;
const USUAL_MS = 10_000;
const LOOK_EVERY_MS = 500;

export async function million(): Promise<string> {
  await using folder = await makeFolder(tmpdir());
  const data = path.join(folder.path, 'filled');
  const world = worldOf({ primary: BOT });
  const wroteAt = Date.now();
  await fill({ data, world, threads: THREADS, wroteAt: () => wroteAt });
  await using baton = await startBaton({ data, world });
  await using client = openClient(baton.url);
  await using watch = await openWatch(data);
  const driver = driverOf(baton.url);
  const owners = (): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: SAMPLES }, (_, index) => ownerOf(driver, (index * THREADS) / SAMPLES)));
  assert.deepEqual(new Set(await owners()), new Set([BOT]));

  const usual: number[] = [];
  const meanwhile: number[] = [];
  let leftAt: number | null = null;
  let sweptAt: number | null = null;
  let next = 0;
  const pace = client.pace(() => messageOf(THREADS + (next++ % SAMPLES)), {
    perSecond: MESSAGES_PER_SECOND,
    isOver: () => sweptAt !== null,
    answered: (sentAt, durationMs) =>
      (leftAt !== null && sentAt >= leftAt ? meanwhile : usual).push(durationMs),
  });
  await new Promise((resolve) => setTimeout(resolve, USUAL_MS));
  leftAt = performance.now();
  await driver.graph('DELETE', '/me/subscribed_apps', { token: tokenOf(BOT) });
  const answeredMs = performance.now() - leftAt;
  assert.deepEqual(new Set(await owners()), new Set(['nobody']));
  await driver.graph('POST', '/me/subscribed_apps', { token: tokenOf(BOT) });
  assert.deepEqual(new Set(await owners()), new Set(['nobody']));
  while (await watch.isOwned(PAGE, BOT)) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  sweptAt = performance.now();
  await pace;
  const [before, during] = [quantile(usual, 0.99), quantile(meanwhile, 0.99)];
  return (
    `a million threads of one app: idle with the answer of the call, ${answeredMs.toFixed(0)} ms, ${SAMPLES} looked at; ` +
    `the last line of their histories after ${((sweptAt - leftAt) / 1_000).toFixed(0)} s; customers' messages meanwhile, ` +
    `p99: ${during.toFixed(1)} ms, before: ${before.toFixed(1)} ms\n`
  );
}

async function ownerOf(driver: ReturnType<typeof driverOf>, customer: number): Promise<string> {
  const path = `/me/thread_owner?recipient=${psidOf(Math.floor(customer))}`;
  const { body } = await driver.graph('GET', path, { token: tokenOf(DESK) });
  const [first] = body['data'] as readonly { readonly thread_owner: { readonly app_id?: string } }[];
  return first?.thread_owner.app_id ?? 'nobody';
}
