/** The limits of delivery, each reached. */

import assert from 'node:assert/strict';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createBacklog } from '../../src/delivery/backlog.ts';
import { createDelivery } from '../../src/delivery/dispatcher.ts';
import { createGreeter, MAX_HANDSHAKES } from '../../src/delivery/greeter.ts';
import { anyAddress } from '../../src/delivery/guard.ts';
import { createLane, MAX_BUFFER } from '../../src/delivery/lane.ts';
import { createOutlet, MAX_IN_FLIGHT } from '../../src/delivery/outlet.ts';
import { createPoster, MAX_ANSWER_BYTES, MAX_CONNECTIONS, type Poster } from '../../src/delivery/poster.ts';
import { createRoster } from '../../src/delivery/roster.ts';
import { createSettler } from '../../src/delivery/settler.ts';
import { RETRY_PAUSES_MS } from '../../src/delivery/timetable.ts';
import { createTurns, MAX_BLOCKED_MS, MAX_TURN } from '../../src/delivery/turn.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { Recorded } from '../../src/protocol/event.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { directoryOf } from '../../src/runtime/directory.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { resend, TooMuchToResend } from '../../src/runtime/resend.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { NEW_WEBHOOK, type Webhook } from '../../src/store/config.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { MAX_WAITING_NOTICES, type Notice, type SetAside, type Store } from '../../src/store/port.ts';
import { PAGE, shopWorld } from '../http/shop.ts';

const NOW = 1_800_000_000_000;
const BOT = '2001' as AppId;
const laneTo = (psid: string) => ({ app: BOT, page: '1001' as PageId, psid: psid as Psid });
const webhookOf = (app: string): Webhook => ({
  app: app as AppId,
  object: 'page',
  callbackUrl: 'http://127.0.0.1:1/',
  verifyToken: 'verify',
  fields: [],
  ...NEW_WEBHOOK,
});
const endpoint = {
  name: '2001/page',
  webhook: webhookOf(BOT),
  secrets: ['s'],
  platform: 'messenger',
} as const;
const recorded = (seq: number): Recorded => ({
  seq,
  at: NOW,
  timestamp: NOW + seq,
  epoch: 0,
  event: { type: 'messages_read', mid: null },
  audience: [],
});

async function openServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test(`[limit MAX_ANSWER_BYTES] an answer of ${MAX_ANSWER_BYTES} bytes is read whole, a longer one up to there`, async () => {
  using server = await openServer((request, response) => {
    response.end('x'.repeat(Number(request.url?.slice(1))));
  });
  await using poster = createPoster(anyAddress);
  for (const [sent, read] of [
    [MAX_ANSWER_BYTES, MAX_ANSWER_BYTES],
    [MAX_ANSWER_BYTES + 1, MAX_ANSWER_BYTES],
    [MAX_ANSWER_BYTES * 100, MAX_ANSWER_BYTES],
  ] as const) {
    const { status, body, error } = await poster.get({ name: 'a', url: `${server.origin}/${sent}` });
    assert.deepEqual([status, error, body.length], [200, null, read]);
  }
});

