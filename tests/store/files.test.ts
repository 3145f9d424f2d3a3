/** Uploaded files on the disk. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createFiles } from '../../src/store/files.ts';
import { temporaryFolder } from './temporary.ts';

async function contentOf(
  found: Awaited<ReturnType<ReturnType<typeof createFiles>['open']>>,
): Promise<string> {
  assert.ok(found !== null);
  const chunks: Buffer[] = [];
  for await (const chunk of found.content) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  assert.equal(bytes.length, found.size);
  return bytes.toString();
}

test('a file is whole or not there, and readable by its owner only', async () => {
  await using folder = await temporaryFolder();
  const place = folder.file('attachments');
  const files = createFiles(place);
  assert.equal(await files.open('a'), null);
  await files.save('a', Buffer.from('meow'));
  assert.equal(await contentOf(await files.open('a')), 'meow');
  assert.deepEqual(readdirSync(place), ['a']);
  assert.equal(statSync(path.join(place, 'a')).mode & 0o777, 0o600);
  assert.equal(statSync(place).mode & 0o777, 0o700);
});

test('what a crash left half written is no file, and goes with its name', async () => {
  await using folder = await temporaryFolder();
  const place = folder.file('attachments');
  const files = createFiles(place);
  await files.save('b', Buffer.from('b'));
  writeFileSync(path.join(place, 'a.part'), 'me');
  assert.equal(await files.open('a'), null);
  await files.remove('a');
  await files.remove('a');
  assert.deepEqual(readdirSync(place), ['b']);
  await files.remove('b');
  assert.equal(await files.open('b'), null);
});

test('a name never leads out of the folder', async () => {
  await using folder = await temporaryFolder();
  const files = createFiles(folder.file('attachments'));
  for (const name of ['', '.', '..', '../a', 'a/b', 'a\\b', 'a\u0000', 'a.part']) {
    await assert.rejects(files.open(name), /no name of a file/);
    await assert.rejects(files.save(name, Buffer.from('a')), /no name of a file/);
    await assert.rejects(files.remove(name), /no name of a file/);
  }
});

test('a file that cannot be written leaves nothing, and no fault tells a name', async () => {
  await using folder = await temporaryFolder();
  const place = folder.file('attachments');
  const files = createFiles(place);
  mkdirSync(path.join(place, 'secret-name', 'full'), { recursive: true });
  for (const [work, done] of [
    [() => files.save('secret-name', Buffer.from('meow')), 'written'],
    [() => files.remove('secret-name'), 'removed'],
    [() => files.save('a'.repeat(300), Buffer.from('meow')), 'written'],
    [() => files.open('a'.repeat(300)), 'read'],
  ] as const) {
    await assert.rejects(work(), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, new RegExp(`^a file could not be ${done}: E[A-Z_]+$`));
      assert.equal(error.cause, undefined);
      assert.ok(!String(error.stack).includes('secret-name'));
      return true;
    });
  }
  assert.deepEqual(readdirSync(place), ['secret-name']);
});
