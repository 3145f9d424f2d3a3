/** Changes of the configuration and what follows from them, on the memory store. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentObserver } from '../../src/observe/observer.ts';
import { type AppId, PAGE_LANE, type PageId, type Psid } from '../../src/protocol/ids.ts';
import { ownerAt } from '../../src/protocol/thread.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Lane } from '../../src/store/port.ts';
import { BOT, BUDI, DESK, PAGE, shopWorld } from '../http/shop.ts';

const files = createFiles('/nowhere/baton');

const key = { page: PAGE as PageId, psid: BUDI as Psid };
const lane = { page: PAGE as PageId, psid: PAGE_LANE };

async function open() {
  const clock = simulatedClock(1_800_000_000_000);
  const store = createMemoryStore({ now: clock.now });
  const woken: Lane[] = [];
  const delivery = {
    wake: (lanes: readonly Lane[]) => void woken.push(...lanes),
    reconfigure: () => undefined,
  };
  const configuration = await openConfiguration(store);
  const runtime = createRuntime({ store, configuration, clock, observer: silentObserver, delivery, files });
  async function load(world: unknown): Promise<void> {
    const read = readWorld(JSON.stringify(world), { sandbox: true });
    assert.ok(read.ok);
    await loadWorld(runtime, read.world, { sandbox: true });
  }
  const says = () =>
    runtime.threads.handle(key, {
      type: 'receive',
      act: {
        kind: 'message',
        mid: newMid(clock.now()),
        text: 'Hi',
        attachments: [],
        quickReplyPayload: null,
        referral: null,
      },
    });
  const owner = async () => {
    const read = await runtime.threads.read(key);
    assert.ok(read !== null);
    return ownerAt(read.page, read.thread, clock.now())?.owner ?? null;
  };
  return { clock, store, runtime, woken, load, says, owner };
}

const urls = { [BOT]: 'http://127.0.0.1:1/bot', [DESK]: 'http://127.0.0.1:1/desk' };
const apps = [BOT, DESK];

test('[P6] naming another primary receiver tells both; threads keep their owners', async () => {
  const { store, load, says, owner, woken } = await open();
  await load(shopWorld(urls, { apps }));
  await says();
  assert.equal(await owner(), BOT);
  woken.length = 0;
  await load(shopWorld(urls, { apps, primary: DESK }));
  assert.equal(await owner(), BOT);
  assert.deepEqual(woken.map(({ app, psid }) => [app, psid]).toSorted(), [
    [BOT, ''],
    [DESK, ''],
  ]);
  const events = await store.events(lane, { after: 0, limit: 10 });
  assert.deepEqual(events.at(-1)?.event, { type: 'primary_receiver_changed', previous: BOT, next: DESK });
});

test('[P6] an idle thread waits for the next act after a change of primary receiver', async () => {
  const { load, says, owner, clock } = await open();
  await load(shopWorld(urls, { apps }));
  await says();
  clock.advance(86_400_000);
  assert.equal(await owner(), null);
  await load(shopWorld(urls, { apps, primary: DESK }));
  assert.equal(await owner(), null);
  await says();
  assert.equal(await owner(), DESK);
});

test('a world loaded again writes nothing', async () => {
  const { runtime, load } = await open();
  await load(shopWorld(urls, { apps }));
  const { version } = runtime.configuration.current();
  await runtime.store.saveSetting('loaded_world', 'forgotten');
  await load(shopWorld(urls, { apps }));
  assert.equal(runtime.configuration.current().version, version);
});

test('[C17] an app that a new world no longer connects loses its threads and the primary role', async () => {
  const { runtime, load, says, owner, store } = await open();
  await load(shopWorld(urls, { apps }));
  await says();
  await load(shopWorld(urls, { apps, primary: null, more: { [BOT]: { pages: [] } } }));
  assert.equal(await owner(), null);
  await runtime.sweep.disconnected(PAGE as PageId, BOT as AppId);
  const events = await store.events(key, { after: 0, limit: 10 });
  const last = events.at(-1)?.event;
  assert.equal(last?.type === 'control_changed' && last.cause, 'disconnected');
});

test('[I4] the sweep writes down many expiries of one instant, and each once', async () => {
  const { runtime, load, clock, store } = await open();
  await load(shopWorld(urls, { apps }));
  const psids = Array.from({ length: 500 }, (_, index) => String(910_000 + index) as Psid);
  const message = {
    kind: 'message',
    text: 'Hi',
    attachments: [],
    quickReplyPayload: null,
    referral: null,
  } as const;
  for (const psid of psids) {
    await runtime.threads.handle(
      { ...key, psid },
      { type: 'receive', act: { ...message, mid: newMid(clock.now()) } },
    );
  }
  clock.advance(86_400_000);
  await runtime.sweep.run();
  for (const psid of psids) {
    const events = await store.events({ ...key, psid }, { after: 0, limit: 10 });
    const causes = events.flatMap(({ event }) => (event.type === 'control_changed' ? [event.cause] : []));
    assert.deepEqual(causes, ['primary_receiver', 'expiry']);
  }
  assert.deepEqual(await store.due(clock.now() + 86_400_000, 10), []);
});
