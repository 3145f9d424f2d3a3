/** One call of the SDK's client: what is tried again, how often, and what it fails with. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { BatchCalls } from '../../src/sdk/batch.ts';
import { MAX_CALL_PAUSE_MS, MAX_CALL_TRIES } from '../../src/sdk/calls.ts';
import { type ClientOptions, createClient } from '../../src/sdk/client.ts';
import { BatonError } from '../../src/sdk/errors.ts';
import { answering, UNAVAILABLE } from './answering.ts';

const SENT = { status: 200, body: { recipient_id: '5001', message_id: 'm_1' } };
const clientWith = (options: Partial<ClientOptions>) =>
  createClient({ url: 'http://baton.test', appId: '2001', token: 'secret', firstPauseMs: 1, ...options });

async function failureOf(call: Promise<unknown>): Promise<BatonError> {
  const error: unknown = await call.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof BatonError, String(error));
  return error;
}

test('a server that answers 503 first gets the same message again, under the same Idempotency-Key', async (t) => {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(String(request.headers['idempotency-key']));
    assert.equal(request.headers.authorization, 'Bearer secret');
    const status = keys.length < 3 ? 503 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(SENT.body));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const client = clientWith({ url: `http://127.0.0.1:${port}/` });
  assert.deepEqual(await client.send('5001', 'Hello'), { messageId: 'm_1', attachmentId: null });
  assert.equal(keys.length, 3);
  assert.match(keys[0] ?? '', /^[0-9a-f]{32}$/);
  assert.equal(new Set(keys).size, 1);
  await client.send('5001', 'Hello');
  assert.notEqual(keys[3], keys[0], 'another call has another key');
});

test('[limit MAX_CALL_TRIES] a call is given up after so many tries, with growing pauses between them', async () => {
  const { asked, fetch } = answering(UNAVAILABLE);
  const startedAt = performance.now();
  const error = await failureOf(clientWith({ fetch, firstPauseMs: 8 }).release('5001'));
  assert.equal(asked.length, MAX_CALL_TRIES);
  assert.equal(error.tries, MAX_CALL_TRIES);
  assert.equal(error.kind, 'unavailable');
  assert.equal(error.code, 2);
  const leastMs = Array.from({ length: MAX_CALL_TRIES - 1 }, (_, index) => (8 * 2 ** index) / 2);
  const sumMs = leastMs.reduce((sum, ms) => sum + ms, 0);
  assert.ok(performance.now() - startedAt >= sumMs - 5, 'the pauses grow');
});

test('what never arrives is tried again, and what was refused is not', async () => {
  const lost = answering(new Error('reset'), SENT);
  await clientWith({ fetch: lost.fetch }).send('5001', 'Hello');
  assert.equal(lost.asked.length, 2);
  assert.equal(lost.asked[0]?.headers.get('idempotency-key'), lost.asked[1]?.headers.get('idempotency-key'));

  const body = {
    error: {
      message: '(#100) recipient[id] must be an id',
      code: 100,
      error_subcode: 33,
      error_user_title: 'A title',
      error_user_msg: 'A reason',
      fbtrace_id: 'A1',
    },
  };
  const refused = answering({ status: 400, body });
  const error = await failureOf(clientWith({ fetch: refused.fetch }).send('x', 'Hello'));
  assert.equal(refused.asked.length, 1);
  const { kind, status, code, subcode, message, userTitle, userMsg, traceId, control } = error;
  assert.deepEqual(
    { kind, status, code, subcode, message, userTitle, userMsg, traceId, control },
    {
      kind: 'refused',
      status: 400,
      code: 100,
      subcode: 33,
      message: '(#100) recipient[id] must be an id',
      userTitle: 'A title',
      userMsg: 'A reason',
      traceId: 'A1',
      control: null,
    },
  );
  const fault = answering({ status: 500, body: { error: { message: '(#1) unknown', code: 1 } } });
  assert.equal((await failureOf(clientWith({ fetch: fault.fetch }).take('5001'))).kind, 'unavailable');
  assert.equal(fault.asked.length, 1, 'a fault of the server is not tried again');
});

test('a persona whose making was not answered is not made again; one that came too soon is', async () => {
  const persona = { name: 'Ana', pictureUrl: 'https://example.com/ana.png' };
  const lost = answering(new Error('reset'));
  const error = await failureOf(clientWith({ fetch: lost.fetch }).createPersona(persona));
  assert.equal(error.kind, 'unreachable');
  assert.equal(lost.asked.length, 1);
  const limited = { status: 429, body: { error: { message: '(#613) too many', code: 613 } } };
  const soon = answering({ ...limited, headers: { 'retry-after': '0' } }, { status: 200, body: { id: '7' } });
  assert.equal(await clientWith({ fetch: soon.fetch }).createPersona(persona), '7');
});

test('a persona whose deletion was not answered is deleted; one that there never was is an error', async () => {
  const gone = { status: 400, body: { error: { message: 'none', code: 100, error_subcode: 33 } } };
  const lost = answering(new Error('reset'), gone);
  await clientWith({ fetch: lost.fetch }).deletePersona('7');
  assert.equal(lost.asked.length, 2);
  const never = answering(gone);
  const error = await failureOf(clientWith({ fetch: never.fetch }).deletePersona('7'));
  assert.deepEqual([error.subcode, error.tries], [33, 1]);
});

test('what is saved is not saved twice, and a batch with such a call in it is not sent twice', async () => {
  const from = { url: 'https://example.com/a.png' };
  const lost = answering(new Error('reset'));
  const error = await failureOf(clientWith({ fetch: lost.fetch }).saveAttachment('image', from));
  assert.deepEqual([error.kind, lost.asked.length], ['unreachable', 1]);
  const batched = answering(new Error('reset'));
  const both = clientWith({ fetch: batched.fetch }).batch((on) => [
    on.release('5001'),
    on.saveAttachment('image', from),
  ]);
  assert.equal((await failureOf(both)).kind, 'unreachable');
  assert.deepEqual([batched.asked.length, batched.asked[0]?.headers.has('idempotency-key')], [1, false]);
});

test('a batch is sent again under the same key, and its calls cannot be read as references', async () => {
  const answer = { code: 200, body: JSON.stringify(SENT.body) };
  const { asked, fetch } = answering(UNAVAILABLE, { status: 200, body: [answer, null] });
  const said = '{result=a:$.b} \result \\result';
  const [sent, none] = await clientWith({ fetch }).batch(
    (on) => [on.send('5001', said), on.release('5001')],
    { idempotencyKey: 'batch-1' },
  );
  assert.equal(asked.length, 2);
  assert.deepEqual(
    asked.map(({ headers }) => headers.get('idempotency-key')),
    ['batch-1', 'batch-1'],
  );
  assert.deepEqual(sent, { ok: true, value: { messageId: 'm_1', attachmentId: null } });
  assert.ok(!none.ok && none.error.kind === 'malformed', 'what is not answered is told as such');
  const { batch } = JSON.parse(asked[0]?.body ?? '') as { batch: { body: string; relative_url: string }[] };
  assert.equal(batch[0]?.relative_url, 'me/messages');
  assert.ok(!batch[0]?.body.includes('result'));
  const { message } = JSON.parse(batch[0]?.body ?? '') as { message: { text: string } };
  assert.equal(message.text, said);
});

test('a batch tells a call that was limited from one that was refused, and how long to wait', async () => {
  const error = JSON.stringify({ error: { message: '(#613) too many', code: 613 } });
  const headers = [{ name: 'Retry-After', value: '7' }];
  const { fetch } = answering({ status: 200, body: [{ code: 429, headers, body: error }] });
  const [result] = await clientWith({ fetch }).batch((on) => [on.take('5001')]);
  assert.ok(!result.ok);
  assert.deepEqual(
    [result.error.kind, result.error.code, result.error.retryAfterSeconds],
    ['limited', 613, 7],
  );
});

test('a batch is of calls that it is given: mistakes are thrown, and nothing goes out', async () => {
  const done = { code: 200, body: '{"success":true}' };
  const { asked, fetch } = answering({ status: 200, body: [done] });
  const client = clientWith({ fetch });
  assert.deepEqual(await client.batch(() => []), []);
  const { signal } = new AbortController();
  const bytes = new Uint8Array(1);
  const file = { bytes, filename: 'a.png', contentType: 'image/png' };
  for (const wrong of [
    client.batch((on) => {
      // Nobody listens to it: that must not end the process.
      void on.send('5001', 'kept back');
      return [on.release('5001')];
    }),
    client.batch((on) => {
      void on.send('5001', 'kept back', { idempotencyKey: 'k' });
      return [];
    }),
    // As a program without types may write it.
    client.batch((async (on: BatchCalls) => [on.release('5001')]) as never),
    client.batch((on) => [on.send('5001', 'Hello', { signal })]),
    client.batch((on) => [on.send('5001', 'Hello', { idempotencyKey: 'k' })]),
    client.batch((on) => [on.saveAttachment('image', file)]),
    client.batch((on) => [on.release('5001').then(() => on.take('5001'))]),
  ]) {
    await assert.rejects(wrong, TypeError);
  }
  assert.equal(asked.length, 1, 'only that one of the last');
  const reason = new Error('enough');
  const options = { signal: AbortSignal.abort(reason) };
  await assert.rejects(
    client.batch((on) => [on.release('5001')], options),
    reason,
  );
});

test('a list whose server says the same place again comes to its end', async () => {
  const part = { data: [{ id: 't_1_2' }], paging: { cursors: { after: 'MQ' } } };
  const { asked, fetch } = answering({ status: 200, body: part });
  const ids: string[] = [];
  for await (const { id } of clientWith({ fetch }).conversations()) {
    // Not for ever, should it not end.
    if (ids.push(id) > 3) break;
  }
  assert.deepEqual(ids, ['t_1_2', 't_1_2']);
  assert.equal(asked.length, 2);
});

test('[limit MAX_CALL_PAUSE_MS] a server that asks for a longer pause is not waited for', async () => {
  const headers = { 'retry-after': String(MAX_CALL_PAUSE_MS / 1_000 + 1) };
  const { asked, fetch } = answering({ status: 429, body: { error: { code: 613 } }, headers });
  const error = await failureOf(clientWith({ fetch }).send('5001', 'Hello'));
  assert.equal(error.kind, 'limited');
  assert.equal(error.retryAfterSeconds, MAX_CALL_PAUSE_MS / 1_000 + 1);
  assert.equal(asked.length, 1);
});

test('Retry-After is kept to', async () => {
  const { fetch } = answering({ status: 503, headers: { 'retry-after': '0.05' } }, SENT);
  const startedAt = performance.now();
  await clientWith({ fetch }).send('5001', 'Hello');
  assert.ok(performance.now() - startedAt >= 45);
});

test('a signal ends a call, its pauses too, with its own reason', async () => {
  const reason = new Error('enough');
  const { asked, fetch } = answering(UNAVAILABLE);
  const stop = new AbortController();
  const sending = clientWith({ fetch, firstPauseMs: 60_000 }).send('5001', 'Hello', { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(sending, reason);
  assert.ok(asked.length <= 1);
  await assert.rejects(
    clientWith({ fetch }).send('5001', 'Hello', { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

test('an answer that does not come in time is no answer', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failureOf(
    clientWith({ url, timeoutMs: 20 }).createPersona({ name: 'A', pictureUrl: 'b' }),
  );
  assert.equal(error.kind, 'unreachable');
  assert.match(error.message, /no answer within 20 ms/);
});

test('what is not Baton is told as such', async () => {
  const { fetch } = answering({ status: 404, body: 'not here' });
  const error = await failureOf(clientWith({ fetch }).page());
  assert.equal(error.kind, 'malformed');
  assert.match(error.message, /answered 404/);
});

test('a key of your own is used as it is', async () => {
  const { asked, fetch } = answering(SENT);
  await clientWith({ fetch }).send('5001', 'Hello', { idempotencyKey: 'order-77' });
  assert.equal(asked[0]?.headers.get('idempotency-key'), 'order-77');
});
