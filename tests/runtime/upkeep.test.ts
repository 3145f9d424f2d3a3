/** The upkeep of the store: what goes, when, and how much of it at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Psid } from '../../src/protocol/ids.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import { createSavedAttachments } from '../../src/runtime/attachments.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import {
  ATTEMPTS_KEPT_MS,
  createUpkeep,
  ROUND_EVERY_MS,
  UNDELIVERED_KEPT_MS,
  UPKEEP_GROUP,
  UPKEEP_PAGES,
} from '../../src/runtime/upkeep.ts';
import { ATTACHMENT_KEPT_MS } from '../../src/store/attachments.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { IDEMPOTENCY_MS, type Store } from '../../src/store/port.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  change,
  fresh,
  PAGE,
  page,
  pageRecord,
  psid,
  START,
  said,
  sent,
  write,
} from '../../src/testing/store-suite/world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };

/** A store with pages that keep texts for so many days, one of them `PAGE`, and its upkeep. */
async function open(
  days: readonly (number | null)[],
  breaking: (store: Store) => Partial<Store> = () => ({}),
) {
  const clock = simulatedClock(START);
  const store = createMemoryStore({ now: clock.now });
  const pages = days.map((retentionDays, index) =>
    pageRecord(page(String(1_001 + index)), { retentionDays }),
  );
  await store.changeConfig(change(0, { put: pages.map((value) => ({ kind: 'page', value })) }));
  const looked: { readonly page: string; readonly limit: number }[] = [];
  const counting: Store = {
    ...store,
    blankTexts(id, range) {
      looked.push({ page: id, limit: range.limit });
      return store.blankTexts(id, range);
    },
  };
  const configuration = await openConfiguration(store);
  const removed: string[] = [];
  const stuck = new Set<string>();
  const files = {
    save: async () => undefined,
    open: async () => null,
    async remove(name: string) {
      if (stuck.has(name)) throw new Error('a file could not be removed: EACCES');
      removed.push(name);
    },
  };
  const faults: unknown[] = [];
  const fault = (where: string, error: unknown, fields = {}) =>
    void faults.push({ where, message: error instanceof Error ? error.message : '', ...fields });
  const observer = { fault };
  const attachments = createSavedAttachments({ store, files, clock, observer });
  const broken = { ...counting, ...breaking(counting) };
  const upkeep = createUpkeep({ store: broken, configuration, clock, attachments, observer });
  const texts = async (customer: Psid = CUSTOMER, id = PAGE): Promise<number> => {
    const events = await store.events({ page: id, psid: customer }, { after: 0, limit: ALL });
    return events.filter(({ event }) => JSON.stringify(event).includes('hello')).length;
  };
  return { clock, store, upkeep, texts, looked, attachments, removed, stuck, faults };
}

const many = (count: number, name = 'm') =>
  Array.from({ length: count }, (_, index) => ({ event: said(`${name}${index}`) }));

test('texts go when they are older than their page keeps them, and those of other pages stay', async () => {
  const { clock, store, upkeep, texts } = await open([2, 3, null]);
  const others = [page('1002'), page('1003')];
  await write(store, add(fresh(), many(3)));
  for (const id of others) await write(store, add(fresh(CUSTOMER, id), many(3, `p${id}`)));
  const left = async () => [await texts(), ...(await Promise.all(others.map((id) => texts(CUSTOMER, id))))];
  clock.advance(2 * DAY_MS);
  await upkeep.run();
  assert.deepEqual(await left(), [3, 3, 3], 'two days old is not older than two days');
  clock.advance(1);
  await upkeep.run();
  assert.deepEqual(await left(), [0, 3, 3]);
  clock.advance(3_650 * DAY_MS);
  await upkeep.run();
  assert.deepEqual(await left(), [0, 0, 3]);
});

test('a step takes out a small batch, and the next ones the rest', async () => {
  const { clock, store, upkeep, texts } = await open([1]);
  await write(store, add(fresh(), many(UPKEEP_GROUP * 2 + 5)));
  clock.advance(DAY_MS + 1);
  const left = [];
  for (let steps = 0; steps < 3; steps++) {
    await upkeep.step();
    left.push(await texts());
  }
  assert.deepEqual(left, [UPKEEP_GROUP + 5, 5, 0]);
});

