/**
 * `npm run soak -- endpoints`: what an app feels of another whose endpoint misbehaves. In each round the time from a
 * customer's message to the webhook of the one app is taken while the other answers as it should, and while it does
 * not; then what the other has not heard is delivered. Each way to misbehave has a server of its own.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Answering, type Endpoint, openEndpoint } from '../src/testing/endpoint.ts';
import { startServer } from '../src/testing/process.ts';
import { type Driver, driverOf } from '../src/testing/sandbox.ts';
import type { EndpointAnswer, EndpointQuestion } from './children/endpoint.ts';
import { startChild } from './tools/child.ts';
import { withCpu } from './tools/rounds.ts';
import { median, quantile } from './tools/statistics.ts';
import { PAGE, twoApps } from './tools/two-apps.ts';

const WAYS: readonly Answering[] = [500, 410, 302, 'close', 'garbage', 'hang', 'slow', 'huge'];
const NAMES: Readonly<Record<string, string>> = { slow: 'slow (4.9 s)', huge: '10 MB' };
const ROUNDS = 7;
export const PROBES = 200;
const RETRY_MS = 600_000;
/** Between two messages: what one has left to do is not what the next one waits for. */
const PAUSE_MS = 2;

type Times = { readonly median: number; readonly p99: number };
type Round = Times & { readonly cpuMs: number };

export async function badEndpoints(): Promise<string> {
  const lines: string[] = [];
  for (const way of WAYS) lines.push(await beside(way));
  return `${lines.join('\n')}\n`;
}

async function beside(way: Answering): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-bad-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const bad = stack.use(await startChild('endpoint', ['secret-2001', 'verify']));
  const good = stack.use(await openEndpoint({ secret: 'secret-2002', verifyToken: 'verify' }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(twoApps([bad.urls[0] ?? '', good.url])));
  const server = await startServer(['--sandbox', '--world', world, '--data', path.join(folder, 'data')]);
  stack.defer(async () => void (await server.end('SIGKILL')));
  const driver = driverOf(server.url);
  const ask = (question: EndpointQuestion) => bad.ask<EndpointAnswer>(question);

  const usual: Round[] = [];
  const meanwhile: Round[] = [];
  const measure = async (): Promise<Round> => {
    const { outcome, cpu } = await withCpu({ server: server.child.pid ?? 0 }, () => probe(driver, good));
    return { ...outcome, cpuMs: (cpu['server'] ?? Number.NaN) / PROBES };
  };
  for (let round = 0; round <= ROUNDS; round++) {
    await driver.sandbox('POST', '/settle');
    const before = await measure();
    await driver.sandbox('POST', '/settle');
    await ask({ answerWith: way });
    const beside = await measure();
    await ask({ answerWith: 200 });
    await driver.sandbox('POST', '/clock', { advance_ms: RETRY_MS });
    // The first is for warming up.
    if (round > 0) {
      usual.push(before);
      meanwhile.push(beside);
    }
  }
  await driver.sandbox('POST', '/settle');
  const { heard } = await ask({ answerWith: null });
  assert.ok(heard >= 2 * PROBES * (ROUNDS + 1), `${heard} events heard by the one that misbehaved`);
  return [
    `beside ${NAMES[way] ?? way}: ${ratio(meanwhile, usual, 'median').toFixed(2)} x the usual median`,
    `(${msOf(usual, 'median')} and ${msOf(meanwhile, 'median')} ms), p99 ${ratio(meanwhile, usual, 'p99').toFixed(2)} x`,
    `(${msOf(usual, 'p99')} and ${msOf(meanwhile, 'p99')} ms), processor time of the server a message`,
    `${ratio(meanwhile, usual, 'cpuMs').toFixed(2)} x (${msOf(usual, 'cpuMs')} and ${msOf(meanwhile, 'cpuMs')} ms); it heard everything afterwards`,
  ].join(' ');
}

/** Of each round, in its middle. */
const ratio = (meanwhile: readonly Round[], usual: readonly Round[], key: keyof Round): number =>
  median(meanwhile.map((each, round) => each[key] / (usual[round]?.[key] ?? Number.NaN)));

const msOf = (times: readonly Round[], key: keyof Round): string =>
  median(times.map((each) => each[key])).toFixed(2);

/** From a customer's message to the webhook, one at a time with a pause between, in milliseconds. */
export async function probe(driver: Driver, endpoint: Endpoint): Promise<Times> {
  const times: number[] = [];
  for (let index = 0; index < PROBES; index++) {
    const before = endpoint.heard.length;
    const startedAt = performance.now();
    await driver.sandbox('POST', `/pages/${PAGE}/customers/${900_000 + index}/message`, { text: 'probe' });
    while (endpoint.heard.length === before) await new Promise(setImmediate);
    times.push(performance.now() - startedAt);
    await setTimeout(PAUSE_MS);
  }
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
