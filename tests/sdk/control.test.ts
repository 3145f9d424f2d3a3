/** `client.control`: got as the rules allow, renewed, and given back on every path. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, createClient } from '../../src/sdk/client.ts';
import {
  type Control,
  type ControlOptions,
  MAX_CONTROLS,
  MAX_DURATION_SECONDS,
} from '../../src/sdk/control.ts';
import { BatonError, ControlLost, ControlNotGranted } from '../../src/sdk/errors.ts';
import type { TestApp } from '../../src/testing/kit/app.ts';
import { openBaton } from '../../src/testing/kit.ts';
import { answering } from './answering.ts';

/** A Baton with a bot that answers first, a desk, and a customer who has not written yet. */
async function openShop() {
  await using stack = new AsyncDisposableStack();
  const baton = stack.use(await openBaton());
  const page = await baton.page();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer();
  const open = stack.move();
  return { baton, page, bot, desk, budi, psid: budi.psid, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const ownerOf = async ({ client }: TestApp, psid: string) => (await client.threadOwner(psid)).appId;
const causes = (lines: readonly { readonly cause: string }[]) => lines.map(({ cause }) => cause);

/** Answers when control is over, with the reason. */
const over = ({ signal }: Control): Promise<ControlLost> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

/** A client of an app that writes down the edges that it calls. */
function spying(app: TestApp, options: { readonly hears?: boolean; readonly fail?: RegExp } = {}) {
  const calls: string[] = [];
  const extended = Promise.withResolvers<void>();
  const client: Client = createClient({
    ...app.settings,
    firstPauseMs: 1,
    ...(options.hears === false ? {} : { receiver: app.events }),
    async fetch(input, init) {
      const edge = new URL(String(input)).pathname.split('/').at(-1) ?? '';
      calls.push(edge);
      if (options.fail?.test(edge) === true) throw new Error('the network is down');
      const answer = await fetch(input, init);
      if (edge === 'extend_thread_control') extended.resolve();
      return answer;
    },
  });
  return { client, calls, extended: extended.promise };
}

const quick: ControlOptions = { checkSeconds: 0.02 };

for (const by of ['request', 'take'] as const) {
  test(`[K6] an idle thread comes by ${by} at once, and is idle again afterwards`, async () => {
    await using shop = await openShop();
    const { page, desk, budi, psid } = shop;
    const { client, calls } = spying(desk);
    {
      await using control = await client.control(psid, { by });
      assert.equal(await ownerOf(desk, psid), desk.id);
      await budi.says('Hello');
      await control.senderAction('typing_on');
      await control.send('Hello!');
    }
    assert.equal(await ownerOf(desk, psid), null);
    assert.deepEqual(causes(await page.history(psid)), [by, 'release']);
    const control = calls.filter((edge) => /control|owner/.test(edge));
    assert.deepEqual(control, [`${by}_thread_control`, 'thread_owner', 'release_thread_control']);
  });
}

test('control that the app has already is extended, kept and given back', async () => {
  await using shop = await openShop();
  const { page, bot, budi, psid } = shop;
  await budi.says('Hello');
  {
    await using control = await bot.client.control(psid, { durationSeconds: 200_000 });
    assert.equal(control.epoch, 1);
    const { expiresAt } = await bot.client.threadOwner(psid);
    assert.ok((expiresAt ?? 0) - Date.now() > 199_000_000);
  }
  assert.deepEqual(causes(await page.history(psid)), ['primary_receiver', 'release']);
});

test("[C8] control of another's thread comes when its owner passes it, and not before", async () => {
  await using shop = await openShop();
  const { bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  // Long between looks: it is the webhook that tells.
  const waiting = desk.client.control(psid, { metadata: 'Ana can help', checkSeconds: 3_600 });
  const { appId, metadata } = await bot.next('request_thread_control');
  assert.equal(metadata, 'Ana can help');
  assert.equal(await ownerOf(desk, psid), bot.id);
  await bot.client.pass(psid, { to: appId });
  await using control = await waiting;
  await control.send('Ana here');
  await budi.sees('Ana here');
});

test('without webhooks control is looked for, and asked for again where the queue was forgotten', async () => {
  await using shop = await openShop();
  const { bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  const { client } = spying(desk, { hears: false });
  const waiting = client.control(psid, quick);
  await bot.next('request_thread_control');
  await bot.client.release(psid);
  await using control = await waiting;
  assert.equal(await ownerOf(desk, psid), desk.id);
  await bot.client.take(psid);
  assert.equal((await over(control)).reason, 'moved');
});

test('by idle, control comes where nobody else has it, and nobody is bothered where somebody has', async () => {
  await using shop = await openShop();
  const { baton, page, bot, desk, budi, psid } = shop;
  const { client, calls } = spying(desk);
  {
    await using control = await client.control(psid, { by: 'idle' });
    assert.equal(control.epoch, 1);
  }
  await budi.says('Hello');
  {
    await using control = await bot.client.control(psid, { by: 'idle' });
    await control.send('Hi');
    const before = calls.length;
    await assert.rejects(client.control(psid, { by: 'idle' }), ControlNotGranted);
    assert.deepEqual(calls.slice(before), ['thread_owner']);
  }
  await page.inbox.moves(psid, 'main');
  await assert.rejects(bot.client.control(psid, { by: 'idle' }), ControlNotGranted);
  await baton.settled();
  assert.ok(!bot.heard.some(({ kind }) => kind === 'request_thread_control'));
});

test('[C7] who may not take is told why; the primary receiver may', async () => {
  await using shop = await openShop();
  const { page, bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  await assert.rejects(desk.client.control(psid, { by: 'take' }), (error) => {
    return error instanceof BatonError && error.control?.ownerAppId === bot.id;
  });
  assert.equal(await ownerOf(desk, psid), bot.id);
  await page.inbox.moves(psid, 'main');
  await using control = await bot.client.control(psid, { by: 'take' });
  assert.equal(await ownerOf(bot, psid), bot.id);
  assert.equal(control.psid, psid);
});

test('who is not given control in time has none, and does not wait on', async () => {
  await using shop = await openShop();
  const { bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  const refused = desk.client.control(psid, { waitSeconds: 0.05, checkSeconds: 0.01 });
  await assert.rejects(refused, (error) => error instanceof ControlNotGranted && error.ownerAppId === bot.id);
  const stop = new AbortController();
  const waiting = desk.client.control(psid, { signal: stop.signal });
  await bot.next('request_thread_control');
  const reason = new Error('closing time');
  stop.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(await ownerOf(bot, psid), bot.id);
});

test('control that came on the way to a failure is given back', async () => {
  await using shop = await openShop();
  const { page, desk, psid } = shop;
  const { client } = spying(desk, { fail: /thread_owner/ });
  await assert.rejects(
    client.control(psid),
    (error) => error instanceof BatonError && error.kind === 'unreachable',
  );
  assert.equal(await ownerOf(desk, psid), null);
  assert.deepEqual(causes(await page.history(psid)), ['request', 'release']);
});

test('control that came though nobody could be told of it is given back', async () => {
  await using shop = await openShop();
  const { page, desk, psid } = shop;
  const stop = new AbortController();
  const reason = new Error('closing time');
  for (const lose of [() => assert.fail('the answer is lost'), () => stop.abort(reason)]) {
    const client = createClient({
      ...desk.settings,
      firstPauseMs: 1,
      async fetch(input, init) {
        const isRequest = String(input).includes('request_thread_control');
        const answer = await fetch(input, isRequest ? { ...init, signal: null } : init);
        if (isRequest) lose();
        init?.signal?.throwIfAborted();
        return answer;
      },
    });
    await assert.rejects(client.control(psid, { signal: stop.signal }));
    assert.equal(await ownerOf(desk, psid), null);
  }
  assert.deepEqual(causes(await page.history(psid)), ['request', 'release', 'request', 'release']);
});

test('who gives up before asking gives nothing back', async () => {
  await using shop = await openShop();
  const { desk, psid } = shop;
  await desk.client.take(psid);
  const reason = new Error('closing time');
  await assert.rejects(desk.client.control(psid, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(await ownerOf(desk, psid), desk.id);
});

test('[C4] an answer that was begun before control moved is never sent, and the signal says so', async () => {
  await using shop = await openShop();
  const { bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  await bot.client.release(psid);
  const { client, calls } = spying(desk);
  {
    await using control = await client.control(psid, { checkSeconds: 3_600 });
    await bot.client.take(psid);
    const lost = await over(control);
    assert.ok(lost instanceof ControlLost);
    assert.equal(lost.reason, 'moved');
    await assert.rejects(control.send('Too late'), lost);
  }
  assert.ok(!calls.includes('messages'), 'nothing goes out under control that is known to be over');
  assert.ok(!calls.includes('release_thread_control'), 'what is lost is not given back');
  assert.equal(await ownerOf(bot, psid), bot.id);
});

test('the server refuses what the app cannot know to be too late, though it has control again', async () => {
  await using shop = await openShop();
  const { bot, desk, budi, psid } = shop;
  await budi.says('Hello');
  await bot.client.release(psid);
  const { client } = spying(desk, { hears: false });
  {
    await using control = await client.control(psid, { checkSeconds: 3_600 });
    await bot.client.take(psid);
    await bot.client.pass(psid, { to: desk.id });
    await assert.rejects(control.send('From the first time'), ControlLost);
    assert.equal(control.signal.aborted, true);
  }
  assert.equal(await ownerOf(desk, psid), desk.id, 'the second time is not given back by the first');
  assert.equal((await budi.screen()).length, 1);
});

test('control is renewed before it ends, and only as often as that needs', async () => {
  await using shop = await openShop();
  const { baton, desk, budi, psid } = shop;
  const { client, calls, extended } = spying(desk);
  await budi.says('Hello');
  await shop.bot.client.release(psid);
  await using control = await client.control(psid, { durationSeconds: 1, checkSeconds: 3_600 });
  await extended;
  assert.deepEqual(
    calls.filter((edge) => edge.endsWith('control')),
    ['request_thread_control', 'extend_thread_control'],
  );
  assert.equal(control.signal.aborted, false);
  await baton.clock.advance('25h');
  assert.equal((await over(control)).reason, 'moved', 'the next renewal finds that the lease has ended');
});

test('what is passed on is not given back', async () => {
  await using shop = await openShop();
  const { page, bot, desk, psid } = shop;
  {
    await using control = await desk.client.control(psid);
    await control.pass({ to: bot.id, metadata: 'yours' });
    assert.equal(control.signal.reason.reason, 'passed');
    await assert.rejects(control.send('One more thing'), ControlLost);
  }
  assert.equal(await ownerOf(bot, psid), bot.id);
  assert.deepEqual(causes(await page.history(psid)), ['request', 'pass']);
});

test('control is given back when the work fails, and once when it was given back before', async () => {
  await using shop = await openShop();
  const { page, desk, psid } = shop;
  const work = async (): Promise<void> => {
    await using control = await desk.client.control(psid);
    throw new Error(`broken at ${control.epoch}`);
  };
  await assert.rejects(work(), /broken at 1/);
  {
    await using control = await desk.client.control(psid);
    await control.release({ metadata: 'done' });
    await control.release();
    assert.equal(control.signal.reason.reason, 'released');
  }
  const lines = await page.history(psid);
  assert.deepEqual(causes(lines), ['request', 'release', 'request', 'release']);
  assert.equal(lines.at(-1)?.metadata, 'done');
});

test('a server that cannot be told of the end is an error, and told when it can be', async () => {
  await using shop = await openShop();
  const { desk, psid } = shop;
  const network = { isDown: false };
  const client = createClient({
    ...desk.settings,
    firstPauseMs: 1,
    fetch: (input, init) => (network.isDown ? Promise.reject(new Error('down')) : fetch(input, init)),
  });
  const control = await client.control(psid, { checkSeconds: 0.01 });
  network.isDown = true;
  const isUnreachable = (error: unknown): boolean =>
    error instanceof BatonError && error.kind === 'unreachable';
  await assert.rejects(async () => control[Symbol.asyncDispose](), isUnreachable);
  network.isDown = false;
  await control[Symbol.asyncDispose]();
  assert.equal(await ownerOf(desk, psid), null);
});

test('an app that may not speak of the thread any more has lost control', async () => {
  await using shop = await openShop();
  const { desk, psid } = shop;
  await using control = await desk.client.control(psid, quick);
  await desk.client.unsubscribe();
  const lost = await over(control);
  assert.equal(lost.reason, 'refused');
  assert.ok(lost.cause instanceof BatonError);
});

test('one client has one control of a thread at a time', async () => {
  await using shop = await openShop();
  const { desk, psid } = shop;
  {
    await using control = await desk.client.control(psid);
    await assert.rejects(desk.client.control(psid), /already/);
    assert.equal(control.signal.aborted, false);
  }
  await using again = await desk.client.control(psid);
  assert.equal(again.epoch, 3);
});

test('[limit MAX_CONTROLS] one client has so many controls, and no more', async () => {
  const owner = { app_id: '2001', expiration: 9_000_000_000 };
  const body = { success: true, data: [{ thread_owner: owner, control_epoch: 1 }] };
  const { fetch } = answering({ status: 200, body });
  const client = createClient({ url: 'http://baton.test', appId: '2001', token: 't', fetch });
  await using held = new AsyncDisposableStack();
  for (let psid = 1; psid <= MAX_CONTROLS; psid += 1) held.use(await client.control(String(psid)));
  await assert.rejects(client.control('0'), /already/);
});

test('[limit MAX_DURATION_SECONDS] control is kept for at most so long at a time', async () => {
  await using shop = await openShop();
  const { desk, psid } = shop;
  for (const durationSeconds of [MAX_DURATION_SECONDS + 1, 0, Number.NaN]) {
    await assert.rejects(desk.client.control(psid, { durationSeconds }), RangeError);
  }
  await using control = await desk.client.control(psid, { durationSeconds: MAX_DURATION_SECONDS });
  assert.equal(control.signal.aborted, false);
  const { expiresAt } = await desk.client.threadOwner(psid);
  assert.ok((expiresAt ?? 0) > Date.now() + (MAX_DURATION_SECONDS - 60) * 1_000);
});