test('a batch is one batch over all pages, however many hold a little', async () => {
  const { clock, store, upkeep, looked } = await open([1, 1, 1]);
  for (const id of ['1001', '1002', '1003'].map(page)) {
    await write(store, add(fresh(CUSTOMER, id), many(UPKEEP_GROUP - 10, `p${id}`)));
  }
  clock.advance(DAY_MS + 1);
  await upkeep.step();
  assert.deepEqual(looked, [
    { page: '1001', limit: UPKEEP_GROUP },
    { page: '1002', limit: 10 },
  ]);
});

test('a step looks at a limited number of pages', async () => {
  const { upkeep, looked } = await open(Array.from({ length: UPKEEP_PAGES * 2 + 1 }, () => 1));
  const seen = [];
  for (let steps = 0; steps < 3; steps++) {
    await upkeep.step();
    seen.push(looked.length);
  }
  assert.deepEqual(seen, [UPKEEP_PAGES, UPKEEP_PAGES * 2, UPKEEP_PAGES * 2 + 1]);
});

test('when a round is over the next begins an hour after it began', async () => {
  const { clock, upkeep, looked } = await open([1]);
  for (let steps = 0; steps < 5; steps++) await upkeep.step();
  assert.equal(looked.length, 1);
  clock.advance(ROUND_EVERY_MS - 1);
  await upkeep.step();
  assert.equal(looked.length, 1);
  clock.advance(1);
  await upkeep.step();
  assert.equal(looked.length, 2);
});

test('what waits to be told keeps its texts for 7 days, and is dropped then', async () => {
  const { clock, store, upkeep, texts } = await open([1]);
  const lane = { ...KEY, app: BOT };
  await write(store, add(fresh(), [{ event: said('a'), told: [BOT] }, { event: said('b') }]));
  clock.advance(UNDELIVERED_KEPT_MS);
  await upkeep.run();
  assert.equal(await texts(), 1);
  assert.equal((await store.waiting(lane, ALL)).length, 1);
  clock.advance(1);
  await upkeep.run();
  assert.equal(await texts(), 0);
  assert.deepEqual(await store.waiting(lane, ALL), []);
});

test('a page that keeps texts longer than 7 days drops nothing before that', async () => {
  const { clock, store, upkeep } = await open([30]);
  await write(store, add(fresh(), [{ event: said('a'), told: [BOT] }]));
  clock.advance(30 * DAY_MS);
  await upkeep.run();
  assert.equal((await store.waiting({ ...KEY, app: BOT }, ALL)).length, 1);
});

test('attempts go after 7 days, whatever pages keep', async () => {
  const { clock, store, upkeep } = await open([null]);
  const attempt = { ...KEY, app: BOT, status: 200, error: null, durationMs: 1 };
  const attempts = Array.from({ length: UPKEEP_GROUP + 2 }, (_, seq) => ({ ...attempt, seq, at: START }));
  await store.settle([], [...attempts, { ...attempt, seq: 99, at: START + 1 }]);
  clock.advance(ATTEMPTS_KEPT_MS + 1);
  const left = async () => (await store.attempts({ app: null, limit: ALL })).length;
  await upkeep.step();
  assert.equal(await left(), 3);
  await upkeep.step();
  assert.equal(await left(), 1);
});

test('answers that are over go at the next step, a batch at a time', async () => {
  const { clock, store, upkeep } = await open([null]);
  for (let count = 0; count < UPKEEP_GROUP + 1; count++) {
    const commit = add(fresh(psid(String(7_000 + count))), many(1, `n${count}x`));
    const answer = { app: BOT, key: `k${count}`, fingerprint: 'ab', body: {} };
    await write(store, { ...commit, answer });
  }
  await upkeep.step();
  clock.advance(IDEMPOTENCY_MS);
  await upkeep.step();
  assert.equal(await store.forgetAnswers(ALL), 1);
});

