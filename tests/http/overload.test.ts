/** Too much at once: 503 in Graph's shape with Retry-After, nothing of it stored, and then all is well again. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import Fastify from 'fastify';
import {
  limitConnections,
  MAX_PIPELINED,
  MAX_SERVED_CONNECTIONS,
  MAX_SURPLUS_CONNECTIONS,
} from '../../src/http/connections.ts';
import { MAX_WAITING_MOVES } from '../../src/http/sandbox/clock.ts';
import type { PageId, Psid } from '../../src/protocol/ids.ts';
import { MAX_GROUP, MAX_QUEUED_COMMITS } from '../../src/runtime/committer.ts';
import { MAX_WAITING_CHANGES } from '../../src/runtime/configuration.ts';
import { MAX_WAITING_PER_THREAD } from '../../src/runtime/threads.ts';
import type { Store } from '../../src/store/port.ts';
import { type App, type Asked, errorOf, openApp } from './app.ts';
import { BOT, BUDI, DESK, PAGE, tokenOf } from './shop.ts';

const apps = [BOT, DESK];

/** A store whose commits can be held back. */
function gated() {
  let gate: Promise<void> = Promise.resolve();
  let begun = Promise.withResolvers<void>();
  return {
    /** `begun`: the first of them waits. */
    hold() {
      const { promise, resolve: open } = Promise.withResolvers<void>();
      gate = promise;
      begun = Promise.withResolvers<void>();
      return { open, begun: begun.promise };
    },
    change: (store: Store): Store => ({
      ...store,
      async commit(batch) {
        begun.resolve();
        await gate;
        return store.commit(batch);
      },
    }),
  };
}

/** Enough that none of them has too much under way. */
const CUSTOMERS = 100;

const say = (app: App, text: string, psid = BUDI): Promise<Asked> =>
  app.ask('POST', '/me/messages', {
    token: tokenOf(BOT),
    body: { recipient: { id: psid }, message: { text } },
  });
const hear = (app: App, psid = BUDI): Promise<Asked> =>
  app.ask('POST', `/sandbox/pages/${PAGE}/customers/${psid}/message`, { body: { text: 'Hello' } });

function isOverloaded(answer: Asked): void {
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1']);
  const { message, type, code } = errorOf(answer);
  assert.deepEqual([type, code], ['OAuthException', 2]);
  assert.equal(message, '(#2) An unexpected error has occurred. Please retry your request later.');
}

test('a thread with too much under way answers 503 code 2, keeps nothing of it, and goes on when that is written', async () => {
  const { hold, change } = gated();
  const app = await openApp({ apps, change });
  await hear(app);
  const { open } = hold();
  const waiting = Array.from({ length: MAX_WAITING_PER_THREAD }, () => say(app, 'waits'));
  isOverloaded(await say(app, 'too much'));
  isOverloaded(await hear(app));
  open();
  assert.deepEqual(new Set((await Promise.all(waiting)).map(({ status }) => status)), new Set([200]));
  assert.equal((await say(app, 'later')).status, 200);
  const texts = await app.sentTo(BUDI);
  assert.deepEqual(texts, [...Array.from({ length: MAX_WAITING_PER_THREAD }, () => 'waits'), 'later']);
});

test('a server with too many commits under way answers 503 code 2, keeps nothing of it, and goes on when they are written', async () => {
  const { hold, change } = gated();
  const app = await openApp({ apps, change });
  await hear(app);
  const { open, begun } = hold();
  let named = 0;
  const introduce = (many: number) =>
    Array.from({ length: many }, () => {
      named += 1;
      const key = { page: PAGE as PageId, psid: String(900_000 + (named % CUSTOMERS)) as Psid };
      return app.runtime.threads.handle(key, { type: 'introduce', name: `Ani ${named}` });
    });
  const written = introduce(MAX_GROUP);
  await begun;
  const waiting = [...written, ...introduce(MAX_QUEUED_COMMITS)];
  isOverloaded(await say(app, 'too much'));
  isOverloaded(await hear(app, '700001'));
  open();
  assert.ok((await Promise.all(waiting)).every(({ ok }) => ok));
  assert.equal((await say(app, 'later')).status, 200);
  assert.deepEqual(await app.sentTo(BUDI), ['later']);
  assert.equal(await app.store.load({ page: PAGE as PageId, psid: '700001' as Psid }), null);
});

test('a server with too many changes of its configuration under way answers 503 code 2, and goes on when they are written', async () => {
  const app = await openApp({ apps });
  const persona = (name: string): Promise<Asked> =>
    app.ask('POST', '/me/personas', {
      token: tokenOf(BOT),
      body: { name, profile_picture_url: 'https://a.example/a.png' },
    });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const waiting = Array.from({ length: MAX_WAITING_CHANGES }, () =>
    app.runtime.change(async () => {
      await gate;
      return { put: [] };
    }),
  );
  isOverloaded(await persona('too much'));
  open();
  await Promise.all(waiting);
  assert.equal((await persona('later')).status, 200);
  assert.deepEqual(
    app.runtime.configuration.current().personas.map(({ name }) => name),
    ['later'],
  );
});

test('a page that is gone by the time a call is carried out asks for another try, with Retry-After', async () => {
  const app = await openApp({ apps });
  const { threads } = app.runtime;
  Object.assign(threads, { handle: async () => ({ ok: false, refusal: null }) });
  isOverloaded(await say(app, 'Hi'));
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** What is read from a socket until it is closed. */
async function restOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what has come is what there is.
  }
  return Buffer.concat(chunks).toString('utf8');
}

const ASKS = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
const SENDS = `POST /me/messages?access_token=${tokenOf(BOT)}&recipient={"id":"${BUDI}"}&message={"text":"Hi"} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n`;

