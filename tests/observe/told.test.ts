/** What the other floors tell their observer, where no metric could show it from outside. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSender } from '../../src/delivery/sender.ts';
import { createSettler } from '../../src/delivery/settler.ts';
import { createRateLimit } from '../../src/http/rate-limit.ts';
import { kindOf } from '../../src/http/requests.ts';
import { type AttemptLine, silentObserver } from '../../src/observe/observer.ts';
import type { SpanStart, TraceContext } from '../../src/observe/spans.ts';
import type { Recorded } from '../../src/protocol/event.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { simulatedClock, systemClock } from '../../src/runtime/clock.ts';
import { NEW_WEBHOOK } from '../../src/store/config.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { openApp } from '../http/app.ts';

const NOW = 1_800_000_000_000;
const [APP, PAGE, PSID] = ['2001' as AppId, '1001' as PageId, '5001' as Psid];

test('a call over the limit is told of by the error it is answered with', () => {
  const told: string[] = [];
  const limit = createRateLimit(1, simulatedClock(0), { limited: (name) => void told.push(name) });
  for (let call = 0; call < 3; call++) limit?.refusal('203.0.113.1', `${APP}/${PAGE}`);
  for (let guess = 0; guess < 61; guess++) limit?.refusal('203.0.113.2', null);
  assert.deepEqual(told, ['rate_limited', 'rate_limited', 'address_limited']);
});

test("a clock says how far it is ahead of the machine's after that was set back", (t) => {
  const clock = systemClock();
  const now = clock.now();
  assert.equal(clock.errorMs(), 0);
  t.mock.method(Date, 'now', () => now - 60_000);
  clock.now();
  const error = clock.errorMs();
  assert.ok(error >= 60_000 && error < 120_000, `${error} ms`);
});

test('a request is told of by the kind of its route, with a version in front or without', () => {
  const kinds = [
    ['/me/messages', 'graph'],
    ['/v24.0/me', 'graph'],
    ['/dialog/oauth?client_id=1', 'dialog'],
    ['/v24.0/dialog/oauth', 'dialog'],
    ['/attachments/abc', 'files'],
    ['/admin/apps', 'admin'],
    ['/docs/json', 'docs'],
  ] as const;
  assert.deepEqual(
    kinds.map(([url]) => kindOf(url)),
    kinds.map(([, kind]) => kind),
  );
});

test('the sweep says up to when all that was due is written', async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, runtime, http } = await openApp();
  stack.defer(() => http.close());
  const before = clock.now();
  clock.advance(86_400_000);
  assert.equal(runtime.sweep.settledUntil(), before);
  await runtime.sweep.run();
  assert.equal(runtime.sweep.settledUntil(), clock.now());
});

test('one request for notices of several traces goes on from the first and is linked to the others', async () => {
  const clock = simulatedClock(NOW);
  const [started, attempts]: [SpanStart[], AttemptLine[]] = [[], []];
  const sentWith: (string | undefined)[] = [];
  const own: TraceContext = { traceparent: '00-own' };
  const traces = {
    within<Result>(start: SpanStart, work: () => Result): Result {
      started.push(start);
      return work();
    },
    note: () => undefined,
    current: () => own,
  };
  const sender = createSender({
    directory: { page: () => null, endpoint: () => null, webhooks: () => [], update: async () => undefined },
    poster: {
      async post(_to, _bytes, headers) {
        sentWith.push(headers['traceparent']);
        return { status: 200, error: null, durationMs: 1 };
      },
      get: async () => ({ status: 200, error: null, durationMs: 1, body: '' }),
      [Symbol.asyncDispose]: async () => undefined,
    },
    settler: createSettler(createMemoryStore({ now: clock.now })),
    clock,
    machine: clock,
    observer: { ...silentObserver, attempt: (line) => void attempts.push(line), traces },
  });
  const posting = (seq: number, traceparent: string | null, isFirst: boolean) => {
    const event = { type: 'messages_read', mid: null } as const;
    const recorded: Recorded = { seq, at: NOW - 5_000, timestamp: NOW, epoch: 0, event, audience: [] };
    const notice = { app: APP, page: PAGE, psid: PSID, recorded };
    const body = { object: 'page', entry: [{ id: PAGE, time: NOW, messaging: [{}] }] };
    const origin =
      traceparent === null ? null : { committedAtMs: performance.now() - 1_000, trace: { traceparent } };
    return { prepared: { notice, body, channel: 'messages' }, fence: 1, origin, isFirst };
  };
  const webhook = {
    app: APP,
    object: 'page',
    callbackUrl: 'http://127.0.0.1:1/',
    verifyToken: 'v',
    fields: [],
    ...NEW_WEBHOOK,
  } as const;
  const endpoint = { name: '2001/page', platform: 'messenger', secrets: ['s'], webhook } as const;
  const postings = [posting(1, '00-a', false), posting(2, '00-b', true), posting(3, null, true)];
  assert.equal(await sender.send(postings, endpoint), true);
  assert.deepEqual(
    started.map(({ from, alsoFrom }) => [from, alsoFrom]),
    [[{ traceparent: '00-a' }, [{ traceparent: '00-b' }]]],
  );
  assert.deepEqual(sentWith, ['00-own']);
  const [repeated, atHand, fromOutbox] = attempts.map(({ sinceCommitMs }) => sinceCommitMs);
  assert.equal(repeated, null);
  assert.ok(Number(atHand) >= 1_000);
  assert.equal(fromOutbox, 5_000);
});
