/** The key that is made at the first start: its file is there whole or not at all, and one that is there stays. */

import assert from 'node:assert/strict';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { newKeyText } from '../../src/runtime/vault.ts';
import { openVault, readKeyFile } from '../../src/vault-key.ts';

function folderFor(t: TestContext): string {
  const data = mkdtempSync(path.join(tmpdir(), 'baton-key-'));
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    rmSync(data, { recursive: true, force: true });
  });
  return data;
}
const open = (data: string) => openVault({ data, keyFile: null, variable: undefined });

test('a key is made once, for its owner only, and leaves nothing else behind', (t) => {
  const data = folderFor(t);
  const first = open(data);
  assert.equal(open(data).vault.keyId, first.vault.keyId);
  assert.deepEqual(readdirSync(data), ['key']);
  assert.equal(statSync(path.join(data, 'key')).mode & 0o777, 0o600);
});

test('a key that did not reach the disk is no key, and the next start makes one', (t) => {
  const data = folderFor(t);
  t.mock.method(fs, 'fsyncSync', () => {
    throw new Error('no space left on device');
  });
  syncBuiltinESMExports();
  assert.throws(() => open(data), /no space left/);
  t.mock.restoreAll();
  syncBuiltinESMExports();
  assert.deepEqual(readdirSync(data), []);
  assert.equal(open(data).isBesideData, true);
});

test('of two that start at once both use the key of the faster one', (t) => {
  const data = folderFor(t);
  const file = path.join(data, 'key');
  const link = fs.linkSync;
  t.mock.method(fs, 'linkSync', (from: string, to: string) => {
    writeFileSync(to, `${newKeyText()}\n`);
    link(from, to);
  });
  syncBuiltinESMExports();
  const { vault } = open(data);
  assert.equal(vault.keyId, readKeyFile(file).keyId);
  assert.deepEqual(readdirSync(data), ['key']);
});

test('where the disk knows no links, the key gets its name all the same', (t) => {
  const data = folderFor(t);
  t.mock.method(fs, 'linkSync', () => {
    throw new Error('operation not permitted');
  });
  syncBuiltinESMExports();
  const { vault } = open(data);
  assert.equal(readFileSync(path.join(data, 'key'), 'utf8').length, 45);
  assert.equal(open(data).vault.keyId, vault.keyId);
  assert.deepEqual(readdirSync(data), ['key']);
});
