/**
 * How long an app waits for a customer's message on an idle machine: from the call to the first byte of the webhook,
 * the durable commit in between; against one bare POST and its answer.
 */

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBaton } from '../tools/baton.ts';
import { startChild } from '../tools/child.ts';
import { type Client, openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { alternate, type Row } from '../tools/rounds.ts';
import { listenSink } from '../tools/sink.ts';
import { quantile } from '../tools/statistics.ts';
import { BOT, messageOf, worldOf } from '../tools/world.ts';

const TARGET = 4;
const SAMPLES = 1_000;
const QUICK_SAMPLES = 300;
const THREADS = 100;
const PAUSE_MS = 2;

export const firstByte: Row = {
  name: 'first-byte',
  what: "customer's message to first webhook byte, unloaded, p99",
  async run(bench) {
    bench.say(firstByte.what);
    await using folder = await makeFolder(bench.parent);
    let began = (): void => undefined;
    const sink = await listenSink({ began: () => began(), heard: () => undefined });
    await using bare = await startChild('answer');
    await using baton = await startBaton({
      data: path.join(folder.path, 'data'),
      world: worldOf({ callbacks: [sink.url], primary: BOT, customers: THREADS }),
    });
    await using toOurs = openClient(baton.url, 1);
    await using toBare = openClient(bare.urls[0] ?? '', 1);
    await toOurs.ask({ path: '/sandbox/settle', body: '{}' });

    const untilTold = async (customer: number): Promise<number> => {
      const startedAt = performance.now();
      const told = new Promise<number>((resolve) => {
        began = () => resolve(performance.now() - startedAt);
      });
      await toOurs.one(messageOf(customer));
      return told;
    };
    const samples = bench.quick ? QUICK_SAMPLES : SAMPLES;
    const { ours, limit } = await alternate(
      bench.rounds,
      () => sample(samples, untilTold),
      () => sample(samples, (customer) => bareCall(toBare, customer)),
    );
    const p50 = (of: readonly (readonly number[])[]): string => quantile(of.flat(), 0.5).toFixed(2);
    return [
      {
        what: firstByte.what,
        ours: { label: 'Baton', unit: 'ms', rounds: ours.map((all) => quantile(all, 0.99)) },
        limit: { label: 'bare POST', unit: 'ms', rounds: limit.map((all) => quantile(all, 0.99)) },
        target: { sense: 'at most', value: TARGET },
        notes: [`${samples} messages a round, one at a time; p50 ${p50(ours)} ms against ${p50(limit)} ms`],
      },
    ];
  },
};

const bareCall = (client: Client, customer: number): Promise<number> => client.one(messageOf(customer));

/** One after another, with a pause, so that nothing waits for anything. */
async function sample(
  count: number,
  measure: (customer: number) => Promise<number>,
): Promise<readonly number[]> {
  const all: number[] = [];
  for (let each = 0; each < count; each++) {
    all.push(await measure(each % THREADS));
    await sleep(PAUSE_MS);
  }
  return all;
}
