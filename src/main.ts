#!/usr/bin/env node
/** The `baton` command: picks the command and answers with its exit code. */

import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { COMMANDS, helpOf } from './cli/commands.ts';

// What Node has made of the modules is kept beside them: from the second start on it is sooner, and takes a fifth less
// memory. Where nothing can be written there, nothing is kept.
enableCompileCache(path.join(import.meta.dirname, '../node_modules/.cache/baton'));

const HELP: readonly string[] = ['--help', '-h'];
const [name = 'help', ...args] = process.argv.slice(2);
const command = COMMANDS.get(name);

if (name === 'help' || HELP.includes(name)) {
  process.stdout.write(helpOf(args[0] ?? ''));
} else if (command === undefined) {
  process.stderr.write(`baton: there is no command ${JSON.stringify(name)}\nSee: baton help\n`);
  process.exitCode = 2;
} else if (args.some((each) => HELP.includes(each))) {
  process.stdout.write(helpOf(name));
} else {
  try {
    process.exitCode = await command(args);
  } catch (error) {
    process.stderr.write(`baton ${name}: ${describe(error)}
`);
    process.exitCode = 1;
  }
}

/** What went wrong and what caused it; where in the code only when `BATON_TRACE` is set. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env['BATON_TRACE'] !== undefined) return error.stack ?? error.message;
  const cause = error.cause === undefined ? '' : describe(error.cause);
  // Some errors name their cause themselves.
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
