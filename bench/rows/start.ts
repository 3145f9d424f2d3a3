/** From the start of the process to its first answer, on an empty database; and what it holds in memory when idle. */

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBaton } from '../tools/baton.ts';
import { openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { residentBytes } from '../tools/processes.ts';
import type { Bench, Result, Row } from '../tools/rounds.ts';
import { messageOf, worldOf } from '../tools/world.ts';

const START_TARGET_MS = 400;
const MEMORY_TARGET_MB = 120;
const STARTS_PER_ROUND = 2;
const SETTLING_MS = 3_000;
const THREADS = 10_000;
const MIB = 1_024 ** 2;

export const start: Row = {
  name: 'start',
  what: 'start to first answer, empty database',
  async run(bench) {
    bench.say(start.what);
    const starts: number[] = [];
    const idle: number[] = [];
    for (let each = 0; each < bench.rounds * STARTS_PER_ROUND; each++) starts.push(await timeStart(bench));
    for (let each = 0; each < bench.rounds; each++) idle.push(await measureIdle(bench, 0));
    const used = await measureIdle(bench, bench.seconds);
    return [
      lineOf(start.what, { unit: 'ms', rounds: starts, target: START_TARGET_MS }),
      lineOf('memory when idle (RSS)', { unit: 'MB', rounds: idle, target: MEMORY_TARGET_MB }),
      lineOf(`memory when idle after ${bench.seconds} s of messages (RSS)`, {
        unit: 'MB',
        rounds: [used],
        target: null,
      }),
    ];
  },
};

type Line = { readonly unit: string; readonly rounds: readonly number[]; readonly target: number | null };

const lineOf = (what: string, { unit, rounds, target }: Line): Result => ({
  what,
  ours: { label: 'Baton', unit, rounds },
  limit: null,
  target: target === null ? null : { sense: 'at most', value: target },
  notes: [],
});

async function timeStart(bench: Bench): Promise<number> {
  await using folder = await makeFolder(bench.parent);
  const startedAt = performance.now();
  await using baton = await startBaton({ data: path.join(folder.path, 'data'), world: null });
  const answer = await fetch(`${baton.url}/readyz`);
  if (answer.status !== 200) throw new Error(`/readyz answered ${answer.status}`);
  return performance.now() - startedAt;
}

async function measureIdle(bench: Bench, secondsOfLoad: number): Promise<number> {
  await using folder = await makeFolder(bench.parent);
  await using baton = await startBaton({ data: path.join(folder.path, 'data'), world: worldOf({}) });
  if (secondsOfLoad > 0) {
    await using client = openClient(baton.url);
    let next = 0;
    await client.drive(() => messageOf(next++ % THREADS), secondsOfLoad);
  }
  await sleep(SETTLING_MS);
  return residentBytes(baton.pid) / MIB;
}
