/**
 * Customers' messages with three connected apps: each message is durable before its answer, and three signed webhooks
 * go out. A round sends a fixed number of messages and ends when the last webhook has been received.
 */

import path from 'node:path';
import { type Disk, startBaton } from '../tools/baton.ts';
import { type Child, startChild } from '../tools/child.ts';
import { type Client, type Driven, type NextCall, openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { costOf, measureRound } from '../tools/load.ts';
import { alternate, type Bench, type Result, type Row } from '../tools/rounds.ts';
import { type Sinks, startSinks } from '../tools/sinks.ts';
import { APPS, BOT, messageOf, worldOf } from '../tools/world.ts';

const THREADS = 1_024;
const TARGET = 0.6;
const MESSAGES = 20_000;
const QUICK_MESSAGES = 4_000;

const VARIANTS: readonly { readonly disk: Disk; readonly says: string }[] = [
  { disk: 'as it is', says: '' },
  { disk: 'blocks', says: ', commits 5 ms longer (blocking)' },
  { disk: 'waits', says: ', commits 5 ms longer (waiting)' },
];

export const apps: Row = {
  name: 'apps',
  what: "customers' messages with three connected apps, until all webhooks are received",
  async run(bench) {
    const results: Result[] = [];
    for (const { disk, says } of VARIANTS) {
      bench.say(apps.what + says);
      results.push(await compare(bench, apps.what + says, disk));
    }
    return results;
  },
};

async function compare(bench: Bench, what: string, disk: Disk): Promise<Result> {
  await using folder = await makeFolder(bench.parent);
  await using sinks = await startSinks(APPS.length);
  await using bare = await startChild('relay');
  await using baton = await startBaton({
    data: path.join(folder.path, 'data'),
    world: worldOf({ callbacks: sinks.urls, primary: BOT, customers: THREADS }),
    disk,
    profile: disk === 'as it is' ? bench.profile : null,
  });
  await using toOurs = openClient(baton.url);
  await using toBare = openClient(bare.urls[0] ?? '');
  await prepare(toOurs, sinks, bare);
  const calls = bench.quick ? QUICK_MESSAGES : MESSAGES;
  const { ours, limit } = await alternate(
    bench.rounds,
    () => measureRound(baton.pid, () => deliverAll(toOurs, sinks, calls)),
    () => measureRound(bare.pid, () => deliverAll(toBare, sinks, calls)),
  );
  return {
    what,
    ours: { label: 'Baton', unit: 'messages/s', rounds: ours.map(({ perSecond }) => perSecond) },
    limit: {
      label: 'bare Fastify and undici',
      unit: 'messages/s',
      rounds: limit.map(({ perSecond }) => perSecond),
    },
    target: { sense: 'at least', value: TARGET },
    notes: [
      `${calls} messages a round, ${APPS.length} webhooks each`,
      costOf('Baton', ours),
      costOf('bare Fastify and undici', limit),
    ],
  };
}

/** Gives every thread its owner, and the bare server a webhook of each app to post. */
async function prepare(client: Client, sinks: Sinks, bare: Child): Promise<void> {
  await deliverAll(client, sinks, THREADS);
  const postings = await sinks.latest();
  if (postings.length !== APPS.length) throw new Error(`only ${postings.length} apps have been told`);
  await bare.ask(postings);
}

/** From the first call to the last webhook. */
async function deliverAll(client: Client, sinks: Sinks, calls: number): Promise<Driven> {
  await sinks.expect(calls * APPS.length);
  const startedAt = performance.now();
  const all = sinks.reached();
  await client.driveCalls(nextMessage(), calls);
  await all;
  return { calls, seconds: (performance.now() - startedAt) / 1_000 };
}

function nextMessage(): NextCall {
  let turn = 0;
  return () => messageOf(turn++ % THREADS);
}
