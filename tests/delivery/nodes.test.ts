/** Several nodes that deliver from one store: they share the work, and one that is frozen does no harm. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDelivery, type Delivery } from '../../src/delivery/dispatcher.ts';
import type { Poster } from '../../src/delivery/poster.ts';
import { CLAIM_MS } from '../../src/delivery/tenure.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { directoryOf } from '../../src/runtime/directory.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { BUCKETS, bucketOf } from '../../src/store/buckets.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { BOT, PAGE, shopWorld } from '../http/shop.ts';

const NOW = 1_800_000_000_000;
const RENEWAL_MS = 5_000;

type Sent = { readonly node: string; readonly psid: string; readonly seq: number };
type Answer = { readonly status: number | null; readonly error: string | null };

const GOOD: Answer = { status: 200, error: null };

/** A shop on one store, and as many nodes as are asked for; whatever is committed wakes them all. */
async function openTown() {
  const clock = simulatedClock(NOW);
  const store = createMemoryStore({ now: clock.now });
  const configuration = await openConfiguration(store);
  const nodes: Delivery[] = [];
  const sent: Sent[] = [];
  const delivery = {
    wake(...woken: Parameters<Delivery['wake']>) {
      for (const node of nodes) node.wake(...woken);
    },
    reconfigure() {
      for (const node of nodes) node.reconfigure();
    },
    verify: async () => ({ kind: 'verified' }) as const,
    catchUp: () => undefined,
    idle: async () => undefined,
  };
  const options = { store, clock, observer: silentObserver };
  const runtime: Runtime = createRuntime({
    ...options,
    configuration,
    delivery,
    files: createFiles('/nowhere/baton'),
  });
  const read = readWorld(JSON.stringify(shopWorld({ [BOT]: 'http://127.0.0.1:1/' }, { apps: [BOT] })), {
    sandbox: true,
  });
  assert.ok(read.ok);
  await loadWorld(runtime, read.world, { sandbox: true });

  return {
    clock,
    store,
    sent,
    async says(customer: number, text: string) {
      const act = { kind: 'message', mid: newMid(NOW), text, attachments: [] } as const;
      await runtime.threads.handle(
        { page: PAGE as PageId, psid: String(customer) as Psid },
        { type: 'receive', act: { ...act, quickReplyPayload: null, referral: null } },
      );
    },
    /** @param answer what the endpoint makes of each event of this node */
    async join(name: string, answer: (event: Sent) => Answer | Promise<Answer> = () => GOOD) {
      // A clock of its own: one that stands still is a node that is frozen.
      const machine = simulatedClock(NOW);
      const poster: Poster = {
        async post(_endpoint, bytes) {
          const { entry } = JSON.parse(Buffer.from(bytes).toString());
          const [item] = entry[0].messaging ?? entry[0].standby;
          const event = { node: name, psid: item.sender?.id ?? PAGE, seq: item.thread_seq };
          sent.push(event);
          return { body: '', durationMs: 1, ...(await answer(event)) };
        },
        get: async ({ url }) => ({
          ...GOOD,
          body: new URL(url).searchParams.get('hub.challenge') ?? '',
          durationMs: 1,
        }),
        [Symbol.asyncDispose]: async () => undefined,
      };
      const node = createDelivery({ ...options, directory: directoryOf(() => runtime), poster, machine });
      nodes.push(node);
      await node.start();
      await node.idle();
      return { node, machine };
    },
  };
}

const eventsOf = (sent: readonly Sent[], psid: string): readonly number[] =>
  sent.filter((each) => each.psid === psid).map(({ seq }) => seq);

/** Each customer's events as they arrived first. */
function firstArrivals(sent: readonly Sent[], psid: string): readonly number[] {
  return [...new Set(eventsOf(sent, psid))];
}

test('two nodes share the threads: each event is posted once, by one of them, in order', async () => {
  const town = await openTown();
  const a = await town.join('a');
  const b = await town.join('b');
  // The first learns at its next renewal that there are two now, the second that something is free at the one after.
  for (const { node, machine } of [a, b, a, b]) {
    machine.advance(RENEWAL_MS);
    node.catchUp();
    await node.idle();
  }
  town.sent.length = 0;
  const customers = Array.from({ length: 40 }, (_, index) => 5_000 + index);
  for (const text of ['one', 'two', 'three']) {
    for (const customer of customers) await town.says(customer, text);
  }
  await Promise.all([a.node.idle(), b.node.idle()]);
  for (const customer of customers) {
    const own = town.sent.filter(({ psid }) => psid === String(customer));
    assert.equal(new Set(own.map(({ node }) => node)).size, 1);
    assert.deepEqual(
      own.map(({ seq }) => seq),
      own.map(({ seq }) => seq).toSorted((x, y) => x - y),
    );
    assert.equal(own.length, 3);
  }
  assert.deepEqual([...new Set(town.sent.map(({ node }) => node))].toSorted(), ['a', 'b']);
  assert.equal(await town.store.countWaiting(BOT as AppId), 0);
  await Promise.all([a, b].map(({ node }) => node[Symbol.asyncDispose]()));
});

