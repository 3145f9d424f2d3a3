/** The SDK's receiver: what it takes, how often, and in which order. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { WebhookEvent } from '../../src/sdk/events.ts';
import { MAX_EVENTS_REMEMBERED, MAX_LANES_REMEMBERED } from '../../src/sdk/intake.ts';
import { nodeListener } from '../../src/sdk/node.ts';
import {
  createReceiver,
  type Delivery,
  MAX_EVENTS_UNDER_WAY,
  MAX_WEBHOOK_BYTES,
  type ReceiverOptions,
} from '../../src/sdk/receiver.ts';
import { signatures } from '../../src/wire/bytes.ts';
import { bodyOf, deliver, messageItem, SECRET, signatureOf, VERIFY_TOKEN } from './webhooks.ts';

const receiverWith = (options: Partial<ReceiverOptions> = {}) =>
  createReceiver({ secret: SECRET, verifyToken: VERIFY_TOKEN, ...options });

/** A receiver that writes down what it heard. */
function listening(options: Partial<ReceiverOptions> = {}) {
  const heard: number[] = [];
  const deliveries: Delivery[] = [];
  const onEvent = (event: WebhookEvent, delivery: Delivery): void => {
    heard.push(event.laneSeq ?? 0);
    deliveries.push(delivery);
  };
  return { heard, deliveries, receiver: receiverWith({ onEvent, ...options }) };
}

test('[W6] the handshake is answered to whoever knows the token', async () => {
  const { handle } = receiverWith();
  const greet = (query: string): Promise<Response> =>
    handle(new Request(`http://app.test/any/path?${query}`));
  const right = await greet('hub.mode=subscribe&hub.verify_token=verify+me&hub.challenge=1158201444');
  assert.equal(right.status, 200);
  assert.equal(await right.text(), '1158201444');
  assert.equal((await greet('hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1')).status, 403);
  assert.equal((await greet('hub.verify_token=verify+me&hub.challenge=1')).status, 403);
  assert.equal((await handle(new Request('http://app.test/', { method: 'PUT' }))).status, 405);
});

test('[W6] only what is signed with the secret, over the exact bytes, is heard', async () => {
  const { heard, receiver } = listening();
  const body = bodyOf([messageItem(1)]);
  const right = signatureOf(body);
  const wrong = [
    null,
    '',
    'sha256=',
    right.slice(0, -1),
    `${right}0`,
    right.replace('sha256=', 'sha1='),
    right.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    right.replace(/..$/, 'zz'),
    signatureOf(body, 'another secret'),
    signatureOf(`${body} `),
  ];
  for (const signature of wrong)
    assert.equal(await deliver(receiver, body, signature), 401, String(signature));
  assert.deepEqual(heard, []);
  assert.equal(await deliver(receiver, body), 200);
  assert.equal(await deliver(receiver, bodyOf([messageItem(2)]), null), 401);
  const loud = bodyOf([messageItem(2)]);
  assert.equal(await deliver(receiver, loud, signatureOf(loud).toUpperCase().replace('SHA', 'sha')), 200);
  assert.deepEqual(heard, [1, 2]);
  assert.throws(() => receiverWith({ secret: '' }), TypeError);
});

test('[W6] known signatures: RFC 4231, and what Baton itself puts on a body', async () => {
  // A body that is signed rightly is read; that it is no JSON is told by another status.
  const jefe = receiverWith({ secret: 'Jefe' });
  const digest = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  assert.equal(await deliver(jefe, 'what do ya want for nothing?', `sha256=${digest}`), 400);
  for (const secret of ['s', 'ключ 🔑', 'x'.repeat(200)]) {
    const { receiver } = listening({ secret });
    const body = bodyOf([{ ...messageItem(1), message: { mid: 'm_1', text: 'äöå' } }]);
    const signature = signatures(secret, Buffer.from(body))['X-Hub-Signature-256'];
    assert.equal(await deliver(receiver, body, signature), 200, secret);
  }
});

