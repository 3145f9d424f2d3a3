/** `baton serve` */

import {
  BadKey,
  BadWorld,
  KEY_VARIABLE,
  LOG_LEVELS,
  logObserver,
  parseRange,
  type ServeOptions,
  serve,
} from '../serve.ts';
import { WrongKey } from '../store/vault.ts';
import { type Arguments, complain, DEFAULT_DATA, readArguments, readNumber } from './arguments.ts';
import { plural } from './usage.ts';

const DEFAULT_PORT = 4_000;
/** Highest port. */
export const MAX_PORT = 65_535;
/** Highest `--rate-limit`, in calls a second. */
export const MAX_RATE_LIMIT = 1_000_000;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  world: { type: 'string' },
  sandbox: { type: 'boolean' },
  log: { type: 'string' },
  allow: { type: 'string', multiple: true },
  'key-file': { type: 'string' },
  'public-url': { type: 'string' },
  'rate-limit': { type: 'string' },
  'metrics-open': { type: 'boolean' },
} as const;

export async function serveCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('serve', args, OPTIONS);
  if (read === null) return 2;
  const options = readOptions(read);
  if (typeof options === 'string') {
    complain('serve', options);
    return 2;
  }
  const stopped = stopSignal();
  try {
    const served = await serve(options);
    // At once: whoever reads may not go on reading after the address.
    process.stdout.write(
      `Baton listens on ${served.url}${options.sandbox ? ' (sandbox)' : ''}\n${findingsLine(served.findings, read.text('data'))}`,
    );
    await stopped;
    await served[Symbol.asyncDispose]();
    return 0;
  } catch (error) {
    if (!tellMistake(error)) throw error;
    return 2;
  }
}

/** One line, or none: the sentences are for whoever asks. */
function findingsLine(
  { error, warning }: { readonly error: number; readonly warning: number },
  data: string | null,
): string {
  const counts = [plural(error, 'error'), plural(warning, 'warning')].filter((each) => each !== null);
  if (counts.length === 0) return '';
  const command = data === null ? 'baton check' : `baton check --data ${data}`;
  return `The configuration has ${counts.join(' and ')}: see ${command}\n`;
}

/** How the server is to be started, or what is wrong with the arguments. */
function readOptions(read: Arguments): ServeOptions | string {
  const [stray] = read.positionals;
  if (stray !== undefined) return `takes no argument ${JSON.stringify(stray)}`;
  const port = readNumber(read.text('port') ?? String(DEFAULT_PORT), MAX_PORT);
  if (port === null) return `--port must be a number from 0 to ${MAX_PORT}`;
  const limit = read.text('rate-limit');
  const rateLimit = limit === null ? null : readNumber(limit, MAX_RATE_LIMIT);
  if (limit !== null && rateLimit === null) {
    return `--rate-limit must be a number of calls a second, from 0 to ${MAX_RATE_LIMIT}`;
  }
  const level = LOG_LEVELS.find((each) => each === (read.text('log') ?? 'info'));
  if (level === undefined) return `--log must be one of ${LOG_LEVELS.join(', ')}`;
  const ranges = read.texts('allow').map((text) => parseRange(text));
  const allowedRanges = ranges.filter((range) => range !== null);
  if (allowedRanges.length < ranges.length) return '--allow must be a range of addresses such as 10.0.0.0/8';
  const publicUrl = read.text('public-url');
  if (publicUrl !== null && !isAddress(publicUrl)) {
    return '--public-url must be an http or https address such as https://baton.example.org';
  }
  const sandbox = read.flag('sandbox');
  return {
    port,
    host: read.text('host') ?? (sandbox ? '127.0.0.1' : '0.0.0.0'),
    data: read.text('data') ?? DEFAULT_DATA,
    world: read.text('world'),
    sandbox,
    allowedRanges,
    ...(publicUrl === null ? {} : { publicUrl: publicUrl.replace(/\/+$/, '') }),
    key: { keyFile: read.text('key-file'), variable: process.env[KEY_VARIABLE] },
    rateLimit,
    metricsOpen: read.flag('metrics-open'),
    observer: logObserver(level),
  };
}

/** Tells what the server was given that it cannot start with; false: it is not that. */
function tellMistake(error: unknown): boolean {
  if (error instanceof BadKey || error instanceof WrongKey) {
    process.stderr.write(`baton serve: ${error.message}\n`);
    return true;
  }
  if (!(error instanceof BadWorld)) return false;
  for (const { path, message } of error.problems) {
    process.stderr.write(`${error.file}: ${path} ${message}\n`);
  }
  return true;
}

/** An address with nothing behind its path. */
const isAddress = (text: string): boolean => /^https?:\/\/[^?#\s]+$/i.test(text) && URL.canParse(text);

/** Answers at SIGINT or SIGTERM. A second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
      resolve();
    };
    for (const signal of STOP_SIGNALS) process.on(signal, stop);
  });
}
