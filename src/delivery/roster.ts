/** Which lanes there are and in which state; who waits for them. Every change of a lane's state goes through here. */

import type { Origin } from '../runtime/ports.ts';
import type { Woken } from '../store/port.ts';
import { createLane, type LaneState, laneName, MAX_BUFFER } from './lane.ts';
import { createOutlet, type Outlet } from './outlet.ts';

export type Roster = {
  readonly outlets: ReadonlyMap<string, Outlet>;
  /** The lanes whose pause is not over, and whither they lead. */
  readonly resting: ReadonlyMap<LaneState, Outlet>;
  /** The lane and its outlet, made when they are new; a new lane is ready. */
  wake(outletName: string, woken: Woken, origin?: Origin | null): Outlet;
  enter(outlet: Outlet, lane: LaneState, state: LaneState['state']): void;
  /** Everything known to wait on the lane has been delivered, or it is another node's now. */
  remove(outlet: Outlet, lane: LaneState): void;
  /** Removes the lanes of buckets that are another node's now, save those in flight. */
  drop(buckets: ReadonlySet<number>): void;
  /**
   * Answers when each lane that is ready or sending now has come to what waits on it now, or has failed once more, or
   * its outlet has been shut.
   */
  settled(): Promise<void>;
  /** Nobody is to wait any more. */
  close(): void;
};

/** How far a lane has to come, and how often it had failed when the wait began. */
type Target = { readonly seq: number; readonly failures: number };
type Waiter = { readonly lanes: Map<LaneState, Target>; readonly answer: () => void };

/** Keeps new events with the lane as long as nothing that waits is missing from its buffer, and there is room. */
function keepAtHand(lane: LaneState, { events }: Woken, origin: Origin | null): void {
  const hasRoom = lane.buffer !== null && events !== null && lane.buffer.length + events.length <= MAX_BUFFER;
  if (!hasRoom) lane.buffer = null;
  else for (const recorded of events) lane.buffer?.push({ recorded, origin });
}

export function createRoster(): Roster {
  const outlets = new Map<string, Outlet>();
  const resting = new Map<LaneState, Outlet>();
  const busy = new Set<LaneState>();
  const waiters = new Set<Waiter>();

  function outletNamed(name: string): Outlet {
    const known = outlets.get(name);
    if (known !== undefined) return known;
    const created = createOutlet(name);
    outlets.set(name, created);
    return created;
  }

  const isAwaited = (lane: LaneState, target: Target): boolean =>
    busy.has(lane) && lane.doneSeq < target.seq && lane.failures <= target.failures;

  function answerWaiters(lane: LaneState): void {
    if (waiters.size === 0) return;
    for (const waiter of waiters) {
      const target = waiter.lanes.get(lane);
      if (target === undefined || isAwaited(lane, target)) continue;
      waiter.lanes.delete(lane);
      if (waiter.lanes.size > 0) continue;
      waiters.delete(waiter);
      waiter.answer();
    }
  }

  /** Who waits for all of a lane waits no longer than to the first number that is known, or traffic would keep them. */
  function closeTargets(lane: LaneState): void {
    for (const { lanes } of waiters) {
      const target = lanes.get(lane);
      if (target?.seq === Number.POSITIVE_INFINITY) lanes.set(lane, { ...target, seq: lane.latestSeq });
    }
  }

  /** Out of the set of the state that it is in. */
  function leave(outlet: Outlet, lane: LaneState): void {
    if (lane.state === 'ready') outlet.ready.delete(lane);
    else if (lane.state === 'parked') outlet.parked.delete(lane);
    else if (lane.state === 'resting') resting.delete(lane);
  }

  function enter(outlet: Outlet, lane: LaneState, state: LaneState['state']): void {
    leave(outlet, lane);
    lane.state = state;
    const isBusy = state === 'ready' || state === 'sending';
    if (isBusy) busy.add(lane);
    else {
      busy.delete(lane);
      // What has to wait waits in the outbox, not in memory.
      lane.buffer = null;
    }
    if (state === 'ready') outlet.ready.add(lane);
    else if (state === 'parked') outlet.parked.add(lane);
    else if (state === 'resting') resting.set(lane, outlet);
    answerWaiters(lane);
  }

  function remove(outlet: Outlet, lane: LaneState): void {
    leave(outlet, lane);
    busy.delete(lane);
    outlet.lanes.delete(lane.name);
    answerWaiters(lane);
  }

  return {
    outlets,
    resting,
    wake(outletName, woken, origin = null) {
      const outlet = outletNamed(outletName);
      const name = laneName(woken);
      const known = outlet.lanes.get(name);
      if (known !== undefined) {
        // Events of a thread are numbered upwards: what waits without a known number lies before the newest.
        const isOpenEnded = known.latestSeq === Number.POSITIVE_INFINITY;
        known.wakes += 1;
        known.latestSeq = isOpenEnded ? woken.seq : Math.max(known.latestSeq, woken.seq);
        if (isOpenEnded) closeTargets(known);
        keepAtHand(known, woken, origin);
        return outlet;
      }
      const { app, page, psid } = woken;
      const lane = createLane({ app, page, psid }, woken.seq);
      lane.buffer = [];
      keepAtHand(lane, woken, origin);
      outlet.lanes.set(name, lane);
      enter(outlet, lane, 'ready');
      return outlet;
    },
    enter,
    remove,
    drop(buckets) {
      for (const outlet of outlets.values()) {
        for (const lane of outlet.lanes.values()) {
          if (buckets.has(lane.bucket) && lane.state !== 'sending') remove(outlet, lane);
        }
      }
    },
    settled() {
      const lanes = new Map<LaneState, Target>();
      for (const lane of busy) lanes.set(lane, { seq: lane.latestSeq, failures: lane.failures });
      if (lanes.size === 0) return Promise.resolve();
      return new Promise((answer) => waiters.add({ lanes, answer }));
    },
    close() {
      for (const { answer } of waiters) answer();
      waiters.clear();
    },
  };
}