test('[W7] an event is heard once, however often and in whatever company it comes', async () => {
  const { heard, receiver } = listening();
  await deliver(receiver, bodyOf([messageItem(1)]));
  assert.equal(await deliver(receiver, bodyOf([messageItem(1)])), 200);
  assert.equal(await deliver(receiver, bodyOf([messageItem(1), messageItem(2), messageItem(2)])), 200);
  assert.deepEqual(heard, [1, 2]);
  // Without numbers, as Messenger sends it: by the id of the message.
  const plain = { sender: { id: '5001' }, recipient: { id: '1001' }, timestamp: 9, message: { mid: 'm_9' } };
  await deliver(receiver, bodyOf([plain]));
  await deliver(receiver, bodyOf([plain]));
  assert.deepEqual(heard, [1, 2, 0]);
});

test('[W7] what comes again while it is being handled waits for that, and shares its fate', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const receiver = receiverWith({
    onError: () => undefined,
    async onEvent() {
      runs += 1;
      await gate.promise;
      if (runs === 1) throw new Error('no');
    },
  });
  const both = deliver(receiver, bodyOf([messageItem(1), messageItem(1)]));
  gate.resolve();
  assert.equal(await both, 500);
  assert.equal(runs, 1);
  assert.equal(await deliver(receiver, bodyOf([messageItem(1)])), 200);
  assert.equal(runs, 2);
});

test('[W7] a thread is heard in order and one at a time; what stands behind a failure is not heard before it', async () => {
  const heard: string[] = [];
  const failures: unknown[] = [];
  let isBroken = true;
  let inside = 0;
  const receiver = receiverWith({
    onError: (error) => failures.push(error),
    async onEvent(event) {
      inside += 1;
      assert.equal(inside, 1);
      await null;
      inside -= 1;
      if (event.laneSeq === 2 && event.psid === '5001' && isBroken) throw new Error('broken');
      heard.push(`${event.psid}/${event.laneSeq}`);
    },
  });
  const mixed = [messageItem(3), messageItem(1), messageItem(2), messageItem(4)];
  assert.equal(await deliver(receiver, bodyOf(mixed)), 500);
  assert.deepEqual(heard, ['5001/1']);
  assert.equal(failures.length, 1, 'those behind it did not fail by themselves');
  isBroken = false;
  assert.equal(await deliver(receiver, bodyOf(mixed)), 200);
  assert.deepEqual(heard, ['5001/1', '5001/2', '5001/3', '5001/4']);
});

test('threads do not wait for each other', async () => {
  const gate = Promise.withResolvers<void>();
  const receiver = receiverWith({ onEvent: ({ psid }) => (psid === '5001' ? gate.promise : undefined) });
  const slow = deliver(receiver, bodyOf([messageItem(1)]));
  assert.equal(await deliver(receiver, bodyOf([messageItem(1, { psid: '5002' })])), 200);
  gate.resolve();
  assert.equal(await slow, 200);
});

test('a listener is told what is missing before an event, what comes late, and of a new beginning', async () => {
  const { deliveries, receiver } = listening();
  for (const laneSeq of [1, 2, 5]) await deliver(receiver, bodyOf([messageItem(laneSeq)]));
  await deliver(receiver, bodyOf([messageItem(3)]));
  await deliver(receiver, bodyOf([messageItem(6)]));
  await deliver(receiver, bodyOf([messageItem(1, { timestamp: 9_000 })]));
  await deliver(receiver, bodyOf([messageItem(2, { timestamp: 9_001 })]));
  await deliver(receiver, bodyOf([messageItem(7, { psid: '5002' })]));
  assert.deepEqual(
    deliveries.map(({ missedBefore, isLate }) => (isLate ? 'late' : missedBefore)),
    [0, 0, 2, 'late', 0, null, 0, null],
  );
});

test('each listener hears its channel, and onEvent the rest', async () => {
  const heard: string[] = [];
  const note = (place: string) => (event: WebhookEvent) => void heard.push(`${place} ${event.kind}`);
  const receiver = receiverWith({
    onMessaging: note('messaging'),
    onHandover: note('handover'),
    onEvent: note('event'),
  });
  await deliver(receiver, bodyOf([messageItem(1)]));
  await deliver(receiver, bodyOf([messageItem(2)], 'standby'));
  const { message, ...common } = messageItem(3);
  const take = { previous_owner_app_id: 2001, new_owner_app_id: null, metadata: null };
  await deliver(receiver, bodyOf([{ ...common, take_thread_control: take }]));
  assert.deepEqual(heard, ['messaging message', 'event message', 'handover take_thread_control']);
  assert.equal(message.mid, 'm_3');
});

