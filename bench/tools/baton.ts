/** Our server, as `baton serve --sandbox` in a process of its own. */

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { World } from './world.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts');
const SLOW_DISK = new URL('slow-disk.ts', import.meta.url).href;
const WORLD_REFUSED = 2;

/** The disk as it is, or with 5 ms more in each commit; see slow-disk.ts. */
export type Disk = 'as it is' | 'blocks' | 'waits';

export type BatonOptions = {
  readonly data: string;
  /** Null: none. */
  readonly world: World | null;
  readonly disk?: Disk;
  /** A folder for a profile of the processor, or null. */
  readonly profile?: string | null;
};

export type Baton = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the line that says that it listens. */
  readonly startMs: number;
};

/** Starts it; null when it refuses its world, which is told on standard error. */
export async function tryBaton(options: BatonOptions): Promise<Baton | null> {
  const { data, world, disk = 'as it is', profile = null } = options;
  await mkdir(data, { recursive: true });
  const file = path.join(data, 'world.json');
  if (world !== null) await writeFile(file, JSON.stringify(world));
  const node = [
    ...(disk === 'as it is' ? [] : ['--import', `${SLOW_DISK}?${disk}`]),
    ...(profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
  ];
  const serve = ['serve', '--sandbox', '--port', '0', '--log', 'error', '--data', data];
  if (world !== null) serve.push('--world', file);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...node, MAIN, ...serve], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += String(chunk);
  });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    const url = /listens on (\S+)/.exec(printed)?.[1];
    if (url === undefined) continue;
    return {
      url,
      pid: child.pid ?? 0,
      startMs: performance.now() - startedAt,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM');
        await ended;
        if (complaint !== '') process.stderr.write(complaint);
      },
    };
  }
  const code = await ended;
  if (code === WORLD_REFUSED) return null;
  throw new Error(`the server ended with ${code} before it listened: ${printed}${complaint}`);
}

export async function startBaton(options: BatonOptions): Promise<Baton> {
  const baton = await tryBaton(options);
  if (baton === null) throw new Error('the server refused its world');
  return baton;
}
