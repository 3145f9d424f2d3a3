/** On what it was measured. */

import { execFile } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Flushes } from './disk.ts';

const GIB = 1_024 ** 3;

export async function describeMachine({ p50Ms, p99Ms }: Flushes): Promise<string> {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown';
  return [
    `- ${new Date().toISOString().slice(0, 16)}Z, commit ${await commit()}`,
    `- ${processors.length} cores (${model}), ${(totalmem() / GIB).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}`,
    `- a flush of the disk (4 KiB appended, \`fdatasync\`): p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`,
  ].join('\n');
}

async function commit(): Promise<string> {
  try {
    const git = async (...args: string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('git', args, { cwd: import.meta.dirname });
      return stdout.trim();
    };
    const changed = (await git('status', '--porcelain', '../src')) !== '';
    return `${await git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
