/** Calls over HTTP that nobody is told of, each durable before its answer. */

import path from 'node:path';
import { type Baton, type Disk, startBaton } from '../tools/baton.ts';
import { type Child, startChild } from '../tools/child.ts';
import { CONCURRENCY, type NextCall, openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { costOf, loadRound } from '../tools/load.ts';
import { alternate, type Bench, type Result, type Row } from '../tools/rounds.ts';
import { BOT, controlOf, DESK, messageOf, worldOf } from '../tools/world.ts';

const THREADS_PER_WORKER = 16;
const TARGET = 0.5;

const MANY = 512;

/** With 64 clients and 5 ms a commit nothing passes 64 / 5 ms = 12,800 calls a second: hence 512, too. */
const VARIANTS: readonly Variant[] = [
  { disk: 'as it is', clients: CONCURRENCY, says: '' },
  { disk: 'blocks', clients: CONCURRENCY, says: ', commits 5 ms longer (blocking)' },
  { disk: 'waits', clients: CONCURRENCY, says: ', commits 5 ms longer (waiting)' },
  { disk: 'blocks', clients: MANY, says: ', commits 5 ms longer (blocking), 512 clients' },
  { disk: 'waits', clients: MANY, says: ', commits 5 ms longer (waiting), 512 clients' },
];

type Variant = { readonly disk: Disk; readonly clients: number; readonly says: string };

export const messages: Row = {
  name: 'messages',
  what: "customers' messages over HTTP, no app subscribed",
  run: (bench) => overDisks(bench, messages.what, nextMessage),
};

export const control: Row = {
  name: 'control',
  what: 'control calls over HTTP, no app subscribed',
  run: (bench) => overDisks(bench, control.what, nextControl),
};

async function overDisks(bench: Bench, what: string, plan: () => NextCall): Promise<readonly Result[]> {
  const results: Result[] = [];
  await using bare = await startChild('answer');
  for (const { disk, clients, says } of VARIANTS) {
    bench.say(`${what}${says}`);
    await using folder = await makeFolder(bench.parent);
    await using baton = await startBaton({
      data: path.join(folder.path, 'data'),
      world: worldOf({ customers: MANY * THREADS_PER_WORKER }),
      disk,
      profile: disk === 'as it is' ? bench.profile : null,
    });
    results.push(await compare(bench, { what: what + says, baton, bare, plan, clients }));
  }
  return results;
}

type Pair = {
  readonly what: string;
  readonly baton: Baton;
  readonly bare: Child;
  readonly plan: () => NextCall;
  readonly clients: number;
};

async function compare(bench: Bench, { what, baton, bare, plan, clients }: Pair): Promise<Result> {
  await using toOurs = openClient(baton.url, clients);
  await using toBare = openClient(bare.urls[0] ?? '', clients);
  const [ourCalls, bareCalls] = [plan(), plan()];
  const { seconds } = bench;
  const { ours, limit } = await alternate(
    bench.rounds,
    () => loadRound(toOurs, ourCalls, { pid: baton.pid, seconds }),
    () => loadRound(toBare, bareCalls, { pid: bare.pid, seconds }),
  );
  return {
    what,
    ours: { label: 'Baton', unit: 'calls/s', rounds: ours.map(({ perSecond }) => perSecond) },
    limit: { label: 'bare Fastify', unit: 'calls/s', rounds: limit.map(({ perSecond }) => perSecond) },
    target: { sense: 'at least', value: TARGET },
    notes: [costOf('Baton', ours), costOf('bare Fastify', limit)],
  };
}

/** Each worker goes round its own threads. */
function nextThread(): (worker: number) => { readonly customer: number; readonly turn: number } {
  const turns = new Uint32Array(MANY);
  return (worker) => {
    const turn = turns[worker] ?? 0;
    turns[worker] = turn + 1;
    return {
      customer: worker * THREADS_PER_WORKER + (turn % THREADS_PER_WORKER),
      turn: Math.floor(turn / THREADS_PER_WORKER),
    };
  };
}

function nextMessage(): NextCall {
  const thread = nextThread();
  return (worker) => messageOf(thread(worker).customer);
}

/** The bot takes the idle thread, passes it to the desk, the desk releases it: each changes control. */
function nextControl(): NextCall {
  const thread = nextThread();
  return (worker) => {
    const { customer, turn } = thread(worker);
    if (turn % 3 === 0) return controlOf('take', BOT, { customer });
    if (turn % 3 === 1) return controlOf('pass', BOT, { customer, target: DESK });
    return controlOf('release', DESK, { customer });
  };
}