test(`[limit MAX_CONNECTIONS] an endpoint is sent ${MAX_CONNECTIONS} requests at once, and the next when one of them has ended`, async () => {
  const hanging: ServerResponse[] = [];
  const full = Promise.withResolvers<void>();
  const next = Promise.withResolvers<void>();
  using server = await openServer((request, response) => {
    if (request.url === '/other') return void response.end('ok');
    hanging.push(response);
    if (hanging.length === MAX_CONNECTIONS) full.resolve();
    if (hanging.length > MAX_CONNECTIONS) next.resolve();
  });
  await using poster = createPoster(anyAddress);
  const post = (name: string, path: string) =>
    poster.post({ name, url: server.origin + path }, Buffer.from('{}'), {});
  const posts = Array.from({ length: MAX_CONNECTIONS + 1 }, () => post('a', '/'));
  await full.promise;
  await post('b', '/other');
  assert.equal(hanging.length, MAX_CONNECTIONS, 'one waits');
  hanging[0]?.end();
  await next.promise;
  for (const response of hanging) response.end();
  const statuses = (await Promise.all(posts)).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test(`[limit MAX_HANDSHAKES] ${MAX_HANDSHAKES} handshakes go on at once, the next at a later look`, async () => {
  const webhooks = Array.from({ length: MAX_HANDSHAKES + 1 }, (_, index) => webhookOf(String(3_000 + index)));
  const asked = new Set<string>();
  const gate = Promise.withResolvers<void>();
  const poster: Poster = {
    async get({ name }) {
      asked.add(name);
      await gate.promise;
      return { status: 403, body: 'no', error: 'answered 403', durationMs: 1 };
    },
    post: () => Promise.reject(new Error('nothing is posted')),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const directory = {
    page: () => null,
    endpoint: () => null,
    webhooks: () => webhooks,
    update: async () => undefined,
  };
  const clock = simulatedClock(NOW);
  const greeter = createGreeter({ directory, poster, clock, observer: silentObserver });
  greeter.look();
  greeter.look();
  assert.equal(asked.size, MAX_HANDSHAKES);
  gate.resolve();
  await greeter.settled();
  // A failed one is tried again at once, before its turn: each look goes on behind.
  while (asked.size <= MAX_HANDSHAKES) {
    greeter.look();
    await greeter.settled();
  }
  assert.equal(asked.size, MAX_HANDSHAKES + 1);
});

/** Echoes each challenge; requests wait until `MAX_IN_FLIGHT` are under way together. */
function crowdedPoster() {
  const count = { now: 0, peak: 0, all: 0 };
  const full = Promise.withResolvers<void>();
  const poster: Poster = {
    async post() {
      count.all += 1;
      count.now += 1;
      count.peak = Math.max(count.peak, count.now);
      if (count.now === MAX_IN_FLIGHT) full.resolve();
      await full.promise;
      count.now -= 1;
      return { status: 200, body: '', error: null, durationMs: 1 };
    },
    async get({ url }) {
      const body = new URL(url).searchParams.get('hub.challenge') ?? '';
      return { status: 200, body, error: null, durationMs: 1 };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { count, poster };
}

/** A shop with one app, and its delivery, on a store in memory. */
async function openBotShop(poster: Poster) {
  const clock = simulatedClock(NOW);
  const store = createMemoryStore({ now: clock.now });
  const configuration = await openConfiguration(store);
  const directory = directoryOf(() => runtime);
  const options = { store, clock, observer: silentObserver };
  const delivery = createDelivery({ ...options, directory, poster, machine: clock });
  const files = createFiles('/nowhere/baton');
  const runtime: Runtime = createRuntime({ ...options, configuration, delivery, files });
  const world = readWorld(
    JSON.stringify(shopWorld({ [BOT]: endpoint.webhook.callbackUrl }, { apps: [BOT] })),
    { sandbox: true },
  );
  assert.ok(world.ok);
  await loadWorld(runtime, world.world, { sandbox: true });
  const says = async (psid: string) => {
    const act = { kind: 'message', mid: newMid(NOW), text: 'Hi', attachments: [] } as const;
    await runtime.threads.handle(
      { page: PAGE as PageId, psid: psid as Psid },
      { type: 'receive', act: { ...act, quickReplyPayload: null, referral: null } },
    );
  };
  return { clock, store, configuration, delivery, runtime, says };
}

test(`[limit MAX_IN_FLIGHT] an app is sent ${MAX_IN_FLIGHT} requests at once, however many lanes are ready`, async () => {
  const { count, poster } = crowdedPoster();
  const { delivery, says } = await openBotShop(poster);
  await using _ = delivery;
  const customers = MAX_IN_FLIGHT * 2 + 1;
  for (let index = 0; index < customers; index++) await says(String(5_000 + index));
  await delivery.start();
  await delivery.idle();
  await delivery.idle();
  assert.equal(count.peak, MAX_IN_FLIGHT);
  assert.ok(count.all >= customers, `${count.all} requests`);
});

/** Nobody proves to be who they are said to be, and nobody is posted to. */
const strangers: Poster = {
  post: () => assert.fail('posted to a callback that has not been verified'),
  get: async () => ({ status: 404, body: '', error: 'answered 404', durationMs: 1 }),
  [Symbol.asyncDispose]: async () => undefined,
};

test(`[limit MAX_WAITING_NOTICES] when more than ${MAX_WAITING_NOTICES} notices wait for an app and more come, its webhooks are switched off`, async () => {
  const { clock, store, configuration, delivery, runtime, says } = await openBotShop(strangers);
  await using _ = delivery;
  await delivery.start();
  const isOff = () => configuration.webhook(`${BOT}/page`)?.switchedOffAt !== null;
  const look = async () => {
    clock.advance(1_000);
    delivery.catchUp();
    await delivery.idle();
  };
  const lane = { app: BOT, page: PAGE as PageId, psid: '5001' as Psid };
  const waiting = await store.countWaiting(BOT);
  const queued = Array.from({ length: MAX_WAITING_NOTICES - waiting }, (_, index) => ({
    ...lane,
    seq: index + 1,
  }));
  await store.requeue(queued);
  assert.equal(await store.countWaiting(BOT), MAX_WAITING_NOTICES);
  await look();
  assert.equal(isOff(), false, 'so many may wait');

  await says('5002');
  await look();
  assert.equal(isOff(), true);
  await says('5003');
  const events = await store.events({ page: PAGE as PageId, psid: '5003' as Psid }, { after: 0, limit: 9 });
  const bot = events.at(-1)?.audience.find(({ app }) => app === BOT);
  assert.deepEqual(bot?.outcome, { told: true, laneSeq: 1, missed: true });
  assert.equal(await store.countWaiting(BOT), MAX_WAITING_NOTICES + 1, 'what waits stays, nothing is added');

  const options = { store, configuration, clock, delivery };
  await assert.rejects(resend(BOT, { kind: 'missed' }, options), TooMuchToResend);
  assert.equal(await store.countWaiting(BOT), MAX_WAITING_NOTICES + 1);

  await runtime.change(({ webhooks }) => ({
    put: webhooks.map((value) => ({ kind: 'webhook', value: { ...value, switchedOffAt: null } })),
  }));
  await look();
  assert.equal(isOff(), false, 'switched on again, it may work its backlog off');
  await store.settle([{ ...lane, seq: 1, fence: 1 }], []);
  await look();
  assert.equal(isOff(), false);
});

test('what is sent again of many threads is queued in groups, and others have their turn in between', async () => {
  const { store, configuration, clock, delivery, says } = await openBotShop(strangers);
  const customers = 600;
  for (let index = 0; index < customers; index++) await says(String(5_000 + index));
  const sizes: number[] = [];
  let [turns, isOver] = [0, false];
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  const counted: Store = {
    ...store,
    async requeue(group) {
      sizes.push(group.length);
      await store.requeue(group);
    },
  };
  setImmediate(turn);
  const wanted = { kind: 'since', at: 0 } as const;
  const queued = await resend(BOT, wanted, { store: counted, configuration, clock, delivery });
  isOver = true;
  assert.ok(queued >= customers, `${queued} queued`);
  assert.deepEqual(
    sizes,
    Array.from({ length: Math.ceil(queued / 256) }, (_, index) => Math.min(256, queued - index * 256)),
  );
  assert.ok(turns >= sizes.length, `${turns} turns`);
});

test('an app whose backlog is too large when it is switched on, or when the server starts, works it off while it shrinks', async () => {
  const clock = simulatedClock(NOW);
  let webhook: Webhook = { ...webhookOf(BOT), verifiedAt: NOW };
  let waiting = MAX_WAITING_NOTICES + 100;
  const backlog = createBacklog({
    store: { countWaiting: async () => waiting },
    directory: {
      webhooks: () => [webhook],
      update: async (_, health) => {
        webhook = { ...webhook, ...health };
      },
    },
    clock,
    machine: clock,
    observer: silentObserver,
  });
  const isOffAt = async (count: number): Promise<boolean> => {
    waiting = count;
    clock.advance(1_000);
    backlog.look();
    await backlog.settled();
    return webhook.switchedOffAt !== null;
  };
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 100), false, 'found at the start');
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 50), false, 'shrinks');
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 51), true, 'grows');
  // Of what was decided before it was off.
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 80), true);
  webhook = { ...webhook, switchedOffAt: null };
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 80), false, 'switched on');
  assert.equal(await isOffAt(MAX_WAITING_NOTICES + 81), true, 'grows again');
});

