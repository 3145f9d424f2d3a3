/** What apps save: what becomes of it when the disk refuses, and how much a page may have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSavedAttachments } from '../../src/runtime/attachments.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { NotWritten } from '../../src/runtime/overloaded.ts';
import { MAX_PAGE_ATTACHMENTS, MAX_PAGE_FILE_BYTES } from '../../src/runtime/quota.ts';
import { ATTACHMENT_KEPT_MS, type Attachments, type SavedAttachment } from '../../src/store/attachments.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { ALL, BOT, OTHER_PAGE, PAGE, START } from '../../src/testing/store-suite/world.ts';

const FILE = {
  kind: 'file',
  filename: 'a.png',
  contentType: 'image/png',
  bytes: Buffer.from('meow'),
} as const;
const SAVING = { page: PAGE, app: BOT, type: 'image', from: FILE };
const ADDRESS = { ...SAVING, from: { kind: 'address', url: 'https://example.org/a.png' } as const };

/** Saved attachments over files that fail where `full` says so. */
function open(change: (rows: Attachments) => Partial<Attachments> = () => ({})) {
  const clock = simulatedClock(START);
  const { attachments: sound } = createMemoryStore({ now: clock.now });
  const rows = { ...sound, ...change(sound) };
  const state = { full: false };
  const names = new Set<string>();
  const files = {
    async save(name: string) {
      names.add(name);
      if (state.full) throw new Error('a file could not be written: ENOSPC');
    },
    open: async () => {
      throw new Error('a file could not be read: EIO');
    },
    remove: async (name: string) => void names.delete(name),
  };
  const faults: unknown[] = [];
  const observer = { fault: (_where: string, error: unknown) => void faults.push(error) };
  const attachments = createSavedAttachments({ store: { attachments: rows }, files, clock, observer });
  const left = () => sound.old(START, { after: null, limit: ALL });
  return { attachments, clock, rows: sound, state, names, faults, left };
}

const keyOf = (saved: SavedAttachment | null): string => {
  assert.ok(saved?.from.kind === 'file');
  return saved.from.key;
};

test('a file for which there is no room leaves nothing behind, and the fault names its id and not its file', async () => {
  const { attachments, state, names, left } = open();
  const kept = await attachments.save(SAVING);
  state.full = true;
  const seen: unknown[] = [];
  await assert.rejects(attachments.save(SAVING), (error: unknown) => {
    seen.push(error);
    return error instanceof NotWritten;
  });
  assert.deepEqual([...names], [keyOf(kept)]);
  assert.deepEqual(await left(), [kept]);
  const [fault] = seen;
  assert.ok(fault instanceof Error && fault.cause instanceof Error);
  assert.match(fault.cause.message, /^attachment 8[0-9]{14} was not saved$/);
});

test('a row for which there is no room saves no file', async () => {
  const { attachments, names } = open(() => ({ save: () => Promise.reject(new Error('disk is full')) }));
  await assert.rejects(attachments.save(SAVING), NotWritten);
  assert.deepEqual([...names], []);
});

test('a file that cannot be read is told of by its id', async () => {
  const { attachments } = open();
  const saved = await attachments.save(SAVING);
  await assert.rejects(
    attachments.open(keyOf(saved)),
    new RegExp(`^Error: attachment ${saved?.id} cannot be read$`),
  );
});

test('[limit MAX_PAGE_ATTACHMENTS] a page saves so many, and one more when one has gone', async () => {
  const { attachments, rows, clock } = open();
  const from = ADDRESS.from;
  for (let index = 0; index < MAX_PAGE_ATTACHMENTS - 1; index++) {
    await rows.save({ id: String(index), page: PAGE, app: BOT, type: 'image', from, savedAt: START + index });
  }
  const last = await attachments.save(ADDRESS);
  assert.ok(last !== null);
  assert.equal(await attachments.save(ADDRESS), null);
  assert.notEqual(await attachments.save({ ...ADDRESS, page: OTHER_PAGE }), null);
  await attachments.discard(last);
  assert.notEqual(await attachments.save(ADDRESS), null);
  assert.equal(await attachments.save(ADDRESS), null);
  clock.advance(ATTACHMENT_KEPT_MS);
  await attachments.forget({ after: null, limit: 1 });
  assert.notEqual(await attachments.save(ADDRESS), null);
  assert.equal(await attachments.save(ADDRESS), null);
});

test('[limit MAX_PAGE_FILE_BYTES] a page has so many bytes of files, however few they are', async () => {
  const { attachments, rows, state } = open();
  const size = MAX_PAGE_FILE_BYTES - FILE.bytes.length;
  const from = { kind: 'file', key: 'k', filename: 'a', contentType: 'image/png', size } as const;
  await rows.save({ id: '1', page: PAGE, app: BOT, type: 'file', from, savedAt: START });
  state.full = true;
  await assert.rejects(attachments.save(SAVING), NotWritten, 'what fails takes no room');
  state.full = false;
  const all = await Promise.all([attachments.save(SAVING), attachments.save(SAVING)]);
  assert.equal(all.filter((saved) => saved !== null).length, 1);
  assert.notEqual(await attachments.save(ADDRESS), null, 'an address has no bytes');
});

test('a count that fails is made anew', async () => {
  let isBroken = true;
  const { attachments } = open((sound) => ({
    usage: () => (isBroken ? Promise.reject(new Error('broken')) : sound.usage()),
  }));
  await assert.rejects(attachments.save(SAVING), /broken/);
  isBroken = false;
  assert.notEqual(await attachments.save(SAVING), null);
});
