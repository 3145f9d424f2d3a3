/** Traces by OpenTelemetry, taken by a recorder in memory: from a call to the webhooks that it caused. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, beforeEach, test } from 'node:test';
import { SpanKind, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { MAX_TRACE_STATE, readTraceContext } from '../../src/observe/spans.ts';
import { openTraces } from '../../src/observe/traces.ts';
import { openSandbox, type Sandbox } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, shopWorld, tokenOf } from '../http/shop.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const exporter = new InMemorySpanExporter();

before(() => {
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
});
beforeEach(() => exporter.reset());

/** An endpoint that remembers the headers of what it was told, and fails as often as it is told to. */
async function openDesk() {
  const heard: (string | undefined)[] = [];
  const state = { failures: 0 };
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://desk').searchParams;
    if (request.method === 'GET') return void response.end(query.get('hub.challenge'));
    request.resume().once('end', () => {
      heard.push(request.headers['traceparent'] as string | undefined);
      state.failures -= 1;
      response.writeHead(state.failures >= 0 ? 500 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    fail(times: number) {
      state.failures = times;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const says = (baton: Sandbox, text: string): Promise<unknown> =>
  baton.sandbox('POST', `/pages/1001/customers/${BUDI}/message`, { text });

async function pass(baton: Sandbox, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await baton.call('POST', `/v20.0/me/pass_thread_control?access_token=${tokenOf(BOT)}`, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ recipient: { id: BUDI }, target_app_id: DESK, metadata: 'Wants a cake' }),
  });
  return answer.status;
}

const named = (name: string): readonly ReadableSpan[] =>
  exporter.getFinishedSpans().filter((span) => span.name === name);
const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;

test('one trace leads from a call through command and commit to the webhook, in the trace of the caller', async () => {
  await using desk = await openDesk();
  await using baton = await openSandbox(shopWorld({ [DESK]: desk.url }));
  await says(baton, 'Hello');
  await baton.sandbox('POST', '/settle');
  exporter.reset();
  desk.heard.length = 0;
  assert.equal(await pass(baton, { traceparent: `00-${TRACE}-${PARENT}-01` }), 200);
  await baton.sandbox('POST', '/settle');

  const [call] = named('POST pass_thread_control');
  const [command] = named('command pass');
  const [webhook] = named('webhook page');
  assert.ok(call !== undefined && command !== undefined && webhook !== undefined);
  assert.deepEqual([call.kind, webhook.kind], [SpanKind.SERVER, SpanKind.CLIENT]);
  assert.equal(parentOf(call), PARENT);
  assert.equal(parentOf(command), call.spanContext().spanId);
  for (const name of ['decide', 'commit']) {
    assert.deepEqual(named(name).map(parentOf), [command.spanContext().spanId], name);
  }
  assert.equal(parentOf(webhook), command.spanContext().spanId);
  for (const span of [call, command, webhook]) assert.equal(span.spanContext().traceId, TRACE);
  assert.deepEqual(desk.heard, [`00-${TRACE}-${webhook.spanContext().spanId}-01`]);
  assert.equal(call.attributes['http.response.status_code'], 200);
  assert.equal(command.attributes['baton.outcome'], 'ok');
  assert.equal(webhook.attributes['baton.app'], DESK);
});

test('each item of a batch has a span beneath that of the caller', async () => {
  await using baton = await openSandbox(shopWorld({}));
  await says(baton, 'Hello');
  exporter.reset();
  const batch = [
    {
      method: 'POST',
      relative_url: 'me/pass_thread_control',
      body: `recipient={"id":"${BUDI}"}&target_app_id=${DESK}`,
    },
    { method: 'get', relative_url: `v20.0/me/thread_owner?recipient=${BUDI}` },
    { method: 'GET', relative_url: `debug_token?input_token=${tokenOf(BOT)}` },
    { method: 'x'.repeat(100), relative_url: 'me' },
  ];
  const answer = await baton.call('POST', `/?access_token=${tokenOf(BOT)}`, {
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${PARENT}-01` },
    body: JSON.stringify({ batch }),
  });
  assert.equal(answer.status, 200);
  const spans = exporter.getFinishedSpans().filter((span) => span.kind === SpanKind.SERVER);
  assert.deepEqual(
    spans.map(({ name, attributes }) => [
      name,
      attributes['http.route'],
      attributes['http.response.status_code'],
    ]),
    [
      ['POST pass_thread_control', '/{page}/pass_thread_control', 200],
      ['GET thread_owner', '/{page}/thread_owner', 200],
      ['GET debug_token', '/debug_token', 200],
      ['_OTHER', '/{node}', 400],
    ],
  );
  assert.deepEqual(spans.map(parentOf), [PARENT, PARENT, PARENT, PARENT]);
  assert.deepEqual(named('command pass').map(parentOf), [spans[0]?.spanContext().spanId]);
});

test('a notice that fails stays in its trace when it is tried again', async () => {
  await using desk = await openDesk();
  await using baton = await openSandbox(shopWorld({ [DESK]: desk.url }));
  await says(baton, 'Hello');
  await baton.sandbox('POST', '/settle');
  exporter.reset();
  desk.heard.length = 0;
  desk.fail(2);
  await pass(baton, { traceparent: `00-${TRACE}-${PARENT}-01` });
  await baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  await baton.sandbox('POST', '/clock', { advance_ms: 600_000 });
  const attempts = named('webhook page').filter((span) => span.spanContext().traceId === TRACE);
  assert.deepEqual(
    attempts.map(({ attributes }) => [
      attributes['http.response.status_code'],
      attributes['baton.first_attempt'],
    ]),
    [
      [500, true],
      [500, false],
      [200, false],
    ],
  );
});

test('a call without a trace begins one; a context that is malformed is not taken up', async () => {
  await using baton = await openSandbox(shopWorld({}));
  await says(baton, 'Hello');
  exporter.reset();
  assert.equal(await pass(baton, { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` }), 200);
  const [call] = named('POST pass_thread_control');
  assert.equal(call === undefined ? null : parentOf(call), undefined);
});

test('no customer, text or token is in a span', async () => {
  await using desk = await openDesk();
  await using baton = await openSandbox(shopWorld({ [DESK]: desk.url }));
  await says(baton, 'Is the corner table free?');
  await pass(baton, {});
  await baton.call('GET', `/${BUDI}?access_token=${tokenOf(BOT)}`);
  await baton.call('GET', `/me/no_such_edge?access_token=guess-1234`);
  await baton.sandbox('POST', '/settle');
  const told = exporter
    .getFinishedSpans()
    .map(({ name, attributes, status }) => ({ name, attributes, status }));
  const text = JSON.stringify(told);
  assert.ok(told.length > 5);
  for (const secret of [BUDI, 'corner', 'cake', tokenOf(BOT), 'guess-1234', 'Budi', 'no_such_edge']) {
    assert.ok(!text.includes(secret), `${secret} is in a span`);
  }
});

test('a call goes on from a span that instrumentation of HTTP has begun for it', async () => {
  const traces = await openTraces();
  assert.ok(traces !== null);
  traces.within({ name: 'instrumented', kind: 'call', from: null }, () => {
    const from = { traceparent: `00-${TRACE}-${PARENT}-01` };
    traces.within({ name: 'POST messages', kind: 'call', from }, () => undefined);
  });
  const [outer] = named('instrumented');
  assert.deepEqual(named('POST messages').map(parentOf), [outer?.spanContext().spanId]);
});

test('a right traceparent is read, of later versions too, and no other', () => {
  const right = `00-${TRACE}-${PARENT}-01`;
  const parentIn = (traceparent: string) => readTraceContext({ traceparent })?.traceparent ?? null;
  assert.equal(parentIn(right), right);
  assert.equal(parentIn(`cc-${TRACE}-${PARENT}-01-what-is-new`), `cc-${TRACE}-${PARENT}-01`);
  for (const wrong of [
    '',
    right.slice(1),
    `ff${right.slice(2)}`,
    right.toUpperCase(),
    `00-${TRACE}-${'0'.repeat(16)}-01`,
  ]) {
    assert.equal(parentIn(wrong), null, wrong);
  }
});

test(`[limit MAX_TRACE_STATE] a tracestate of ${MAX_TRACE_STATE} characters is passed on, a longer one is not`, () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`;
  const read = (length: number) => readTraceContext({ traceparent, tracestate: 'x'.repeat(length) });
  assert.equal(read(MAX_TRACE_STATE)?.tracestate?.length, MAX_TRACE_STATE);
  assert.deepEqual(read(MAX_TRACE_STATE + 1), { traceparent });
});