function turnsOver(notices: readonly Notice[], maxBatch = 1) {
  const clock = simulatedClock(NOW);
  const aside: SetAside[] = [];
  const store = {
    ...createMemoryStore({ now: clock.now }),
    waiting: async (_lane: unknown, limit: number) => notices.slice(0, limit),
    setAside: async (set: readonly SetAside[]) => void aside.push(...set),
  };
  const settler = createSettler(store);
  const sender = {
    prepare: (notice: Notice) => ({ notice, body: {}, channel: 'messages' }),
    send: async () => true,
  };
  const turns = createTurns({ store, sender, settler, clock, observer: silentObserver });
  const outlet = createOutlet(endpoint.name);
  const lane = createLane(laneTo('5001'), notices.length);
  const webhook = { ...endpoint.webhook, maxBatch };
  const turn = { outlet, endpoint: { ...endpoint, webhook }, isClosed: () => false };
  return { clock, turns, aside, outlet, lane, turn, sender, settler, store };
}

test(`[limit MAX_TURN] a lane has ${MAX_TURN} notices a turn, then others have theirs`, async () => {
  for (const [waiting, outcome] of [
    [MAX_TURN, 'done'],
    [MAX_TURN + 1, 'more'],
  ] as const) {
    const notices = Array.from({ length: waiting }, (_, index) => ({
      ...laneTo('5001'),
      recorded: recorded(index + 1),
    }));
    for (const maxBatch of [1, 100]) {
      const { turns, lane, turn } = turnsOver(notices, maxBatch);
      const { taken, outcomes } = await turns.take([lane], turn);
      assert.deepEqual([taken, [...outcomes.values()][0]], [MAX_TURN, outcome]);
    }
  }
});

