/**
 * What a call costs with a million threads stored, against a thousand: customers' messages and the owner's extensions
 * by turns, each to a thread picked at random among all, so that with a million hardly any is in memory.
 */

import path from 'node:path';
import { type Baton, startBaton } from '../tools/baton.ts';
import { type NextCall, openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { fill } from '../tools/fill.ts';
import { costOf, loadRound, type Round } from '../tools/load.ts';
import { alternate, type Bench, type Row } from '../tools/rounds.ts';
import { BOT, controlOf, messageOf, worldOf } from '../tools/world.ts';

const FEW = 1_000;
const TARGET = 1.3;

export const stored: Row = {
  name: 'stored',
  what: 'cost of a call with many threads stored',
  async run(bench) {
    const what = `cost of a call with ${bench.threads.toLocaleString('en')} threads stored`;
    await using folder = await makeFolder(bench.parent);
    await using few = await startFilled(bench, path.join(folder.path, 'few'), FEW);
    await using many = await startFilled(bench, path.join(folder.path, 'many'), bench.threads);
    bench.say(what);
    await using toFew = openClient(few.url);
    await using toMany = openClient(many.url);
    const { seconds } = bench;
    const [fewCalls, manyCalls] = [nextCall(FEW), nextCall(bench.threads)];
    const { ours, limit } = await alternate(
      bench.rounds,
      () => loadRound(toMany, manyCalls, { pid: many.pid, seconds }),
      () => loadRound(toFew, fewCalls, { pid: few.pid, seconds }),
    );
    return [
      {
        what,
        ours: { label: 'many threads', unit: 'µs/call', rounds: ours.map(microseconds) },
        limit: { label: `${FEW} threads`, unit: 'µs/call', rounds: limit.map(microseconds) },
        target: { sense: 'at most', value: TARGET },
        notes: [costOf('many threads', ours), costOf(`${FEW} threads`, limit)],
      },
    ];
  },
};

async function startFilled(bench: Bench, data: string, threads: number): Promise<Baton> {
  bench.say(`storing ${threads} threads`);
  const world = worldOf({ primary: BOT });
  const now = Date.now();
  await fill({ data, world, threads, wroteAt: () => now });
  return startBaton({ data, world });
}

const microseconds = ({ perSecond }: Round): number => 1_000_000 / perSecond;

function nextCall(threads: number): NextCall {
  let turn = 0;
  return () => {
    turn += 1;
    const customer = Math.floor(Math.random() * threads);
    return turn % 2 === 0 ? messageOf(customer) : controlOf('extend', BOT, { customer });
  };
}
