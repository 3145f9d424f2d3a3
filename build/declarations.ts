/**
 * Takes the declarations away that nobody can come to: the compiler writes one for every module, and a program that uses
 * the package reads those of its entries and what they lead to. They were a fifth of the tarball.
 */

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const DIST = path.join(ROOT, 'dist');
const ENDING = '.d.ts';

type Entry = string | { readonly types?: string };

const { exports: entries } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, Entry>>;
};
const wanted = new Set<string>();
for (const entry of Object.values(entries)) {
  if (typeof entry !== 'string' && entry.types !== undefined) want(path.join(ROOT, entry.types));
}

const unwanted = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith(ENDING))
  .map((file) => path.join(DIST, file))
  .filter((file) => !wanted.has(file));
for (const file of unwanted) rmSync(file);

/** A declaration, and what it names. One that is not there is an error: the package would not compile. */
function want(file: string): void {
  if (wanted.has(file)) return;
  wanted.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, target = ''] of text.matchAll(/(?:\bfrom |\bimport\()['"](\.[^'"]+)['"]/g)) {
    want(path.join(path.dirname(file), target.replace(/\.[jt]s$/, ENDING)));
  }
}