test('a node that is frozen past its claims: another goes on, and what the first settles later is void', async () => {
  const town = await openTown();
  const thaw = Promise.withResolvers<Answer>();
  const reached = Promise.withResolvers<void>();
  const a = await town.join('a', ({ psid }) => {
    if (psid !== '5001') return GOOD;
    reached.resolve();
    return thaw.promise;
  });
  let isUp = false;
  const b = await town.join('b', () => (isUp ? GOOD : { status: 500, error: 'answered 500' }));
  await town.says(5_001, 'one');
  await town.says(5_001, 'two');
  await town.says(5_002, 'other');
  await reached.promise;
  const lane = { app: BOT as AppId, page: PAGE as PageId, psid: '5001' as Psid };
  const told = (await town.store.waiting(lane, 10)).map(({ recorded }) => recorded.seq);
  assert.equal(told.length, 2);
  assert.deepEqual(eventsOf(town.sent, '5001'), told.slice(0, 1), 'under way');

  town.clock.advance(CLAIM_MS);
  b.machine.advance(CLAIM_MS);
  b.node.catchUp();
  await b.node.idle();
  const waiting = await town.store.countWaiting(BOT as AppId);
  assert.ok(waiting >= 2, `${waiting} wait: the second node has tried, and failed`);
  assert.ok(town.sent.some(({ node, psid }) => node === 'b' && psid === '5001'));

  a.machine.advance(CLAIM_MS);
  thaw.resolve(GOOD);
  await a.node.idle();
  assert.equal(
    await town.store.countWaiting(BOT as AppId),
    waiting,
    'the late settlement has taken nothing out',
  );

  isUp = true;
  const before = town.sent.length;
  town.clock.advance(RENEWAL_MS);
  b.machine.advance(RENEWAL_MS);
  b.node.catchUp();
  await Promise.all([a.node.idle(), b.node.idle()]);
  assert.equal(await town.store.countWaiting(BOT as AppId), 0);
  assert.deepEqual(firstArrivals(town.sent, '5001'), told);
  assert.ok(town.sent.slice(before).every(({ node }) => node === 'b'));
  await Promise.all([a, b].map(({ node }) => node[Symbol.asyncDispose]()));
});

test('a node that stops gives its threads to the others at once', async () => {
  const town = await openTown();
  const a = await town.join('a');
  const b = await town.join('b');
  await a.node[Symbol.asyncDispose]();
  await town.says(5_001, 'one');
  b.machine.advance(RENEWAL_MS);
  b.node.catchUp();
  await b.node.idle();
  assert.deepEqual(
    town.sent.filter(({ psid }) => psid === '5001').map(({ node }) => node),
    ['b'],
  );
  await b.node[Symbol.asyncDispose]();
});

