/**
 * The delivery of webhooks: reads the outbox, posts in order, tries again by the timetable (W7). Lanes of one app take
 * turns; apps do not know of each other, so that a dead or slow one holds up nobody else.
 */

import type { Observer } from '../observe/observer.ts';
import type { AppId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DeliveryPort } from '../runtime/ports.ts';
import type { Lane, Notice, Store } from '../store/port.ts';
import { eventId, serialise, signatures } from '../wire/bytes.ts';
import { standardHeaders } from '../wire/standard-webhooks.ts';
import { renderNotice } from '../wire/webhook.ts';
import type { Directory, Endpoint } from './directory.ts';
import { createGreeter } from './greeter.ts';
import { type AppLanes, type LaneState, laneName } from './lane.ts';
import type { Poster } from './poster.ts';
import { createSettler } from './settler.ts';
import { pauseAfter } from './timetable.ts';

/** Most requests in flight to one app. */
export const MAX_IN_FLIGHT = 64;
/** Most notices of a lane in one of its turns. */
export const MAX_TURN = 16;
/** How often pauses are looked at, in machine time. */
const LOOK_EVERY_MS = 200;
const LOAD_GROUP = 1_000;

export type Delivery = DeliveryPort & AsyncDisposable & { start(): Promise<void> };

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
  const { store, directory, poster, clock, machine, observer } = options;
  const apps = new Map<AppId, AppLanes>();
  const resting = new Set<LaneState>();
  const turns = new Set<Promise<void>>();
  const settler = createSettler(store);
  const greeter = createGreeter({ directory, poster, clock, observer, ended: checkIdle });
  let busy = 0;
  let closed = false;
  let waiters: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function checkIdle(): void {
    if (busy > 0 || greeter.inFlight() > 0) return;
    const answered = waiters;
    waiters = [];
    for (const answer of answered) answer();
  }

  /** Every change of a lane's state goes through here; `ready` and `sending` are what `idle` waits for. */
  function enter(state: LaneState, next: LaneState['state']): void {
    const counts = (each: LaneState['state']): number => (each === 'ready' || each === 'sending' ? 1 : 0);
    busy += counts(next) - counts(state.state);
    state.state = next;
    if (next === 'resting') resting.add(state);
    else resting.delete(state);
  }

  function lanesOf(app: AppId): AppLanes {
    const known = apps.get(app);
    if (known !== undefined) return known;
    const created: AppLanes = { app, lanes: new Map(), ready: [], inFlight: 0 };
    apps.set(app, created);
    return created;
  }

  function makeReady(app: AppLanes, state: LaneState): void {
    enter(state, 'ready');
    app.ready.push(state);
  }

  function wake(lane: Lane): void {
    const app = lanesOf(lane.app);
    const known = app.lanes.get(laneName(lane));
    if (known !== undefined) {
      known.woken = true;
      return;
    }
    const state: LaneState = { lane, state: 'parked', woken: true, failures: 0, retryAt: 0 };
    app.lanes.set(laneName(lane), state);
    makeReady(app, state);
    pump(app);
  }

  function pump(app: AppLanes): void {
    while (!closed && app.inFlight < MAX_IN_FLIGHT) {
      const state = app.ready.shift();
      if (state === undefined) break;
      const endpoint = directory.endpoint(app.app, state.lane.page);
      if (endpoint?.isVerified === true) begin(takeTurn(app, state, endpoint));
      else enter(state, 'parked');
    }
    checkIdle();
  }

  function begin(turn: Promise<void>): void {
    turns.add(turn);
    void turn.finally(() => turns.delete(turn));
  }

  async function takeTurn(app: AppLanes, state: LaneState, endpoint: Endpoint): Promise<void> {
    enter(state, 'sending');
    app.inFlight += 1;
    let outcome: 'failed' | 'empty' | 'more' = 'failed';
    try {
      outcome = await deliverSome(state, endpoint);
    } catch (error) {
      observer.fault('delivery', error);
    }
    app.inFlight -= 1;
    if (outcome === 'failed') rest(app, state);
    else if (outcome === 'more' || state.woken) makeReady(app, state);
    else {
      enter(state, 'parked');
      app.lanes.delete(laneName(state.lane));
    }
    pump(app);
  }

  async function deliverSome(state: LaneState, endpoint: Endpoint): Promise<'failed' | 'empty' | 'more'> {
    state.woken = false;
    const notices = await store.waiting(state.lane, MAX_TURN);
    let failed = false;
    for (const notice of notices) {
      failed = !(await deliver(notice, endpoint));
      if (failed || closed) break;
      state.failures = 0;
    }
    await settler.flush();
    if (failed) return 'failed';
    return notices.length === MAX_TURN ? 'more' : 'empty';
  }

  async function deliver(notice: Notice, endpoint: Endpoint): Promise<boolean> {
    const { app, page, psid, recorded } = notice;
    const body = renderNotice({ page: { id: page, platform: endpoint.platform }, app, psid, recorded });
    if (body === null) throw new Error(`event ${recorded.seq} of the outbox is not meant for app ${app}`);
    const bytes = serialise(body);
    const at = clock.now();
    const { status, error, durationMs } = await poster.post(endpoint.callbackUrl, bytes, {
      'content-type': 'application/json',
      'user-agent': 'baton',
      ...signatures(endpoint.secret, bytes),
      ...standardHeaders(endpoint.secret, {
        id: eventId(notice, recorded.seq),
        sentAt: machine.now(),
        bytes,
      }),
    });
    settler.add({ app, page, psid, seq: recorded.seq, at, status, error, durationMs }, error === null);
    observer.attempt({ app, event: eventId(notice, recorded.seq), status, error, durationMs });
    return error === null;
  }

  function rest(app: AppLanes, state: LaneState): void {
    state.failures += 1;
    const pause = pauseAfter(state.failures);
    state.retryAt = clock.now() + pause;
    if (pause === 0) makeReady(app, state);
    else enter(state, 'resting');
  }

  function catchUp(): void {
    const now = clock.now();
    const awake = [...resting].filter(({ retryAt }) => retryAt <= now);
    for (const state of awake) makeReady(lanesOf(state.lane.app), state);
    for (const app of new Set(awake.map(({ lane }) => lanesOf(lane.app)))) pump(app);
    greeter.look();
    checkIdle();
  }

  function look(): void {
    const next = greeter.nextAt();
    if (resting.size > 0 || (next !== null && next <= clock.now())) catchUp();
  }

  return {
    async start() {
      busy += 1;
      greeter.look();
      let after: Lane | null = null;
      do {
        const lanes: readonly Lane[] = await store.waitingLanes({ after, limit: LOAD_GROUP });
        for (const lane of lanes) wake(lane);
        after = lanes.at(-1) ?? null;
      } while (after !== null);
      timer = setInterval(look, LOOK_EVERY_MS).unref();
      busy -= 1;
      checkIdle();
    },
    wake(lanes) {
      for (const lane of lanes) wake(lane);
    },
    reconfigure() {
      for (const app of apps.values()) {
        for (const state of app.lanes.values()) if (state.state === 'parked') makeReady(app, state);
        pump(app);
      }
      greeter.look();
      checkIdle();
    },
    catchUp,
    idle: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        checkIdle();
      }),
    async [Symbol.asyncDispose]() {
      closed = true;
      clearInterval(timer);
      await Promise.all(turns);
      await poster[Symbol.asyncDispose]();
    },
  };
}
