/** The manual's table of the world file names every key that is read, and no other. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDER = path.join(ROOT, 'src/runtime/world');

/** The keys that the parser asks its readers for. */
function readKeys(): readonly string[] {
  const sources = readdirSync(FOLDER).filter((file) => file.startsWith('parse'));
  const keys = sources.flatMap((file) => {
    const code = readFileSync(path.join(FOLDER, file), 'utf8');
    const asked = /(?:\b(?:reader|item|root)\.\w+\(\s*|\(\s*(?:reader|item),\s*)'(\w+)'/g;
    return [...code.matchAll(asked)].map(([, key = '']) => key);
  });
  return [...new Set(keys)].toSorted();
}

test('the manual lists every key of the world file, and no other', () => {
  const manual = readFileSync(path.join(ROOT, 'docs/reference/world.md'), 'utf8');
  const cells = [...manual.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const named = cells.flatMap((cell) => [...cell.matchAll(/(\w+)`/g)].map(([, key = '']) => key));
  const keys = readKeys();
  assert.ok(keys.length > 30, `only ${keys.length} keys found: the reader is broken`);
  assert.deepEqual([...new Set(named)].toSorted(), keys);
});