test('a watcher hears each event as it arrives, and its faults are its own', async () => {
  const watched: string[] = [];
  const failures: string[] = [];
  const receiver = receiverWith({
    onEvent: ({ key }) => void watched.push(`heard ${key.split('/').at(-1)}`),
    onError: (error) => failures.push(String(error)),
  });
  receiver.watch(() => {
    throw new Error('blind');
  });
  const stop = receiver.watch(({ threadSeq }) => void watched.push(`watched ${threadSeq}`));
  assert.equal(await deliver(receiver, bodyOf([messageItem(1), messageItem(2)])), 200);
  stop();
  await deliver(receiver, bodyOf([messageItem(3)]));
  assert.deepEqual(watched, ['watched 2', 'watched 4', 'heard 2', 'heard 4', 'heard 6']);
  assert.deepEqual(failures, ['Error: blind', 'Error: blind', 'Error: blind']);
});

test('[limit MAX_EVENTS_REMEMBERED] so many events are known again; before them, they are new', async () => {
  const { heard, receiver } = listening();
  const all = Array.from({ length: MAX_EVENTS_REMEMBERED + 1 }, (_, index) => messageItem(index + 1));
  for (let from = 0; from < all.length; from += 500) {
    await deliver(receiver, bodyOf(all.slice(from, from + 500)));
  }
  assert.equal(heard.length, MAX_EVENTS_REMEMBERED + 1);
  await deliver(receiver, bodyOf([messageItem(2)]));
  assert.equal(heard.length, MAX_EVENTS_REMEMBERED + 1, 'the second is known');
  await deliver(receiver, bodyOf([messageItem(1)]));
  assert.equal(heard.length, MAX_EVENTS_REMEMBERED + 2, 'the first is forgotten');
});

test('[limit MAX_LANES_REMEMBERED] of so many threads it is known where they were', async () => {
  const { deliveries, receiver } = listening();
  const psids = Array.from({ length: MAX_LANES_REMEMBERED + 1 }, (_, index) => String(10_000 + index));
  for (let from = 0; from < psids.length; from += 500) {
    const items = psids.slice(from, from + 500).map((psid) => messageItem(1, { psid }));
    await deliver(receiver, bodyOf(items));
  }
  for (const psid of [psids.at(-1), psids.at(1), psids.at(0)]) {
    await deliver(receiver, bodyOf([messageItem(3, { psid: psid ?? '' })]));
  }
  assert.deepEqual(
    deliveries.slice(-3).map(({ missedBefore }) => missedBefore),
    [1, 1, null],
  );
});

test('[limit MAX_EVENTS_UNDER_WAY] a webhook that would bring more is asked to come later', async () => {
  const gate = Promise.withResolvers<void>();
  const receiver = receiverWith({ onEvent: () => gate.promise });
  const items = Array.from({ length: MAX_EVENTS_UNDER_WAY }, (_, index) =>
    messageItem(1, { psid: String(10_000 + index) }),
  );
  const arrived = Promise.withResolvers<void>();
  receiver.watch(() => arrived.resolve());
  const full = deliver(receiver, bodyOf(items));
  await arrived.promise;
  assert.equal(await deliver(receiver, bodyOf([messageItem(1)])), 503);
  gate.resolve();
  assert.equal(await full, 200);
  assert.equal(await deliver(receiver, bodyOf([messageItem(1)])), 200);
});

test('[limit MAX_WEBHOOK_BYTES] a longer body is not read', async (t) => {
  const { heard, receiver } = listening();
  const body = bodyOf([messageItem(1)]);
  const padded = body + ' '.repeat(MAX_WEBHOOK_BYTES - body.length);
  assert.equal(await deliver(receiver, padded), 200);
  assert.equal(await deliver(receiver, `${padded} `), 413);
  const server = createServer(nodeListener(receiver)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const headers = { 'x-hub-signature-256': signatureOf(padded) };
  assert.equal((await fetch(url, { method: 'POST', headers, body: padded })).status, 200);
  const over = await fetch(url, { method: 'POST', headers, body: `${padded} ` }).then(
    ({ status }) => status,
    () => 413,
  );
  assert.equal(over, 413);
  assert.deepEqual(heard, [1]);
});