test('a turn fails when what it delivered was written down with that of others, and could not be', async () => {
  const { turns, lane, turn, sender, settler, store } = turnsOver([
    { ...laneTo('5001'), recorded: recorded(1) },
  ]);
  const { settle } = store;
  const attempt = { ...laneTo('5001'), seq: 1, at: NOW, status: 200, error: null, durationMs: 1 };
  Object.assign(sender, {
    async send() {
      settler.add(attempt, 0);
      Object.assign(store, { settle: () => Promise.reject(new Error('the disk is full')) });
      await assert.rejects(settler.flush(), /full/);
      Object.assign(store, { settle });
      return true;
    },
  });
  await assert.rejects(turns.take([lane], turn), /could not be written down/);
});

test('[limit MAX_BLOCKED_MS] a notice holds up its lane for less than an hour while others get through', async () => {
  for (const [failingForMs, setAside] of [
    [MAX_BLOCKED_MS - 1, 0],
    [MAX_BLOCKED_MS, 1],
  ] as const) {
    const { turns, lane, turn, outlet, aside } = turnsOver([{ ...laneTo('5001'), recorded: recorded(1) }]);
    outlet.healthySince = 0;
    outlet.succeededAt = NOW - 1;
    lane.failures = 9;
    lane.failingSince = NOW - failingForMs;
    lane.failedAt = NOW;
    await turns.take([lane], turn);
    assert.equal(aside.length, setAside);
  }
});

test('[W7] a notice is not set aside before it has failed all along the timetable, however long a machine slept', async () => {
  for (const [failures, setAside] of [
    [RETRY_PAUSES_MS.length - 1, 0],
    [RETRY_PAUSES_MS.length, 1],
  ] as const) {
    const { turns, lane, turn, outlet, aside } = turnsOver([{ ...laneTo('5001'), recorded: recorded(1) }]);
    outlet.healthySince = 0;
    outlet.succeededAt = NOW - 1;
    lane.failures = failures;
    lane.failingSince = NOW - MAX_BLOCKED_MS;
    lane.failedAt = NOW;
    await turns.take([lane], turn);
    assert.equal(aside.length, setAside);
  }
});

test(`[limit MAX_BUFFER] a lane keeps ${MAX_BUFFER} events at hand, and leaves more than that to the outbox`, () => {
  const atHand = (events: number): number | null => {
    const roster = createRoster();
    const lane = laneTo('5001');
    for (let seq = 1; seq <= events; seq++) roster.wake('a', { ...lane, seq, events: [recorded(seq)] });
    const [state] = roster.wake('a', { ...lane, seq: events, events: [] }).lanes.values();
    return state?.buffer?.length ?? null;
  };
  assert.equal(atHand(MAX_BUFFER), MAX_BUFFER);
  assert.equal(atHand(MAX_BUFFER + 1), null);
});
