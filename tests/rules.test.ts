/** Every rule of docs/rules.md is proven by a test that names it, and no test names a rule that is not there. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '..');
/** The groups of which every rule must be proven already. */
const PROVEN_GROUPS = ['C', 'I', 'P', 'X', 'E', 'M', 'B', 'S', 'A', 'H', 'W', 'U', 'K', 'R'];

/** Rules of these groups that are not proven yet, and why. */
const LATER: Readonly<Record<string, string>> = {};

const rules: readonly string[] = [
  ...readFileSync(path.join(ROOT, 'docs/rules.md'), 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\* \S/gm),
].map((match) => match[1] ?? '');

const filesOf = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => path.join(folder, file));

/**
 * Rule ids in the brackets with which the titles of a source's tests begin, as in `[C7] …` or `[C7, W9] …`. A test
 * that is skipped, or still to be written, proves nothing.
 */
function namedIn(source: string): readonly string[] {
  const code = source.replace(/^\s*\/\/.*$/gm, '');
  const titles = code.matchAll(/\b(?:test|it|describe|suite)\(\s*(['"`])\[([^\]]+)\]/g);
  return [...titles].flatMap(([, , ids = '']) => ids.match(/\b[A-Z]\d+\b/g) ?? []);
}

const proofs = new Map<string, string[]>();
const sources = [...filesOf('tests', /\.test\.ts$/), ...filesOf('src/testing', /^store-suite\b.*\.ts$/)];
for (const file of sources.filter((each) => path.join(ROOT, each) !== import.meta.filename)) {
  for (const id of namedIn(readFileSync(path.join(ROOT, file), 'utf8'))) {
    proofs.set(id, [...(proofs.get(id) ?? []), file]);
  }
}

test('the manual has every rule once, in groups and without gaps', () => {
  assert.equal(new Set(rules).size, rules.length);
  const last: Readonly<Record<string, number>> = {
    C: 20,
    I: 5,
    P: 7,
    X: 7,
    E: 3,
    M: 6,
    B: 4,
    S: 4,
    A: 6,
    H: 3,
    W: 9,
    U: 3,
    K: 6,
    R: 12,
  };
  const expected = Object.entries(last).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
  );
  assert.deepEqual(rules, expected);
});

test(`every rule of the groups ${PROVEN_GROUPS.join(', ')} is proven by a test that names it`, () => {
  const unproven = rules.filter((id) => PROVEN_GROUPS.includes(id.charAt(0)) && !proofs.has(id));
  assert.deepEqual(
    unproven,
    Object.keys(LATER),
    'proven rules are taken off LATER, unproven ones are proven',
  );
});

test('no test names a rule that the manual lacks', () => {
  const unknown = [...proofs].filter(([id]) => !rules.includes(id));
  assert.deepEqual(unknown, []);
});

test('titles are read as they are written', () => {
  const proof = `test('[C1] one'); it("[C2, W9] two"); test(\n \`[P3 B1] three \${3}\`);`;
  assert.deepEqual(namedIn(proof), ['C1', 'C2', 'W9', 'P3', 'B1']);
  assert.deepEqual(namedIn(`test('four [X1]'); [C9]; test.skip('[C3] no'); test.todo('[C4] no')`), []);
  assert.deepEqual(namedIn(` // test('[C5] no')`), []);
});