test('[limit MAX_SERVED_CONNECTIONS] [limit MAX_SURPLUS_CONNECTIONS] connections beyond the limit are answered 503 and closed, those beyond these are closed, and when others end new ones are served', async () => {
  const usual = await openApp({ apps });
  assert.equal(usual.http.server.maxConnections, MAX_SERVED_CONNECTIONS + MAX_SURPLUS_CONNECTIONS);

  const app = await openApp({ apps, connections: { served: 2, surplus: 1 } });
  await hear(app);
  const port = Number(new URL(await app.http.listen({ port: 0, host: '127.0.0.1' })).port);
  const first = await connected(port);
  const second = await connected(port);
  const surplus = await connected(port);
  const beyond = await connected(port);
  assert.equal(await restOf(beyond), '', 'closed unheard');

  surplus.write(SENDS);
  const refused = await restOf(surplus);
  assert.match(refused, /^HTTP\/1\.1 503 /);
  assert.match(refused, /\r\nretry-after: 1\r\n/i);
  assert.match(refused, /\r\nconnection: close\r\n/i);
  assert.match(refused, /"code":2,/);
  assert.deepEqual(await app.sentTo(BUDI), []);

  first.write(ASKS);
  assert.match(await restOf(first), /^HTTP\/1\.1 200 /, 'those within the limit are served');
  const next = await connected(port);
  next.write(ASKS);
  assert.match(await restOf(next), /^HTTP\/1\.1 200 /);
  second.destroy();
  await app.http.close();
});

/** Writes calls at once while the first cannot be answered; what is answered when all of them have come, until the end. */
async function pipelined(app: App, { hold }: ReturnType<typeof gated>, calls: readonly string[]) {
  const { port } = app.http.server.address() as AddressInfo;
  const { open } = hold();
  const all = Promise.withResolvers<void>();
  let heard = 0;
  const count = (): void => {
    heard += 1;
    if (heard === calls.length) all.resolve();
  };
  app.http.server.on('request', count);
  const socket = await connected(port);
  socket.write(calls.join(''));
  await all.promise;
  app.http.server.off('request', count);
  open();
  return [...(await restOf(socket)).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}

test(`[limit MAX_PIPELINED] ${MAX_PIPELINED} calls may wait on a connection for the answer to the one before; the next is answered 503, and is the last`, async () => {
  const gate = gated();
  const app = await openApp({ apps, change: gate.change });
  await hear(app);
  await app.http.listen({ port: 0, host: '127.0.0.1' });
  const sends = Array.from({ length: MAX_PIPELINED }, () => SENDS);
  const within = await pipelined(app, gate, [...sends, ASKS]);
  assert.deepEqual(
    within,
    Array.from({ length: MAX_PIPELINED + 1 }, () => 200),
  );
  assert.equal((await app.sentTo(BUDI)).length, MAX_PIPELINED);

  const beyond = await pipelined(app, gate, [...sends, ...Array.from({ length: 7 }, () => SENDS)]);
  assert.deepEqual(beyond, [...Array.from({ length: MAX_PIPELINED + 1 }, () => 200), 503]);
  assert.equal((await app.sentTo(BUDI)).length, 2 * MAX_PIPELINED + 1, 'what is refused is not carried out');
  assert.equal((await say(app, 'later')).status, 200);
  await app.http.close();
});

test('what comes on a connection behind the call that is its last is not carried out', async () => {
  const app = Fastify();
  limitConnections(app);
  const [first, middle] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const gates: Readonly<Record<string, Promise<void>>> = { first: first.promise, middle: middle.promise };
  const carriedOut: string[] = [];
  app.get<{ Params: { name: string } }>('/:name', async ({ params: { name } }) => {
    carriedOut.push(name);
    await gates[name];
    return name;
  });
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = await connected(Number(port));
  let [heard, answers] = [0, ''];
  app.server.on('request', () => {
    heard += 1;
  });
  socket.on('data', (chunk) => {
    answers += String(chunk);
  });
  const half = Array.from({ length: MAX_PIPELINED / 2 }, () => 'quick');
  const call = (name: string): string => `GET /${name} HTTP/1.1\r\nhost: a\r\n\r\n`;
  const calls = ['first', ...half, 'middle', ...half.slice(1), 'refused'];
  socket.write(calls.map(call).join(''));
  while (heard < calls.length) await new Promise(setImmediate);
  first.resolve();
  while (answers.split('quick').length <= half.length) await new Promise(setImmediate);
  socket.write(call('late'));
  while (heard <= calls.length) await new Promise(setImmediate);
  middle.resolve();
  await once(socket, 'close');
  assert.deepEqual(carriedOut, calls.slice(0, -1));
  assert.equal(answers.split('HTTP/1.1 ').length - 1, calls.length);
  await app.close();
});

test(`[limit MAX_WAITING_MOVES] ${MAX_WAITING_MOVES} moves of a sandbox's clock may wait for the one under way; the next is answered 503 and moves nothing`, async () => {
  let gate = Promise.resolve();
  const app = await openApp({
    apps,
    change: (store) => ({ ...store, saveSetting: (...pair) => gate.then(() => store.saveSetting(...pair)) }),
  });
  const { promise, resolve: open } = Promise.withResolvers<void>();
  gate = promise;
  const before = app.clock.now();
  const move = () => app.ask('POST', '/sandbox/clock', { body: { advance_ms: 1 } });
  const moves = Array.from({ length: 1 + MAX_WAITING_MOVES }, move);
  isOverloaded(await move());
  open();
  assert.deepEqual(new Set((await Promise.all(moves)).map(({ status }) => status)), new Set([200]));
  assert.equal(app.clock.now(), before + moves.length);
  assert.equal((await move()).status, 200);
});