test('saved attachments and their files are taken away after 90 days, a few at a time', async () => {
  const { clock, store, upkeep, attachments, removed } = await open([null]);
  const from = {
    kind: 'file',
    filename: 'a.png',
    contentType: 'image/png',
    bytes: Buffer.from('a'),
  } as const;
  const saving = { page: PAGE, app: BOT, type: 'image', from };
  for (let count = 0; count <= UPKEEP_GROUP; count++) await attachments.save(saving);
  clock.advance(1);
  const young = await attachments.save(saving);
  assert.ok(young !== null);
  clock.advance(ATTACHMENT_KEPT_MS - 2);
  await upkeep.run();
  assert.equal(removed.length, 0);
  clock.advance(1);
  assert.notEqual(await attachments.find(PAGE, young.id), null);
  await upkeep.step();
  assert.equal(removed.length, UPKEEP_GROUP);
  await upkeep.run();
  assert.equal(removed.length, UPKEEP_GROUP + 1);
  assert.deepEqual(await store.attachments.find(young.id), young);
  clock.advance(1);
  assert.equal(await attachments.find(PAGE, young.id), null, 'at that very millisecond it is over');
});

const FILE = { kind: 'file', filename: 'a.png', contentType: 'image/png', bytes: Buffer.from('a') } as const;
const SAVING = { page: PAGE, app: BOT, type: 'image', from: FILE };

test('files that cannot be removed are told of by their ids, and hold up neither others nor texts', async () => {
  const { clock, store, upkeep, texts, attachments, removed, stuck, faults } = await open([1]);
  await write(store, add(fresh(), many(3)));
  const ids: string[] = [];
  for (let count = 0; count < UPKEEP_GROUP * 2; count++) {
    const saved = await attachments.save(SAVING);
    assert.ok(saved?.from.kind === 'file');
    clock.advance(1);
    if (count > UPKEEP_GROUP) continue;
    stuck.add(saved.from.key);
    ids.push(saved.id);
  }
  clock.advance(ATTACHMENT_KEPT_MS);
  await upkeep.run();
  assert.equal(await texts(), 0);
  assert.equal(removed.length, UPKEEP_GROUP - 1);
  const message = 'a file could not be removed: EACCES';
  assert.deepEqual(
    faults,
    ids.map((attachment) => ({ where: 'attachments', message, attachment })),
  );
  stuck.clear();
  await upkeep.run();
  assert.equal(removed.length, UPKEEP_GROUP * 2);
  assert.deepEqual(await store.attachments.old(clock.now(), { after: null, limit: ALL }), []);
});

test('each kind of work goes on where another fails, and so does each page', async () => {
  const { clock, store, upkeep, texts, attachments, removed, faults } = await open([1, 1], (sound) => ({
    forgetAnswers: () => Promise.reject(new Error('answers')),
    forgetAttempts: () => Promise.reject(new Error('attempts')),
    blankTexts: (id, range) =>
      id === PAGE ? Promise.reject(new Error('texts')) : sound.blankTexts(id, range),
  }));
  const other = page('1002');
  await write(store, add(fresh(CUSTOMER, other), many(3)));
  await attachments.save(SAVING);
  clock.advance(ATTACHMENT_KEPT_MS);
  await upkeep.run();
  assert.equal(await texts(CUSTOMER, other), 0);
  assert.equal(removed.length, 1);
  const told = ['answers', 'attempts', 'texts'].map((work) => ({ where: 'upkeep', message: work, work }));
  assert.deepEqual(faults, told);
  await upkeep.step();
  clock.advance(ROUND_EVERY_MS);
  await upkeep.step();
  assert.equal(faults.length, 9, 'what has failed is tried again');
});

test('a file that came with a message goes in the round in which its texts go', async () => {
  const { clock, store, upkeep, attachments, removed } = await open([1]);
  const [alone, again] = [await attachments.save(SAVING), await attachments.save(SAVING)];
  assert.ok(alone?.from.kind === 'file' && again?.from.kind === 'file');
  const event = sent('b');
  assert.ok(event.type === 'message_sent');
  const brought = { ...event, message: { ...event.message, upload: alone.id } };
  await write(store, add(fresh(), [{ event: brought }, { event: sent('c') }]));
  clock.advance(DAY_MS);
  await upkeep.run();
  assert.deepEqual(removed, []);
  clock.advance(1);
  await upkeep.run();
  assert.deepEqual(removed, [alone.from.key]);
  assert.equal(await attachments.find(PAGE, alone.id), null);
  assert.deepEqual(await attachments.find(PAGE, again.id), again, 'what can be used again stays');
});
