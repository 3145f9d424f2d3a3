/** The limits of a world file: what is just within is read, one more is told by its path. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorld } from '../../src/runtime/world/load.ts';
import { MAX_BATCH, MAX_ENTRY_POINT_DAYS, MAX_RETENTION_DAYS } from '../../src/runtime/world/parse.ts';
import { MAX_WORLD_ITEMS, MAX_WORLD_TEXT } from '../../src/runtime/world/reader.ts';

const problemsOf = (world: unknown): readonly string[] => {
  const read = readWorld(JSON.stringify(world), { sandbox: true });
  return read.ok ? [] : read.problems.map(({ path }) => path);
};

/** `world(max)` is read, `world(max + 1)` is wrong at a path. */
function holds(max: number, world: (size: number) => unknown, path: string): void {
  assert.deepEqual(problemsOf(world(max)), []);
  assert.deepEqual(problemsOf(world(max + 1)), [path]);
}

const onePage = (more: object) => ({ pages: [{ id: '1001', name: 'A', ...more }] });

test(`[limit MAX_WORLD_TEXT] a text has up to ${MAX_WORLD_TEXT} characters, whatever they are`, () => {
  for (const character of ['x', '😀']) {
    holds(MAX_WORLD_TEXT, (size) => onePage({ name: character.repeat(size) }), '$.pages[0].name');
  }
});

test(`[limit MAX_WORLD_ITEMS] a list has up to ${MAX_WORLD_ITEMS} items`, () => {
  const world = (size: number) => ({
    people: Array.from({ length: size }, (_, index) => ({ id: String(index + 1), name: 'A' })),
  });
  holds(MAX_WORLD_ITEMS, world, '$.people');
});

test(`[limit MAX_BATCH] an app may want up to ${MAX_BATCH} events a request`, () => {
  const webhook = { callback_url: 'http://127.0.0.1:1/', verify_token: 'v', fields: ['messages'] };
  const world = (size: number) => ({
    apps: [{ id: '2001', name: 'B', webhook: { ...webhook, max_batch: size } }],
  });
  holds(MAX_BATCH, world, '$.apps[0].webhook.max_batch');
});

test(`[limit MAX_RETENTION_DAYS] texts are kept for up to ${MAX_RETENTION_DAYS} days`, () =>
  holds(MAX_RETENTION_DAYS, (size) => onePage({ retention_days: size }), '$.pages[0].retention_days'));

test(`[limit MAX_ENTRY_POINT_DAYS] [E1] control by an entry point lasts up to ${MAX_ENTRY_POINT_DAYS} days`, () => {
  const world = (size: number) => ({
    pages: [{ id: '1001', name: 'A', entry_points: [{ ad_id: '777', app: '2001', expiration_days: size }] }],
    apps: [{ id: '2001', name: 'B', pages: [{ id: '1001' }] }],
  });
  holds(MAX_ENTRY_POINT_DAYS, world, '$.pages[0].entry_points[0].expiration_days');
});
