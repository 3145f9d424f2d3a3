/** Folders for data, and how fast the disk under them is. */

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { quantile } from './statistics.ts';

const BLOCK_BYTES = 4_096;
const FLUSHES = 500;

export type Folder = AsyncDisposable & { readonly path: string };

/** A new folder that goes with its scope. */
export async function makeFolder(parent: string): Promise<Folder> {
  const made = await mkdtemp(path.join(parent, 'baton-bench-'));
  return { path: made, [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) };
}

export type Flushes = { readonly p50Ms: number; readonly p99Ms: number };

/** How long a flush of one appended block takes. */
export async function measureFlushes(parent: string): Promise<Flushes> {
  await using folder = await makeFolder(parent);
  const file = openSync(path.join(folder.path, 'flushes'), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const durations: number[] = [];
  for (let flush = 0; flush < FLUSHES; flush++) {
    writeSync(file, block);
    const startedAt = performance.now();
    fdatasyncSync(file);
    durations.push(performance.now() - startedAt);
  }
  closeSync(file);
  return { p50Ms: quantile(durations, 0.5), p99Ms: quantile(durations, 0.99) };
}
