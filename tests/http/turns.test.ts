/** Readings of very many threads: others have their turn between one group of threads and the next. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageId, Psid } from '../../src/protocol/ids.ts';
import type { Store } from '../../src/store/port.ts';
import { add, fresh, introduced } from '../../src/testing/store-suite/world.ts';
import { openApp } from './app.ts';
import { BOT, PAGE, tokenOf } from './shop.ts';

const THREADS = 1_600;

/** Counts turns of the event loop until it is disposed of. */
function countTurns() {
  const count = { turns: 0 };
  let next = setImmediate(function again() {
    count.turns += 1;
    next = setImmediate(again);
  });
  return { count, [Symbol.dispose]: () => clearImmediate(next) };
}

for (const [what, path, token, groups] of [
  ['a report on a switch of modes', `/admin/pages/${PAGE}/routing?to=conversation_routing`, 'operator', 4],
  ['a list of conversations', '/me/conversations', tokenOf(BOT), 16],
] as const) {
  test(`${what} over ${THREADS} threads reads each group in a turn of its own`, async () => {
    using turns = countTurns();
    const readAt: number[] = [];
    // What the store is asked for is its own; only when it was asked is written down.
    const change = (store: Store): Store => ({
      ...store,
      threads(page, range) {
        readAt.push(turns.count.turns);
        return store.threads(page, range);
      },
    });
    const app = await openApp({ apps: [BOT], change });
    const pageVersion = app.runtime.configuration.page(PAGE as PageId)?.version ?? 0;
    const threads = Array.from({ length: THREADS }, (_, index) => fresh(String(700_000 + index) as Psid));
    const commits = threads.map((thread) => add(thread, [{ event: introduced('Ana') }], { pageVersion }));
    assert.deepEqual(new Set(await app.store.commit(commits)), new Set(['committed']));
    const answer = await app.ask('GET', path, { token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.ok(readAt.length >= groups, `${readAt.length} groups`);
    assert.equal(new Set(readAt).size, readAt.length, `read in turns ${readAt.join(', ')}`);
  });
}
