/** The floors of docs/ARCHITECTURE.md: a folder imports only what its row names, and nothing flows back up. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '..');
const MAX_LINES = 300;
const SMALL = ['node:crypto', 'node:path', 'node:fs'];

/** Folder (or single file) under `src/` → what its files may import: floors, packages, `node:` modules. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  wire: ['protocol', 'node:crypto'],
  store: ['protocol', 'node:sqlite', 'node:path', 'node:fs', 'pg'],
  runtime: [
    'protocol',
    'store/port.ts',
    'store/config.ts',
    'store/access.ts',
    'store/vault.ts',
    'store/attachments.ts',
    'store/told.ts',
    'store/era.ts',
    'node:crypto',
    'node:util',
    'observe/observer.ts',
    'observe/spans.ts',
  ],
  delivery: [
    'protocol',
    'wire',
    'store/port.ts',
    'store/buckets.ts',
    'store/config.ts',
    'runtime/clock.ts',
    'runtime/directory.ts',
    'runtime/ports.ts',
    'observe/observer.ts',
    'observe/spans.ts',
    'node:crypto',
    'node:dns',
    'node:net',
    'undici',
    'ipaddr.js',
  ],
  http: [
    'protocol',
    'wire',
    'runtime',
    'store/port.ts',
    'store/attachments.ts',
    'store/config.ts',
    'store/access.ts',
    'observe/observer.ts',
    'observe/spans.ts',
    'node:crypto',
    'fastify',
    '@fastify/swagger',
    '@fastify/swagger-ui',
  ],
  observe: ['pino', 'prom-client', '@opentelemetry/api', 'node:async_hooks', 'protocol'],
  sdk: ['protocol', 'wire'],
  cli: [
    'sdk',
    'serve.ts',
    'read-thread.ts',
    'check-configuration.ts',
    'erase-customer.ts',
    'rekey.ts',
    'take-backup.ts',
    'restore-backup.ts',
    'store',
    'node:util',
    ...SMALL,
  ],
  testing: [
    'protocol',
    'wire',
    'store',
    'runtime',
    'delivery',
    'http',
    'observe',
    'sdk',
    'serve.ts',
    'node:',
    'undici',
    'fastify',
    'fast-check',
  ],
  'serve.ts': [
    'read-world.ts',
    'vault-key.ts',
    'readings.ts',
    'protocol',
    'wire',
    'store',
    'runtime',
    'delivery',
    'http',
    'observe',
    'node:',
  ],
  'readings.ts': ['runtime', 'delivery', 'observe'],
  'vault-key.ts': ['runtime/vault.ts', 'store', 'node:fs', 'node:path'],
  'rekey.ts': ['store', 'vault-key.ts'],
  'read-thread.ts': ['protocol', 'runtime', 'store'],
  'read-world.ts': ['runtime', 'node:fs'],
  'check-configuration.ts': ['read-world.ts', 'delivery', 'runtime', 'store'],
  'backup-file.ts': ['store', 'node:crypto', 'node:fs'],
  'backup-attachments.ts': ['backup-file.ts', ...SMALL],
  'take-backup.ts': ['store', 'backup-file.ts', 'backup-attachments.ts', 'node:path', 'node:fs'],
  'restore-backup.ts': ['store', 'backup-file.ts', 'backup-attachments.ts', ...SMALL],
  'erase-customer.ts': ['protocol', 'runtime', 'store', 'node:fs'],
  'main.ts': [
    'protocol',
    'wire',
    'store',
    'runtime',
    'delivery',
    'http',
    'observe',
    'cli',
    'serve.ts',
    'node:',
  ],
};

type Import = { readonly file: string; readonly target: string };

function sources(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.join(folder, file));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm;
  return [...code.matchAll(pattern)].map((match) => ({ file, target: match[1] ?? '' }));
}

/** The floor of a file under `src/`, and where an import leads: `floor/rest`, a package or a `node:` module. */
const floorOf = (file: string): string => path.relative('src', file).split(path.sep)[0] ?? '';
const destination = ({ file, target }: Import): string =>
  target.startsWith('.') ? path.relative('src', path.join(path.dirname(file), target)) : target;

function isAllowed(edge: Import): boolean {
  const from = floorOf(edge.file);
  const to = destination(edge);
  if (to.split('/')[0] === from) return true;
  return (FLOORS[from] ?? []).some((allowed) =>
    allowed === 'node:' ? to.startsWith('node:') : to === allowed || to.startsWith(`${allowed}/`),
  );
}

test('every folder of src has a row', () => {
  const unknown = sources('src')
    .map(floorOf)
    .filter((floor) => !(floor in FLOORS));
  assert.deepEqual([...new Set(unknown)], []);
});

test('no folder imports what its row does not name', () => {
  const edges = sources('src').flatMap(importsOf);
  assert.ok(edges.length > 50, `only ${edges.length} imports found: the reader is broken`);
  const broken = edges
    .filter((edge) => !isAllowed(edge))
    .map(({ file, target }) => `${file} imports ${target}`);
  assert.deepEqual(broken, []);
});

test('examples use nothing of the product', () => {
  const inside = sources('examples')
    .flatMap(importsOf)
    .filter(({ target }) => target.includes('src/'));
  assert.deepEqual(inside, []);
});

test(`no file of src passes ${MAX_LINES} lines`, () => {
  const lines = (file: string): number => readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1;
  const long = sources('src').filter((file) => lines(file) > MAX_LINES);
  assert.deepEqual(long, []);
});

test('the core reads no clock, no chance and waits for nothing', () => {
  const impure = /\bDate\b|\bMath\.random\b|\basync\b|\bawait\b|\bprocess\b|\bcrypto\b/;
  for (const file of sources('src/protocol')) {
    const code = readFileSync(path.join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    assert.doesNotMatch(code, impure, file);
  }
});

test("the sdk runs wherever fetch does: only types come from elsewhere, and nothing is Node's own", () => {
  for (const file of sources('src/sdk')) {
    const code = readFileSync(path.join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    for (const [statement] of code.matchAll(/^(?:import|export)[^;]*?from '\.\.\/[^;]*;/gm)) {
      assert.match(statement, /^(?:import|export) type /, file);
    }
    assert.doesNotMatch(code, /\bBuffer\b|\bprocess\b|\brequire\(|\bglobal\b|setImmediate/, file);
    // Not every browser has it.
    assert.doesNotMatch(code, /\b(?:await )?using \w+ =/, file);
  }
});
