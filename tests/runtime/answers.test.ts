/** Calls that bear a key, on one node and on two that share a store. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentObserver } from '../../src/observe/observer.ts';
import type { Command } from '../../src/protocol/command.ts';
import type { AppId, Mid, PageId, Psid } from '../../src/protocol/ids.ts';
import type { Act } from '../../src/protocol/message.ts';
import type { Answered } from '../../src/runtime/answers.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { IDEMPOTENCY_MS, type KeptAnswer, type Store } from '../../src/store/port.ts';
import { BOT, BUDI, DESK, PAGE, shopWorld } from '../http/shop.ts';

const files = createFiles('/nowhere/baton');

const key = { page: PAGE as PageId, psid: BUDI as Psid };
const bot = BOT as AppId;
const delivery = { wake: () => undefined, reconfigure: () => undefined };

const answerOf = (message: string, more: Partial<KeptAnswer> = {}): KeptAnswer => ({
  app: bot,
  key: 'k1',
  fingerprint: 'ab',
  body: { message_id: message },
  ...more,
});
const take: Command = { type: 'take', caller: DESK as AppId, metadata: null, controlEpoch: null };
const byDesk: Partial<KeptAnswer> = { app: DESK as AppId };

/** The customer writes. */
async function says({ threads }: Runtime, mid: Mid, to = key): Promise<void> {
  const act: Act = {
    kind: 'message',
    mid,
    text: 'Hi',
    attachments: [],
    quickReplyPayload: null,
    referral: null,
  };
  await threads.handle(to, { type: 'receive', act });
}

/** Two nodes on one store, with a customer who has written; nobody has control. */
async function open(change: (store: Store) => Store = (store) => store) {
  const clock = simulatedClock(1_800_000_000_000);
  const store = createMemoryStore({ now: clock.now });
  const start = async (): Promise<Runtime> => {
    const configuration = await openConfiguration(store);
    return createRuntime({
      store: change(store),
      configuration,
      clock,
      observer: silentObserver,
      delivery,
      files,
    });
  };
  const first = await start();
  const world = readWorld(JSON.stringify(shopWorld({}, { primary: null, apps: [BOT, DESK] })), {
    sandbox: true,
  });
  assert.ok(world.ok);
  await loadWorld(first, world.world, { sandbox: true });
  await says(first, newMid(clock.now()));
  const second = await start();
  const send = (runtime: Runtime, more: Partial<KeptAnswer> = {}, to = key): Promise<Answered> => {
    const mid = newMid(clock.now());
    const outgoing = { mid, text: 'a', attachment: null, quickReplies: [], metadata: null, replyTo: null };
    const command: Command = {
      type: 'send',
      caller: bot,
      message: outgoing,
      humanAgent: false,
      persona: null,
      controlEpoch: null,
      survey: false,
      control: null,
    };
    return runtime.answers.handle(to, command, answerOf(mid, more));
  };
  const count = async (type: string): Promise<number> => {
    const events = await store.events(key, { after: 0, limit: 1_000 });
    return events.filter(({ event }) => event.type === type).length;
  };
  return { clock, store, first, second, send, count };
}

const bearsAnswer = ({ answer }: { readonly answer?: unknown }): boolean => answer !== undefined;
const isDone = (answered: Answered): boolean => answered.kind === 'handled' && answered.handled.ok;

test('[C1] of one call that comes to two nodes at once one is carried out, and the other answered the same', async () => {
  const { first, second, send, count, store } = await open();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => send(index % 2 === 0 ? first : second)),
  );
  assert.equal(await count('message_sent'), 1);
  assert.equal(answers.filter(isDone).length, 1);
  const kept = await store.answer({ app: bot, page: key.page, key: 'k1' });
  const repeated = answers.filter((answer) => !isDone(answer));
  assert.deepEqual(new Set(repeated.map((each) => JSON.stringify(each))).size, 1);
  assert.deepEqual(repeated[0], { kind: 'repeated', body: kept?.body });
});

