/** Reading a command's arguments: a mistake is told in one line, with the usage. */

import { type ParseArgsConfig, parseArgs } from 'node:util';

export const DEFAULT_DATA = './baton-data';

type Options = NonNullable<ParseArgsConfig['options']>;

export type Arguments = {
  readonly positionals: readonly string[];
  text(name: string): string | null;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
};

/** The arguments, or null after the mistake has been told. */
export function readArguments(command: string, args: readonly string[], options: Options): Arguments | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const read = (name: string): unknown => (values as Readonly<Record<string, unknown>>)[name];
    return {
      positionals,
      text(name) {
        const value = read(name);
        return typeof value === 'string' ? value : null;
      },
      texts(name) {
        const value = read(name);
        return Array.isArray(value) ? value.map(String) : [];
      },
      flag: (name) => read(name) === true,
    };
  } catch (error) {
    complain(command, error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** A whole number from 0 to `max`, or null. */
export function readNumber(text: string, max: number): number | null {
  const number = Number(text);
  return /^\d+$/.test(text) && number <= max ? number : null;
}

export function complain(command: string, mistake: string): void {
  process.stderr.write(`baton ${command}: ${mistake}\nSee: baton help\n`);
}
