/**
 * The delivery of webhooks: reads the outbox, posts in order, tries again by the timetable (W7). Lanes of one app take
 * turns; apps do not know of each other, so that a dead or slow one holds up nobody else.
 */

import type { Observer } from '../observe/observer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory } from '../runtime/directory.ts';
import type { DeliveryPort, Origin } from '../runtime/ports.ts';
import { bucketOf } from '../store/buckets.ts';
import { objectOf, type Webhook } from '../store/config.ts';
import type { Lane, Store, Woken } from '../store/port.ts';
import { createBacklog } from './backlog.ts';
import { createGreeter } from './greeter.ts';
import { createHealth } from './health.ts';
import { forgetLaneFailures } from './lane.ts';
import { forgetFailures, type Outlet } from './outlet.ts';
import type { Poster } from './poster.ts';
import { createPump } from './pump.ts';
import { createRoster } from './roster.ts';
import { createSender } from './sender.ts';
import { createSettler } from './settler.ts';
import { createTenure } from './tenure.ts';
import { createTurns } from './turn.ts';

/** How often pauses are looked at, in machine time. */
const LOOK_EVERY_MS = 200;
const LOAD_GROUP = 1_000;

/** How delivery stands, for one callback of an app. */
export type OutletStanding = {
  /** `app/object` */
  readonly name: string;
  /** Lanes with something waiting. */
  readonly lanes: number;
  readonly isBreakerOpen: boolean;
};

export type Delivery = DeliveryPort &
  AsyncDisposable & { start(): Promise<void>; standing(): readonly OutletStanding[] };

export type DeliveryOptions = {
  readonly store: Store;
  readonly directory: Directory;
  readonly poster: Poster;
  readonly clock: Clock;
  /** The machine's time, whatever a sandbox makes of it. */
  readonly machine: Clock;
  readonly observer: Observer;
};

export function createDelivery(options: DeliveryOptions): Delivery {
  const { store, directory, poster, clock, observer } = options;
  const roster = createRoster();
  const settler = createSettler(store);
  const greeter = createGreeter(options);
  const health = createHealth(options);
  const backlog = createBacklog(options);
  const turns = createTurns({ ...options, settler, sender: createSender({ ...options, settler }) });
  const tenure = createTenure({ ...options, load: loadWaiting, drop: roster.drop, goOn: pumpAll });
  const pump = createPump({ roster, turns, tenure, health, directory, clock, observer });
  let timer: NodeJS.Timeout | undefined;

  /** A lane has one outlet, whether or not there is a callback at this moment: it may come back. */
  function wake(woken: Woken, origin?: Origin): void {
    const { app, page } = woken;
    const endpoint = directory.endpoint(app, page);
    const name = endpoint?.name ?? `${app}/${objectOf(directory.page(page)?.platform ?? 'messenger')}`;
    const outlet = roster.wake(name, woken, origin);
    outlet.callback ??= callbackOf(endpoint?.webhook);
    pump.run(outlet);
  }

  /** Lanes that wait for a callback which is another now, or has been verified anew, wait no longer. */
  function redirect(outlet: Outlet, callbacks: ReadonlyMap<string, string>): void {
    const callback = callbacks.get(outlet.name) ?? callbackOf(undefined);
    const isMoved = outlet.callback !== undefined && outlet.callback !== callback;
    outlet.callback = callback;
    if (!isMoved) return;
    forgetFailures(outlet);
    for (const lane of outlet.lanes.values()) {
      forgetLaneFailures(lane);
      if (lane.state === 'resting') roster.enter(outlet, lane, 'ready');
    }
  }

  function catchUp(): void {
    const now = clock.now();
    for (const [lane, outlet] of [...roster.resting]) {
      if (lane.retryAt <= now) roster.enter(outlet, lane, 'ready');
    }
    pumpAll();
    tenure.look();
    backlog.look();
    greeter.look();
  }

  function pumpAll(): void {
    for (const outlet of roster.outlets.values()) pump.run(outlet);
  }

  async function loadWaiting(buckets: ReadonlySet<number>): Promise<void> {
    let after: Lane | null = null;
    do {
      const lanes: readonly Lane[] = await store.waitingLanes({ after, limit: LOAD_GROUP });
      for (const lane of lanes) {
        if (buckets.has(bucketOf(lane))) wake({ ...lane, seq: Number.POSITIVE_INFINITY, events: null });
      }
      after = lanes.at(-1) ?? null;
    } while (after !== null);
  }

  return {
    async start() {
      pump.open();
      greeter.look();
      await tenure.begin();
      timer = setInterval(catchUp, LOOK_EVERY_MS).unref();
    },
    wake(lanes, origin) {
      // Before the start the outbox remembers them.
      if (!pump.isOpen()) return;
      for (const woken of lanes) {
        const bucket = bucketOf(woken);
        if (tenure.fenceOf(bucket) === null) continue;
        // Until all that waited has been found, something older may stand in front of what is new.
        wake(tenure.isLoaded(bucket) ? woken : { ...woken, events: null }, origin);
      }
    },
    standing: () =>
      [...roster.outlets.values()].map(({ name, lanes, probeAt }) => ({
        name,
        lanes: lanes.size,
        isBreakerOpen: probeAt !== null,
      })),
    reconfigure() {
      if (!pump.isOpen()) return;
      const webhooks = directory.webhooks();
      const callbacks = new Map(webhooks.map((each) => [`${each.app}/${each.object}`, callbackOf(each)]));
      for (const outlet of roster.outlets.values()) {
        redirect(outlet, callbacks);
        if (outlet.probeAt === null)
          for (const lane of [...outlet.parked]) roster.enter(outlet, lane, 'ready');
        pump.run(outlet);
      }
      greeter.look();
    },
    catchUp,
    verify: greeter.verify,
    async idle() {
      await tenure.settled();
      await backlog.settled();
      await greeter.settled();
      await roster.settled();
      // What a breaker that has closed meanwhile let through.
      await roster.settled();
    },
    async [Symbol.asyncDispose]() {
      const ended = pump.close();
      clearInterval(timer);
      roster.close();
      await ended;
      await tenure.end();
      await backlog.settled();
      await greeter.settled();
      await poster[Symbol.asyncDispose]();
    },
  };
}

/** What tells a callback from the one that stood in its place before. */
const callbackOf = (webhook: Webhook | undefined): string =>
  webhook === undefined ? '' : `${webhook.verifiedAt} ${webhook.callbackUrl}`;