test('a call that is refused because its own repetition was first is answered as that was', async () => {
  const { first, second, count } = await open();
  const calls = Array.from({ length: 20 }, (_, index) =>
    (index % 2 === 0 ? first : second).answers.handle(key, take, answerOf('taken', byDesk)),
  );
  const answers = await Promise.all(calls);
  assert.equal(answers.filter(isDone).length, 1);
  assert.equal(answers.filter(({ kind }) => kind === 'repeated').length, 19);
  assert.equal(await count('control_changed'), 1);
});

test('a node that looked for an answer before another node gave it does not refuse its own success', async () => {
  let looks = 0;
  let other: Runtime | null = null;
  const { first, second, count } = await open((store) => ({
    ...store,
    async answer(name) {
      const found = await store.answer(name);
      looks += 1;
      if (looks !== 1) return found;
      // Here, between this node's look and its decision, the other carries the call out.
      await other?.threads.handleOnce(key, take, answerOf('taken', byDesk));
      return found;
    },
  }));
  other = first;
  // The second has not loaded the thread yet: it will find the success of the first, and be refused for it.
  const answered = await second.answers.handle(key, take, answerOf('late', byDesk));
  assert.deepEqual(answered, { kind: 'repeated', body: { message_id: 'taken' } });
  assert.equal(await count('control_changed'), 1);
});

test('a key that two nodes give to two threads at once belongs to one of them', async () => {
  const { first, second, send } = await open();
  const elsewhere = { ...key, psid: '5002' as Psid };
  await first.threads.handle(elsewhere, { type: 'introduce', name: 'Ani' });
  await says(first, newMid(1), elsewhere);
  const answers = await Promise.all([send(first), send(second, { fingerprint: 'cd' }, elsewhere)]);
  assert.equal(answers.filter(isDone).length, 1);
  assert.equal(answers.filter(({ kind }) => kind === 'key_taken').length, 1);
});

test('a repetition that waits for a call that fails by a fault is carried out in its place', async () => {
  let commits = 0;
  const { first, send, count } = await open((store) => ({
    ...store,
    async commit(batch) {
      if (batch.some(bearsAnswer)) commits += 1;
      if (commits === 1) throw new Error('the disk is full');
      return store.commit(batch);
    },
  }));
  const [broken, ...others] = await Promise.allSettled(Array.from({ length: 5 }, () => send(first)));
  assert.equal(broken?.status, 'rejected');
  const answered = others.map((each) => (each.status === 'fulfilled' ? each.value : null));
  assert.equal(answered.filter((each) => each !== null && isDone(each)).length, 1);
  assert.equal(answered.filter((each) => each?.kind === 'repeated').length, 3);
  assert.equal(await count('message_sent'), 1);
});

test('a success that its store could not tell of is not done again', async () => {
  let lost = false;
  const { first, send, count } = await open((store) => ({
    ...store,
    async commit(batch) {
      const outcomes = await store.commit(batch);
      if (lost || !batch.some(bearsAnswer)) return outcomes;
      lost = true;
      throw new Error('the connection is gone');
    },
  }));
  await send(first).catch(() => undefined);
  assert.equal((await send(first)).kind, 'repeated');
  assert.equal(await count('message_sent'), 1);
});

test('an answer that is over stands for nothing, and is taken out by and by', async () => {
  const { clock, store, first, send, count } = await open();
  await send(first);
  clock.advance(IDEMPOTENCY_MS - 1);
  assert.equal((await send(first)).kind, 'repeated');
  clock.advance(1);
  await says(first, newMid(clock.now()));
  assert.equal(isDone(await send(first)), true);
  assert.equal(await count('message_sent'), 2);
  clock.advance(IDEMPOTENCY_MS);
  assert.equal(await store.forgetAnswers(10), 1);
});
