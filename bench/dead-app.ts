/**
 * `npm run soak -- dead-app`: an app is dead for an hour of sandbox time while 100,000 events wait for it. Shows what the
 * other app feels of it, how much memory it takes, and that everything arrives in order afterwards.
 */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Endpoint, openEndpoint } from '../src/testing/endpoint.ts';
import { startServer } from '../src/testing/process.ts';
import { type Driver, driverOf } from '../src/testing/sandbox.ts';
import { PROBES, probe } from './bad-endpoints.ts';
import { PAGE, twoApps } from './tools/two-apps.ts';

const EVENTS = 100_000;
const THREADS = 2_000;
const WRITERS = 64;

export async function deadApp(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-dead-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [dead, live] = await Promise.all(
    ['2001', '2002'].map((app) => openEndpoint({ secret: `secret-${app}`, verifyToken: 'verify' })),
  );
  assert.ok(dead !== undefined && live !== undefined);
  stack.use(dead);
  stack.use(live);
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(twoApps([dead.url, live.url])));
  const server = await startServer(['--sandbox', '--world', world, '--data', path.join(folder, 'data')]);
  stack.defer(async () => void (await server.end('SIGKILL')));
  const driver = driverOf(server.url);
  await driver.sandbox('POST', '/settle');

  await probe(driver, live);
  const { median: usualMs } = await probe(driver, live);
  dead.answerWith(500);
  const before = await memoryMib(server.child.pid);
  await write(driver, EVENTS);
  await settleOf(live, 2 * PROBES + EVENTS);
  const { median: backlogMs } = await probe(driver, live);
  for (let minutes = 0; minutes < 70; minutes += 10) {
    await driver.sandbox('POST', '/clock', { advance_ms: 600_000 });
  }
  const after = await memoryMib(server.child.pid);
  const tries = dead.tries();
  dead.answerWith(200);
  await driver.graph('POST', '/me/subscribed_apps', { token: 'token-2001' });
  const startedAt = performance.now();
  await settleOf(dead, EVENTS);
  const seconds = (performance.now() - startedAt) / 1_000;
  checkOrder(dead);
  return [
    `${EVENTS} events waited for a dead app on ${THREADS} threads; it was tried ${tries} times in 70 minutes`,
    `the other app, customer's message to webhook, median: ${usualMs.toFixed(2)} ms before, ${backlogMs.toFixed(2)} ms with the backlog: ${(backlogMs / usualMs).toFixed(2)} x`,
    `memory of the server: ${before} MiB before, ${after} MiB after`,
    `all arrived in order within ${seconds.toFixed(1)} s of its return: ${Math.round(EVENTS / seconds)} a second`,
    '',
  ].join('\n');
}

async function write(driver: Driver, count: number): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const path = `/pages/${PAGE}/customers/${600_000 + (index % THREADS)}/message`;
      await driver.sandbox('POST', path, { text: `number ${index}` });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function settleOf(endpoint: Endpoint, count: number): Promise<void> {
  while (endpoint.heard.length < count) await new Promise(setImmediate);
}

function checkOrder({ heard }: Endpoint): void {
  const latest = new Map<string, number>();
  for (const { item } of heard) {
    const sender = (item['sender'] as { readonly id: string } | undefined)?.id ?? 'page';
    const seq = Number(item['lane_seq']);
    const known = latest.get(sender) ?? 0;
    assert.ok(seq <= known + 1, `thread ${sender}: ${seq} after ${known}`);
    latest.set(sender, Math.max(known, seq));
  }
}

async function memoryMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
}
