/**
 * Every limit of docs/reference/limits.md is reached by a test. Such a test bears `[limit MAX_X]` at the head of its
 * title and works with the constant itself, imported from where it stands: a literal would go on reaching what the
 * limit once was.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { drawLimits } from '../../docs/draw.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['tests', 'src/testing'];
const THIS = path.relative(ROOT, import.meta.filename);

type Limit = { readonly name: string; readonly file: string };

const limits: readonly Limit[] = [
  ...drawLimits().matchAll(/^\| `(MAX_\w+)` \|.*\| `([\w/-]+\.ts)` \|$/gm),
].map(([, name = '', file = '']) => ({ name, file }));

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file)),
)
  .filter((file) => file !== THIS)
  .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));

/** A test that is run, from its title to where the next one begins. */
type Found = {
  readonly file: string;
  readonly text: string;
  readonly named: readonly string[];
  readonly body: string;
};

const TITLE = /\b(?:test|check)\(\s*[`']((?:\[limit MAX_\w+\] ?)+)/g;
const NEXT = /\n\s*(?:for \(.*\n\s*)?(?:test|check)\(/;

const found: readonly Found[] = files.flatMap(({ file, text }) =>
  [...text.matchAll(TITLE)].map((match) => {
    const [whole, marks = ''] = match;
    const rest = text.slice(match.index + whole.length);
    const named = [...marks.matchAll(/MAX_\w+/g)].map(([name]) => name);
    return { file, text, named, body: rest.split(NEXT)[0] ?? '' };
  }),
);

/** Whether a file imports a name from a file of src. */
function imports({ file, text }: Found, { name, file: source }: Limit): boolean {
  const pattern = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '([^']+)'`);
  const target = pattern.exec(text)?.[1];
  return target !== undefined && path.join(path.dirname(file), target) === path.join('src', source);
}

/** What a test does, without the words of its title and comments. */
const workOf = ({ body }: Found): string =>
  body.slice(body.search(/[`'],/)).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('a limit has a name of its own', () => {
  assert.ok(limits.length > 50, `only ${limits.length} limits found: the reader is broken`);
  const twice = limits.filter(({ name }, index) => limits.findIndex((each) => each.name === name) !== index);
  assert.deepEqual(twice, []);
});

test('every limit of the manual is reached by a test that bears its name and works with it', () => {
  const unreached = limits.filter(
    (limit) =>
      !found.some(
        (each) =>
          each.named.includes(limit.name) &&
          imports(each, limit) &&
          new RegExp(`\\b${limit.name}\\b`).test(workOf(each)),
      ),
  );
  assert.deepEqual(
    unreached.map(({ name, file }) => `${name} of ${file}`),
    [],
  );
});

test('no title names a limit that there is not', () => {
  const names = new Set(limits.map(({ name }) => name));
  const unknown = files.flatMap(({ file, text }) =>
    [...text.matchAll(/\[limit (MAX_\w+)\]/g)]
      .filter(([, name = '']) => !names.has(name))
      .map(([mark]) => `${file}: ${mark}`),
  );
  assert.deepEqual(unknown, []);
});
