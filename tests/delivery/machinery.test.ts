/** Delivery when its own machinery is broken, or shared. */

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createGreeter } from '../../src/delivery/greeter.ts';
import { anyAddress } from '../../src/delivery/guard.ts';
import { createPoster, MAX_CONNECTIONS } from '../../src/delivery/poster.ts';
import { createRoster } from '../../src/delivery/roster.ts';
import { createSettler } from '../../src/delivery/settler.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { NEW_WEBHOOK, type Webhook } from '../../src/store/config.ts';
import type { Attempt } from '../../src/store/port.ts';

test('[W7] endpoints on one host do not hold each other up, however many requests hang', async () => {
  const hanging: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/hangs') hanging.push(response);
    else response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using poster = createPoster(anyAddress);
  const body = Buffer.from('{}');
  const stuck = Array.from({ length: MAX_CONNECTIONS }, () =>
    poster.post({ name: '2001/page', url: `${origin}/hangs` }, body, {}),
  );
  const other = await poster.post({ name: '2002/page', url: `${origin}/lives` }, body, {});
  assert.deepEqual([other.status, other.error], [200, null]);
  for (const response of hanging) response.end();
  server.closeAllConnections();
  server.close();
  await Promise.all(stuck);
});

test('a handshake that cannot be written down is repeated by the timetable, not at every look', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.end(new URL(request.url ?? '/', 'http://x').searchParams.get('hub.challenge'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const webhook: Webhook = {
    app: '2001' as AppId,
    object: 'page',
    callbackUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    verifyToken: 'verify',
    fields: [],
    ...NEW_WEBHOOK,
  };
  const clock = simulatedClock(1_800_000_000_000);
  await using poster = createPoster(anyAddress);
  const directory = {
    page: () => null,
    endpoint: () => null,
    webhooks: () => [webhook],
    update: () => Promise.reject(new Error('the disk is full')),
  };
  const greeter = createGreeter({ directory, poster, clock, observer: silentObserver });
  for (let looks = 0; looks < 10; looks++) {
    greeter.look();
    await greeter.settled();
  }
  assert.equal(asked, 2, 'once, and once more at once');
  clock.advance(5_000);
  greeter.look();
  await greeter.settled();
  assert.equal(asked, 3);
  server.close();
});

test('a settlement that cannot be written is told to everybody who waits for it, and the next one is tried anew', async () => {
  let isFull = true;
  const written: number[] = [];
  const settler = createSettler({
    async settle(delivered) {
      if (isFull) throw new Error('the disk is full');
      written.push(...delivered.map(({ seq }) => seq));
    },
    setAside: async () => undefined,
  });
  const attempt = (seq: number): Attempt => ({
    app: '2001' as AppId,
    page: '1001' as PageId,
    psid: '5001' as Psid,
    seq,
    at: 0,
    status: 200,
    error: null,
    durationMs: 1,
  });
  const since = settler.failures();
  settler.add(attempt(1), 1);
  const [first, second] = await Promise.allSettled([settler.flush(), settler.flush()]);
  assert.deepEqual([first.status, second.status], ['rejected', 'rejected']);
  isFull = false;
  settler.add(attempt(2), 1);
  await settler.flush();
  await assert.rejects(settler.flush(since), 'a turn that began before has lost something');
  assert.deepEqual(written, [2], 'what was not settled waits in the outbox and is delivered again');
});

test('who waits for a lane that was found at the start waits for what waited then, not until the lane is empty', async () => {
  const roster = createRoster();
  const lane = { app: '2001' as AppId, page: '1001' as PageId, psid: '5001' as Psid, events: null };
  const outlet = roster.wake('2001/page', { ...lane, seq: Number.POSITIVE_INFINITY });
  const [state] = outlet.lanes.values();
  assert.ok(state);
  let isSettled = false;
  const settled = roster.settled().then(() => (isSettled = true));
  roster.wake('2001/page', { ...lane, seq: 7 });
  state.doneSeq = 6;
  roster.enter(outlet, state, 'sending');
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal(isSettled, false, 'event 7 is the first whose number shows how far what waited reaches');
  roster.wake('2001/page', { ...lane, seq: 8 });
  state.doneSeq = 7;
  roster.enter(outlet, state, 'ready');
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal(isSettled, true, 'event 8 came later');
  await settled;
});
