/** A server in a process of its own, for tests that kill it. */

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const MAIN = path.resolve(import.meta.dirname, '../main.ts');

export type ServerProcess = {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it printed when it listened. */
  readonly printed: string;
  /** Ends it with a signal and answers when it is gone: its exit code, or null after a killing signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** What a `baton` command printed, and its exit code. */
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a command to its end. */
export async function runBaton(args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  };
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), ended]);
  return { code, stdout, stderr };
}

/**
 * Starts `baton serve` and answers when it listens.
 * @param options.maxFileKib a file that grows past it cannot be written to, as on a full disk
 */
export async function startServer(
  args: readonly string[],
  { maxFileKib = null, log = 'error' }: { readonly maxFileKib?: number | null; readonly log?: string } = {},
): Promise<ServerProcess> {
  const command = [process.execPath, MAIN, 'serve', '--port', '0', '--log', log, ...args];
  // The signal that the limit sends is ignored, so that a write fails in place of the process.
  const limit = `trap '' XFSZ; ulimit -f ${maxFileKib}; exec "$@"`;
  const [file = '', ...rest] = maxFileKib === null ? command : ['bash', '-c', limit, 'bash', ...command];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', log === 'silent' ? 'ignore' : 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    const url = /listens on (\S+)/.exec(printed)?.[1];
    if (url === undefined) continue;
    return {
      url,
      child,
      printed,
      end(signal) {
        child.kill(signal);
        return ended;
      },
    };
  }
  throw new Error(`the server ended with ${await ended} before it listened: ${printed}`);
}
