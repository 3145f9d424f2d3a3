/** What a command says when it is called wrongly, and how it speaks to its server. */

import { type Arguments, complain, DEFAULT_DATA, readArguments } from './arguments.ts';
import { ask, type Method } from './operator.ts';

/** Tells the mistake; answers the exit code of a wrong call. */
export function usage(command: string, mistake: string): number {
  complain(command, mistake);
  return 2;
}

export type Called = {
  readonly read: Arguments;
  /** The arguments that are no options, as many as were asked for. */
  readonly names: readonly string[];
  ask(method: Method, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>>;
};

/** An instant as people read it. */
export const when = (at: number): string => new Date(at).toISOString();

/** So many of something, or null for none. */
export const plural = (count: number, word: string): string | null =>
  count === 0 ? null : `${count} ${word}${count === 1 ? '' : 's'}`;

type Options = Parameters<typeof readArguments>[2];

/** Reads the arguments of a command that speaks to a server; null after a mistake has been told. */
export function readCall(
  command: string,
  args: readonly string[],
  { takes, options = {} }: { readonly takes: readonly string[]; readonly options?: Options },
): Called | null {
  const read = readArguments(command, args, { data: { type: 'string' }, ...options });
  if (read === null) return null;
  if (read.positionals.length !== takes.length) {
    complain(command, takes.length === 0 ? 'takes no argument' : `takes ${takes.join(' and ')}`);
    return null;
  }
  const data = read.text('data') ?? DEFAULT_DATA;
  return {
    read,
    names: read.positionals.map(encodeURIComponent),
    ask: (method, path, body) => ask(data, { method, path, ...(body === undefined ? {} : { body }) }),
  };
}

/** The texts of an option that may be given several times, each with commas in between. */
export const listOf = (read: Arguments, name: string): readonly string[] =>
  read
    .texts(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
