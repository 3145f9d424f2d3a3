/** The sandbox's clock, and waiting for webhooks. */

import type { FastifyInstance } from 'fastify';
import { parseAppId } from '../../protocol/ids.ts';
import { DAY_MS } from '../../protocol/time.ts';
import { advanceForGood, type MovableClock } from '../../runtime/clock.ts';
import { Overloaded } from '../../runtime/overloaded.ts';
import type { DeliveryPort } from '../../runtime/ports.ts';
import { withEras } from '../../runtime/report.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { MAX_ATTEMPTS_KEPT } from '../../store/port.ts';
import { eventId } from '../../wire/bytes.ts';
import { fail, integerAt, readBody } from './body.ts';

/** Furthest that one call moves the clock: ten years. */
export const MAX_ADVANCE_MS = 3_650 * DAY_MS;

/** Most moves of the clock that wait for those before them. */
export const MAX_WAITING_MOVES = 1_000;

export type SandboxTime = {
  readonly clock: MovableClock;
  readonly delivery: DeliveryPort;
};

export function addClock(app: FastifyInstance, runtime: Runtime, { clock, delivery }: SandboxTime): void {
  let moving: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function advance(ms: number): Promise<void> {
    await advanceForGood(runtime.store, clock, ms);
    await runtime.sweep.run();
    delivery.catchUp();
    await delivery.idle();
    await runtime.upkeep.run();
  }

  app.get('/sandbox/clock', async () => ({ now: clock.now() }));

  app.post('/sandbox/clock', async (request) => {
    const ms = integerAt(readBody(request, ['advance_ms']), 'advance_ms', 0, MAX_ADVANCE_MS);
    if (waiting > MAX_WAITING_MOVES) throw new Overloaded('moves of the clock');
    waiting += 1;
    const turn = moving.then(() => advance(ms)).finally(() => (waiting -= 1));
    moving = turn.catch(() => undefined);
    await turn;
    return { now: clock.now() };
  });

  app.post('/sandbox/settle', async () => {
    await delivery.idle();
    return { now: clock.now() };
  });

  app.get('/sandbox/deliveries', async (request) => {
    const asked = new URLSearchParams(request.url.split('?')[1] ?? '').get('app');
    const filter = asked === null ? null : (parseAppId(asked) ?? fail('app', 'app must be the id of an app'));
    const attempts = await runtime.store.attempts({ app: filter, limit: MAX_ATTEMPTS_KEPT });
    const named = await withEras(runtime, attempts.toReversed());
    const deliveries = named.map((attempt) => ({
      event_id: eventId(attempt, attempt),
      app_id: attempt.app,
      page_id: attempt.page,
      psid: attempt.psid,
      seq: attempt.seq,
      at: attempt.at,
      status: attempt.status,
      error: attempt.error,
      duration_ms: attempt.durationMs,
    }));
    return { deliveries };
  });
}
