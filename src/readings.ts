/** What a running server is asked for each time its metrics are read: nothing of it is counted on the way. */

import type { Delivery } from './delivery/dispatcher.ts';
import type { ByApp, Readings } from './observe/metrics.ts';
import type { MovableClock, systemClock } from './runtime/clock.ts';
import type { Runtime } from './runtime/runtime.ts';

export type ReadingsOptions = {
  readonly runtime: Runtime;
  readonly delivery: Pick<Delivery, 'standing'>;
  readonly clock: MovableClock;
  readonly machine: ReturnType<typeof systemClock>;
};

/** In the order of the configuration; every app is named, so that a gauge goes back to 0 and does not vanish. */
export async function readReadings({
  runtime,
  delivery,
  clock,
  machine,
}: ReadingsOptions): Promise<Readings> {
  const { store, configuration, sweep } = runtime;
  const { apps, webhooks } = configuration.current();
  const ids = apps.map(({ id }) => id);
  const standing = delivery.standing().map((each) => ({ ...each, app: each.name.split('/')[0] ?? '' }));
  const waiting = await Promise.all(ids.map((id) => store.countWaiting(id)));
  const off = webhooks.filter(({ switchedOffAt }) => switchedOffAt !== null);
  return {
    lanes: sumByApp(
      ids,
      standing.map(({ app, lanes }) => [app, lanes]),
    ),
    notices: new Map(ids.map((id, index) => [id, waiting[index] ?? 0])),
    breakers: sumByApp(
      ids,
      standing.map(({ app, isBreakerOpen }) => [app, isBreakerOpen ? 1 : 0]),
    ),
    switchedOff: sumByApp(
      ids,
      off.map(({ app }) => [app, 1]),
    ),
    sweepLagMs: Math.max(0, clock.now() - sweep.settledUntil()),
    clockOffsetMs: clock.offsetMs(),
    clockErrorMs: machine.errorMs(),
  };
}

/** An app that is configured no more and still has lanes is not named. */
function sumByApp(ids: readonly string[], counts: readonly (readonly [string, number])[]): ByApp {
  const sums = new Map(ids.map((id) => [id, 0]));
  for (const [app, count] of counts) {
    const known = sums.get(app);
    if (known !== undefined) sums.set(app, known + count);
  }
  return sums;
}
