/** `node bench/profile.ts FILE …`: where the time of a processor profile went, by function and by folder. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };

const FUNCTIONS = 25;
const FOLDERS = 15;
const ROOT = path.resolve(import.meta.dirname, '..');

for (const file of process.argv.slice(2)) {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const busy = selfTimes(profile).filter(({ frame }) => frame.functionName !== '(idle)');
  const total = busy.reduce((sum, { us }) => sum + us, 0);
  process.stdout.write(`${file}: ${(total / 1_000_000).toFixed(1)} s of work\n`);
  print(sumBy(busy, nameOf), total, FUNCTIONS);
  print(sumBy(busy, folderOf), total, FOLDERS);
}

type SelfTime = { readonly frame: Frame; readonly us: number };

function selfTimes({ nodes, samples, timeDeltas }: Profile): readonly SelfTime[] {
  const spent = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    spent.set(id, (spent.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return nodes.map(({ id, callFrame }) => ({ frame: callFrame, us: spent.get(id) ?? 0 }));
}

function sumBy(times: readonly SelfTime[], name: (frame: Frame) => string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { frame, us } of times) sums.set(name(frame), (sums.get(name(frame)) ?? 0) + us);
  return sums;
}

function print(sums: ReadonlyMap<string, number>, total: number, limit: number): void {
  const sorted = [...sums].toSorted(([, one], [, other]) => other - one).slice(0, limit);
  for (const [name, us] of sorted) {
    process.stdout.write(`${((us / total) * 100).toFixed(1).padStart(6)} %  ${name}\n`);
  }
  process.stdout.write('\n');
}

function fileOf({ url }: Frame): string {
  if (!url.startsWith('file:')) return url;
  return path.relative(ROOT, fileURLToPath(url)).replace(/^.*node_modules\//, '');
}

function nameOf(frame: Frame): string {
  const line = frame.url === '' ? '' : `:${frame.lineNumber + 1}`;
  return `${frame.functionName || '(anonymous)'} ${fileOf(frame)}${line}`;
}

/** `src/store`, `fastify`, `node:internal/streams` …; what has no file is the engine's own. */
function folderOf(frame: Frame): string {
  const file = fileOf(frame);
  if (file === '') return frame.functionName.startsWith('(') ? frame.functionName : '(native)';
  return file.startsWith('src/') ? file.split('/').slice(0, 3).join('/') : (file.split('/')[0] ?? file);
}
