/**
 * Many leases that end within one second: how long customers' messages on other threads take meanwhile, against the
 * seconds before. The leases are stored with their true dates and the sandbox's clock is moved to shortly before their
 * end; from there on time runs by itself, and the server's own sweep finds them, as it would in production. Messages
 * come at a fixed pace, however long they take.
 */

import { cp } from 'node:fs/promises';
import path from 'node:path';
import { startBaton } from '../tools/baton.ts';
import { openClient } from '../tools/client.ts';
import { makeFolder } from '../tools/disk.ts';
import { fill, openWatch } from '../tools/fill.ts';
import type { Bench, Row } from '../tools/rounds.ts';
import { quantile } from '../tools/statistics.ts';
import { BOT, messageOf, worldOf } from '../tools/world.ts';

const TARGET = 2;
const LEASES = 100_000;
const QUICK_LEASES = 10_000;
const LEASE_MS = 86_400_000;
const SECOND_MS = 1_000;
const MESSAGES_PER_SECOND = 500;
/** Messages are not counted before the server is warm. */
const WARM_UP_MS = 3_000;
const LOOK_EVERY_MS = 100;
const OTHER_CUSTOMERS = 1_000;

type Round = { readonly meanwhileMs: number; readonly withoutMs: number; readonly sweepMs: number };

export const leases: Row = {
  name: 'leases',
  what: "leases that end in one second: p99 of customers' messages meanwhile",
  async run(bench) {
    const count = bench.quick ? QUICK_LEASES : LEASES;
    const what = `${count.toLocaleString('en')} ${leases.what}`;
    bench.say(what);
    await using folder = await makeFolder(bench.parent);
    const filled = path.join(folder.path, 'filled');
    const startsAt = Date.now();
    const wroteAt = (customer: number): number => startsAt + Math.floor((customer * SECOND_MS) / count);
    await fill({ data: filled, world: worldOf({ primary: BOT }), threads: count, wroteAt });
    const rounds: Round[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const data = path.join(folder.path, `round-${round}`);
      await cp(filled, data, { recursive: true });
      rounds.push(await measure(bench, { data, count, endsAt: startsAt + LEASE_MS }));
    }
    return [
      {
        what,
        ours: { label: 'meanwhile', unit: 'ms', rounds: rounds.map(({ meanwhileMs }) => meanwhileMs) },
        limit: { label: 'before', unit: 'ms', rounds: rounds.map(({ withoutMs }) => withoutMs) },
        target: { sense: 'at most', value: TARGET },
        notes: [
          `${MESSAGES_PER_SECOND} messages a second; from the first end to the last line of history: ${rounds
            .map(({ sweepMs }) => `${(sweepMs / SECOND_MS).toFixed(1)} s`)
            .join(', ')}`,
        ],
      },
    ];
  },
};

type Setting = { readonly data: string; readonly count: number; readonly endsAt: number };

async function measure(bench: Bench, { data, count, endsAt }: Setting): Promise<Round> {
  await using baton = await startBaton({ data, world: worldOf({ primary: BOT }) });
  await using client = openClient(baton.url);
  await using watch = await openWatch(data);
  const beforeMs = bench.seconds * SECOND_MS;
  const advance = endsAt - Date.now() - beforeMs - WARM_UP_MS;
  await client.ask({ path: '/sandbox/clock', body: JSON.stringify({ advance_ms: advance }) });
  // On the clock of `performance.now`, which the pace uses.
  const firstEnds = performance.now() + beforeMs + WARM_UP_MS;
  const without: number[] = [];
  const meanwhile: number[] = [];
  let sweptAt: number | null = null;
  const look = setInterval(async () => {
    if (performance.now() < firstEnds + SECOND_MS || sweptAt !== null) return;
    if (!(await watch.isDue(endsAt + SECOND_MS))) sweptAt ??= performance.now();
  }, LOOK_EVERY_MS);
  let next = 0;
  await client.pace(() => messageOf(count + (next++ % OTHER_CUSTOMERS)), {
    perSecond: MESSAGES_PER_SECOND,
    isOver: () => sweptAt !== null,
    answered(sentAt, durationMs) {
      if (sentAt >= firstEnds) meanwhile.push(durationMs);
      else if (sentAt >= firstEnds - beforeMs) without.push(durationMs);
    },
  });
  clearInterval(look);
  return {
    meanwhileMs: quantile(meanwhile, 0.99),
    withoutMs: quantile(without, 0.99),
    sweepMs: (sweptAt ?? Number.NaN) - firstEnds,
  };
}
