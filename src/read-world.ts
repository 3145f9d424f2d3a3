/** Reading a world file: what is wrong with it is told all at once. */

import { readFileSync } from 'node:fs';
import { readWorld, type WorldText } from './runtime/world/load.ts';
import type { WorldProblem } from './runtime/world/reader.ts';

/** A world file that cannot be loaded; nothing has been. */
export class BadWorld extends Error {
  readonly file: string;
  readonly problems: readonly WorldProblem[];

  constructor(file: string, problems: readonly WorldProblem[]) {
    super(`${file}: ${problems.length} problem(s)`);
    this.name = 'BadWorld';
    this.file = file;
    this.problems = problems;
  }
}

/** The world in a file; throws `BadWorld`. */
export function readWorldFile(file: string, sandbox: boolean): WorldText {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BadWorld(file, [{ path: '$', message: `cannot be read: ${message}` }]);
  }
  const read = readWorld(text, { sandbox });
  if (!read.ok) throw new BadWorld(file, read.problems);
  return read.world;
}
