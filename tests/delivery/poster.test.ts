/** One request: what counts as its answer, and what bounds it. The endpoints are bare sockets, to answer byte by byte. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Pool } from 'undici';
import { exchange } from '../../src/delivery/exchange.ts';
import { anyAddress } from '../../src/delivery/guard.ts';
import { createPoster, MAX_ANSWER_BYTES, TIMEOUT_MS } from '../../src/delivery/poster.ts';

const BODY = Buffer.from('{}');
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Calls `heard` for each request, with its number from 1. */
async function listen(heard: (socket: Socket, request: number) => void) {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (!/^(POST|GET) /.test(String(chunk))) return;
      requests += 1;
      heard(socket, requests);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const to = {
    name: '2001/page',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=1`,
  };
  return {
    to,
    requests: () => requests,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test('[W7] an endpoint that must be dialled for each request goes behind those that need not be', async (t) => {
  using lavish = await listen((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n${'x'.repeat(MAX_ANSWER_BYTES)}`);
  });
  using usual = await listen((socket) => socket.write(OK));
  const other = { ...usual.to, name: '2002/page' };
  const done: string[] = [];
  await using poster = createPoster((address) => done.push(`dialled ${address}`) > 0);
  assert.equal((await poster.post(lavish.to, BODY, {})).error, null);
  await poster.post(other, BODY, {});
  // Its connection is free again when the answer has been dealt with.
  await new Promise(setImmediate);
  const sent = (): void => void done.push('sent');
  subscribe('undici:client:sendHeaders', sent);
  t.after(() => unsubscribe('undici:client:sendHeaders', sent));
  done.length = 0;
  await Promise.all([poster.post(lavish.to, BODY, {}), poster.post(other, BODY, {})]);
  assert.deepEqual(done, ['sent', 'dialled 127.0.0.1', 'sent']);
});

test('[W7] a kept connection that is closed as it is used again is the same attempt, once more', async () => {
  using endpoint = await listen((socket, request) => {
    if (request === 2) socket.destroy();
    else socket.write(OK);
  });
  await using poster = createPoster(anyAddress);
  assert.equal((await poster.post(endpoint.to, BODY, {})).status, 200);
  const { status, error } = await poster.post(endpoint.to, BODY, {});
  assert.deepEqual([status, error, endpoint.requests()], [200, null, 3]);
});

test('[W7] an endpoint that closes every connection has failed after the second', async () => {
  using endpoint = await listen((socket) => socket.destroy());
  await using poster = createPoster(anyAddress);
  const { status, error } = await poster.post(endpoint.to, BODY, {});
  assert.deepEqual([status, error, endpoint.requests()], [null, 'UND_ERR_SOCKET', 2]);
});

test('[W7] an answer that breaks off counts by its status, and is not asked for again', async () => {
  using endpoint = await listen((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy());
  });
  await using poster = createPoster(anyAddress);
  const { status, error } = await poster.post(endpoint.to, BODY, {});
  assert.deepEqual([status, error, endpoint.requests()], [200, null, 1]);
});

test('[W7] what is told on the way is not the answer', async () => {
  using endpoint = await listen((socket) => socket.write(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`));
  await using poster = createPoster(anyAddress);
  const { status, error, body } = await poster.get(endpoint.to);
  assert.deepEqual([status, error, body], [200, null, 'ok']);
});

describe('endpoints that are given up on', { concurrency: 3 }, () => {
  test('[W7] an answer that drips is bounded as a whole: its status counts, and the connection is given up', async () => {
    const closed = Promise.withResolvers<void>();
    using endpoint = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('.'), 100);
      socket.once('close', () => {
        clearInterval(drip);
        closed.resolve();
      });
    });
    await using poster = createPoster(anyAddress);
    const { status, error } = await poster.post(endpoint.to, BODY, {});
    assert.deepEqual([status, error], [200, null]);
    await closed.promise;
  });

  test('[W7] an endpoint that never answers has failed for that, and is asked once', async () => {
    using endpoint = await listen(() => undefined);
    await using poster = createPoster(anyAddress);
    const { status, error } = await poster.post(endpoint.to, BODY, {});
    assert.deepEqual([status, error, endpoint.requests()], [null, `no answer within ${TIMEOUT_MS} ms`, 1]);
  });
});

test('[W7] a request whose time is over before a connection was free does not go out any more', async () => {
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  using endpoint = await listen((socket, request) => {
    if (request === 1) hear();
    else socket.write(OK);
  });
  const { origin, pathname: path } = new URL(endpoint.to.url);
  const pool = new Pool(origin, { connections: 1, pipelining: 1 });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => pool.destroy());
  const ask = () =>
    exchange({
      dispatcher: pool,
      request: { path, method: 'POST', body: BODY },
      maxAnswerBytes: MAX_ANSWER_BYTES,
      keepsBody: false,
    });
  const first = ask();
  const waiting = ask();
  await heard;
  waiting.abort(new Error('late'));
  // Now the connection is free.
  first.abort(new Error('late'));
  const ended = await Promise.all([first.ended, waiting.ended]);
  assert.deepEqual(
    ended.map(({ status }) => status),
    [null, null],
  );
  const next = await ask().ended;
  assert.deepEqual([next.status, endpoint.requests()], [200, 2]);
});

test('[W7] a callback that moves is posted to at its new place', async () => {
  using old = await listen((socket) => socket.write(OK));
  using young = await listen((socket) => socket.write(OK));
  await using poster = createPoster(anyAddress);
  await poster.post(old.to, BODY, {});
  await poster.post(young.to, BODY, {});
  await poster.post(young.to, BODY, {});
  assert.deepEqual([old.requests(), young.requests()], [1, 2]);
});
