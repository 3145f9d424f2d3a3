/**
 * `npm run soak -- fuzz`: a million mutated requests, half of them to a sandbox, half to a server in production. Shows
 * that nothing fails, that nothing is stored of what is refused, and that memory does not grow.
 */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Values } from '../src/testing/fuzz/values.ts';
import { type FuzzFigures, fuzz } from '../src/testing/fuzz.ts';
import type { Memory } from './children/fuzzed.ts';
import { type Child, startChild } from './tools/child.ts';
import { makeFolder } from './tools/disk.ts';
import { quantile } from './tools/statistics.ts';

const MIB = 2 ** 20;
const REQUESTS = Number(process.env['BATON_FUZZ_REQUESTS'] ?? 1_000_000);
const SEED = Number(process.env['BATON_FUZZ_SEED'] ?? randomInt(2 ** 31));
const KINDS = ['sandbox', 'production'] as const;
/** Of a run, its first part, in which caches fill. */
const WARM_UP = 0.2;
/** How much more than after the warm-up may be in use at the end, in bytes. */
const MAX_GROWTH = 4 * MIB;

export async function fuzzed(): Promise<string> {
  process.stdout.write(`BATON_FUZZ_SEED=${SEED}\n`);
  const lines: string[] = [];
  for (const kind of KINDS) lines.push(await fuzzOne(kind));
  return `${lines.join('\n')}\n`;
}

async function fuzzOne(kind: (typeof KINDS)[number]): Promise<string> {
  await using folder = await makeFolder(tmpdir());
  const data = path.join(folder.path, 'data');
  await mkdir(data);
  await using child = await startChild('fuzzed', [kind, data]);
  const memory: Memory[] = [];
  const startedAt = performance.now();
  const figures = await fuzz(targetOf(child, data, kind === 'sandbox'), {
    requests: REQUESTS / KINDS.length,
    seed: SEED,
    roundEnded: async () => void memory.push(await child.ask<Memory>({ ask: 'memory' })),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  assert.equal(await child.ask<number>({ ask: 'faults' }), 0);
  const told = ['objects', 'external', 'code', 'resident'] as const;
  const growth = told.map((name) => growthOf(memory.map((each) => each[name])));
  const [objects, external] = growth;
  const shown = told.map((name, index) => `${name} ${show(growth[index])}`).join(', ');
  const grown = (objects?.grown ?? 0) + (external?.grown ?? 0);
  assert.ok(grown < MAX_GROWTH, `memory has grown: ${shown}`);
  return `${kind}: ${render(figures)} in ${seconds.toFixed(0)} s, ${Math.round(figures.sent / seconds)} a second; MiB from after the warm-up to the end: ${shown}`;
}

const targetOf = (child: Child, data: string, isSandbox: boolean) => ({
  url: child.urls[0] ?? '',
  data,
  isSandbox,
  beginRound: () => child.ask<Values>({ ask: 'round' }),
  settle: () => child.ask<void>({ ask: 'settle' }),
  write: (psid: string, text: string) => child.ask<void>({ ask: 'write', psid, text }),
});

type Growth = { readonly from: number; readonly to: number; readonly grown: number };

/** Between two plateaus: the median of the first fifth behind the warm-up, and that of the last fifth. */
function growthOf(bytes: readonly number[]): Growth {
  const warm = bytes.slice(Math.floor(bytes.length * WARM_UP));
  const fifth = Math.ceil(warm.length / 5);
  const [from, to] = [quantile(warm.slice(0, fifth), 0.5), quantile(warm.slice(-fifth), 0.5)];
  return { from, to, grown: to - from };
}

const show = (growth: Growth | undefined): string =>
  growth === undefined ? '' : `${(growth.from / MIB).toFixed(1)} → ${(growth.to / MIB).toFixed(1)}`;

const render = ({ sent, accepted, refused, unknown }: FuzzFigures): string =>
  `${sent} requests (${accepted} accepted, ${refused} refused, ${unknown} cut off)`;