test('what begins to wait again while a lane finds that nothing waits is not forgotten', async () => {
  const town = await openTown();
  const { node } = await town.join('a');
  await town.says(5_001, 'one');
  await node.idle();
  const lane = { app: BOT as AppId, page: PAGE as PageId, psid: '5001' as Psid };
  const [seq = 0] = eventsOf(town.sent, lane.psid);
  const { waiting } = town.store;
  const [found, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  Object.assign(town.store, {
    async waiting(...asked: Parameters<typeof waiting>) {
      const notices = await waiting(...asked);
      if (notices.length > 0) return notices;
      found.resolve();
      await answered.promise;
      return notices;
    },
  });
  const sendAgain = async (): Promise<void> => {
    await town.store.requeue([{ ...lane, seq }]);
    node.wake([{ ...lane, seq: Number.POSITIVE_INFINITY, events: null }]);
  };
  await sendAgain();
  await found.promise;
  await sendAgain();
  answered.resolve();
  await node.idle();
  assert.equal(await town.store.countWaiting(lane.app), 0);
  assert.deepEqual(eventsOf(town.sent, lane.psid), [seq, seq, seq]);
  await node[Symbol.asyncDispose]();
});

test('a node whose claims cannot be renewed begins nothing, and goes on when they can be', async () => {
  const town = await openTown();
  const { node, machine } = await town.join('a');
  const { claim } = town.store;
  Object.assign(town.store, { claim: () => Promise.reject(new Error('no answer')) });
  for (let renewals = 0; renewals * RENEWAL_MS < CLAIM_MS; renewals++) {
    machine.advance(RENEWAL_MS);
    node.catchUp();
    await new Promise(setImmediate);
  }
  town.sent.length = 0;
  for (const text of ['one', 'two']) await town.says(5_001, text);
  node.catchUp();
  await new Promise(setImmediate);
  assert.deepEqual(town.sent, []);
  Object.assign(town.store, { claim });
  machine.advance(RENEWAL_MS);
  node.catchUp();
  await node.idle();
  assert.equal(eventsOf(town.sent, '5001').length, 2);
  assert.deepEqual(
    eventsOf(town.sent, '5001'),
    eventsOf(town.sent, '5001').toSorted((x, y) => x - y),
  );
  await node[Symbol.asyncDispose]();
});

test('a node that loses a bucket and gains it again while a request is under way has one at a time', async () => {
  const town = await openTown();
  const thaw = Promise.withResolvers<Answer>();
  const reached = Promise.withResolvers<void>();
  const { node, machine } = await town.join('a', ({ psid }) => {
    if (psid !== '5001') return GOOD;
    reached.resolve();
    return thaw.promise;
  });
  for (const text of ['one', 'two']) await town.says(5_001, text);
  await reached.promise;
  town.clock.advance(CLAIM_MS);
  await town.store.claim('another', CLAIM_MS);
  await town.store.release('another', null);
  machine.advance(RENEWAL_MS);
  node.catchUp();
  await new Promise(setImmediate);
  const [first = 0, ...others] = eventsOf(town.sent, '5001');
  assert.deepEqual(others, [], 'nothing else while it is under way');
  thaw.resolve(GOOD);
  await node.idle();
  assert.deepEqual(eventsOf(town.sent, '5001').slice(0, 2), [first, first], 'what it settled was void');
  assert.equal(firstArrivals(town.sent, '5001').length, 2);
  assert.equal(await town.store.countWaiting(BOT as AppId), 0);
  await node[Symbol.asyncDispose]();
});

test('what is new goes behind what waited before, also while that is being looked for', async () => {
  const town = await openTown();
  await town.says(5_001, 'one');
  const { waitingLanes } = town.store;
  const [asked, found] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  Object.assign(town.store, {
    async waitingLanes(...range: Parameters<typeof waitingLanes>) {
      asked.resolve();
      await found.promise;
      return waitingLanes(...range);
    },
  });
  const joining = town.join('a');
  await asked.promise;
  await town.says(5_001, 'two');
  found.resolve();
  const { node } = await joining;
  await node.idle();
  const seqs = eventsOf(town.sent, '5001');
  assert.equal(seqs.length, 2);
  assert.deepEqual(
    seqs,
    seqs.toSorted((x, y) => x - y),
  );
  await node[Symbol.asyncDispose]();
});

test('a node gives no bucket back while a request of it is under way', async () => {
  const town = await openTown();
  const customers = Array.from({ length: 40 }, (_, index) => 5_000 + index);
  // The highest go first.
  const slow = customers.find(
    (customer) => bucketOf({ page: PAGE as PageId, psid: String(customer) as Psid }) >= BUCKETS - BUCKETS / 4,
  );
  assert.ok(slow !== undefined);
  const thaw = Promise.withResolvers<Answer>();
  const reached = Promise.withResolvers<void>();
  const a = await town.join('a', ({ psid }) => {
    if (psid !== String(slow)) return GOOD;
    reached.resolve();
    return thaw.promise;
  });
  for (const text of ['one', 'two']) await town.says(slow, text);
  await reached.promise;
  const b = await town.join('b');
  const renew = async (): Promise<void> => {
    for (const { node, machine } of [a, b]) {
      machine.advance(RENEWAL_MS);
      node.catchUp();
      await new Promise(setImmediate);
    }
  };
  await renew();
  await renew();
  const psid = String(slow);
  assert.equal(eventsOf(town.sent, psid).length, 1, 'the other node has not begun');
  thaw.resolve(GOOD);
  await a.node.idle();
  await renew();
  await b.node.idle();
  const own = town.sent.filter((each) => each.psid === psid);
  assert.deepEqual(
    own.map(({ node }) => node),
    ['a', 'b'],
  );
  assert.equal(firstArrivals(town.sent, psid).length, 2, 'each once');
  assert.equal(await town.store.countWaiting(BOT as AppId), 0);
  await Promise.all([a, b].map(({ node }) => node[Symbol.asyncDispose]()));
});
