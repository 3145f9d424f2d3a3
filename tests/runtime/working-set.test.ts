import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Psid } from '../../src/protocol/ids.ts';
import { parsePageId } from '../../src/protocol/ids.ts';
import { createWorkingSet } from '../../src/runtime/working-set.ts';

const PAGE = parsePageId('1001');
assert.ok(PAGE !== null);
const keyOf = (index: number) => ({ page: PAGE, psid: String(index) as Psid });

/** A set of ten threads, and the threads that it has had to load. */
function small() {
  const loaded: string[] = [];
  const store = {
    load: async ({ psid }: { readonly psid: Psid }) => {
      loaded.push(psid);
      return null;
    },
  };
  return { loaded, set: createWorkingSet(store, 10) };
}

test('a thread that is used again and again stays in memory, whatever comes and goes', async () => {
  const { loaded, set } = small();
  for (let index = 1; index <= 100; index++) {
    await set.use(keyOf(0));
    await set.use(keyOf(index));
  }
  assert.deepEqual(
    loaded.filter((psid) => psid === '0'),
    ['0'],
  );
  assert.equal(loaded.length, 101);
});

test('threads on which commands are under way stay in memory, and are forgotten some time after', async () => {
  const { loaded, set } = small();
  const indices = Array.from({ length: 10 }, (_, index) => index);
  const places = indices.map((index) => set.enter(keyOf(index)));
  const useAll = async () => {
    for (const index of indices) await set.use(keyOf(index));
  };
  const useOthers = async (from: number) => {
    for (let index = from; index < from + 100; index++) await set.use(keyOf(index));
  };
  const loads = () => loaded.filter((psid) => Number(psid) < 10).length;
  await useAll();
  await useOthers(100);
  await useAll();
  assert.equal(loads(), 10);
  for (const place of places) set.leave(place);
  await useOthers(200);
  await useAll();
  assert.ok(loads() > 15);
});
