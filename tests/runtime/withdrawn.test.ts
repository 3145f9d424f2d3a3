/** [A1] A task that is lost is lost at once: for a call that is under way, too. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { Withdrawn } from '../../src/runtime/overloaded.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store } from '../../src/store/port.ts';
import { BOT, BUDI, PAGE, shopWorld } from '../http/shop.ts';

const key = { page: PAGE as PageId, psid: BUDI as Psid };

/** A store whose commits wait until they are let go. */
async function open() {
  const clock = simulatedClock(1_800_000_000_000);
  const memory = createMemoryStore({ now: clock.now });
  const gate: { wait: Promise<void> | null } = { wait: null };
  const store: Store = {
    ...memory,
    async commit(commits) {
      await gate.wait;
      return memory.commit(commits);
    },
  };
  const configuration = await openConfiguration(store);
  const delivery = { wake: () => undefined, reconfigure: () => undefined };
  const files = { keep: async () => undefined } as never;
  const runtime = createRuntime({ store, configuration, clock, observer: silentObserver, delivery, files });
  const read = readWorld(JSON.stringify(shopWorld({}, { apps: [BOT] })), { sandbox: true });
  assert.ok(read.ok);
  await loadWorld(runtime, read.world, { sandbox: true });
  const act = {
    kind: 'message',
    mid: newMid(clock.now()),
    text: 'Hi',
    attachments: [],
    quickReplyPayload: null,
    referral: null,
  } as const;
  await runtime.threads.handle(key, { type: 'receive', act });
  return { runtime, store, gate };
}

test('[A1] a call that was let in and not yet written is refused when the task goes meanwhile, and changes nothing', async () => {
  const { runtime, store, gate } = await open();
  const before = await store.load(key);
  const hasTask = () =>
    runtime.configuration.pageRecord(key.page)?.people.some(({ tasks }) => tasks.includes('MODERATE')) ===
    true;
  let letGo = (): void => undefined;
  gate.wait = new Promise((resolve) => {
    letGo = resolve;
  });
  const release = { type: 'release', caller: BOT as AppId, metadata: null, controlEpoch: null } as const;
  const calling = runtime.threads.handle(key, release, hasTask);
  const refused = assert.rejects(calling, Withdrawn);
  await runtime.change(({ pages }) => ({
    put: pages.map((value) => ({ kind: 'page', value: { ...value, people: [] } })),
  }));
  letGo();
  await refused;
  gate.wait = null;
  assert.deepEqual(await store.load(key), before);
  const again = await runtime.threads.handle(key, release);
  assert.ok(again.ok, 'who is allowed can do it still');
});
