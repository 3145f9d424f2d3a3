/** Sealing, keys, and secrets of which two are good for a while. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateSecret, secretsOf } from '../../src/runtime/secrets.ts';
import { derivePageToken, hashToken, newToken } from '../../src/runtime/tokens.ts';
import { createVault, newKeyText, parseKey } from '../../src/runtime/vault.ts';
import type { AppRecord } from '../../src/store/config.ts';
import { ODD, ROWS } from '../../src/testing/store-suite/rows.ts';

const vault = createVault(Buffer.alloc(32, 1));
const other = createVault(Buffer.alloc(32, 2));

test('what was sealed is opened with its key and at its place only, and never looks the same twice', () => {
  for (const text of ['', 'secret', ODD, '\ud800']) {
    const sealed = vault.seal(text, 'app/1');
    assert.equal(vault.open(sealed, 'app/1'), text);
    assert.notEqual(vault.seal(text, 'app/1'), sealed);
    assert.throws(() => vault.open(sealed, 'app/2'), /altered/);
    assert.throws(() => other.open(sealed, 'app/1'), /another key/);
  }
  assert.notEqual(vault.keyId, other.keyId);
});

test('a sealed value that was altered anywhere is not opened', () => {
  const sealed = vault.seal('secret', 'app/1');
  const start = sealed.lastIndexOf(':') + 1;
  for (let at = start; at < sealed.length; at++) {
    const letter = sealed[at] === 'A' ? 'Q' : 'A';
    const altered = `${sealed.slice(0, at)}${letter}${sealed.slice(at + 1)}`;
    const isSame = Buffer.from(altered.slice(start), 'base64url').equals(
      Buffer.from(sealed.slice(start), 'base64url'),
    );
    if (!isSame) assert.throws(() => vault.open(altered, 'app/1'), /altered/, String(at));
  }
  assert.throws(() => vault.open(sealed.slice(0, start + 10), 'app/1'), /altered/);
});

test('a key is 32 bytes in base64 of either alphabet or in hex, and nothing else', () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
  for (const text of [key.toString('base64'), key.toString('base64url'), key.toString('hex')]) {
    assert.deepEqual(parseKey(`${text}\n`), key);
  }
  assert.equal(parseKey(newKeyText())?.length, 32);
  for (const text of ['', 'x', key.toString('hex').slice(2), `${key.toString('base64')}AA`, 'é'.repeat(43)]) {
    assert.equal(parseKey(text), null, text);
  }
});

test('[A5] a Page token follows from the user token and what it is for, and tells nothing of it', () => {
  const user = newToken();
  const of = { app: '1', page: '2', person: '3', version: 0 };
  const token = derivePageToken(user, of);
  assert.equal(derivePageToken(user, of), token);
  const others = [
    derivePageToken(newToken(), of),
    ...(['app', 'page', 'person'] as const).map((key) => derivePageToken(user, { ...of, [key]: '9' })),
    derivePageToken(user, { ...of, version: 1 }),
    derivePageToken(hashToken(user), of),
  ];
  assert.equal(new Set([token, ...others]).size, 7);
  assert.match(token, /^[\w-]{40,}$/);
});

test('the secret before is good until the very millisecond at which its grace ends', () => {
  const app = ROWS.app.bare.value as AppRecord;
  const rotated = rotateSecret({ ...app, secret: 'old' }, { secret: 'new', now: 1_000, graceMs: 500 });
  assert.deepEqual(secretsOf(rotated, 1_499), ['new', 'old']);
  assert.deepEqual(secretsOf(rotated, 1_500), ['new']);
  assert.deepEqual(secretsOf(rotateSecret(rotated, { secret: 'third', now: 1_100, graceMs: 500 }), 1_200), [
    'third',
    'new',
  ]);
  assert.deepEqual(secretsOf(rotateSecret(rotated, { secret: 'third', now: 1_100, graceMs: 0 }), 1_100), [
    'third',
  ]);
});
