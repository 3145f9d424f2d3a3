/** The pump: gives the lanes of an outlet their turns, as many at a time as it takes, and puts each where it belongs after. */

import type { Observer } from '../observe/observer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory, Endpoint } from '../runtime/directory.ts';
import { UNCLAIMED } from '../store/buckets.ts';
import type { Health } from './health.ts';
import { forgetLaneFailures, type LaneState, noteLaneFailure } from './lane.ts';
import { freePlaces, noteFailure, noteSuccess, type Outlet, takeFirst } from './outlet.ts';
import type { Roster } from './roster.ts';
import type { Tenure } from './tenure.ts';
import type { TurnOutcome, TurnResult, Turns } from './turn.ts';

export type PumpOptions = {
  readonly roster: Roster;
  readonly turns: Turns;
  readonly tenure: Tenure;
  readonly health: Health;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly observer: Observer;
};

export type Pump = {
  /** Begins what an outlet can take now. Before `open`, and after `close`, nothing. */
  run(outlet: Outlet): void;
  open(): void;
  isOpen(): boolean;
  /** Begins nothing more; answers when the last turn has ended. */
  close(): Promise<void>;
};

export function createPump({ roster, turns, tenure, health, directory, clock, observer }: PumpOptions): Pump {
  let turnsUnderWay = 0;
  let lastTurnEnded = (): void => undefined;
  let isOpen = false;
  let isClosed = false;

  function run(outlet: Outlet): void {
    while (isOpen && !isClosed && freePlaces(outlet, clock.now()) > 0 && tenure.isCurrent()) {
      const lane =
        takeFirst(outlet.ready) ?? (outlet.probeAt === null ? undefined : takeFirst(outlet.parked));
      if (lane === undefined) return;
      const endpoint = openEndpoint(directory, lane);
      if (endpoint === null) {
        roster.enter(outlet, lane, 'parked');
        if (outlet.ready.size === 0) return;
      } else begin(outlet, lane, endpoint);
    }
    if (outlet.probeAt !== null) for (const lane of [...outlet.ready]) roster.enter(outlet, lane, 'parked');
  }

  function begin(outlet: Outlet, lane: LaneState, endpoint: Endpoint): void {
    const others = outlet.probeAt === null ? turns.companions(outlet, lane, endpoint) : [];
    const lanes = [lane, ...others];
    for (const each of lanes) {
      each.fence = tenure.fenceOf(each.bucket) ?? UNCLAIMED;
      tenure.enter(each.bucket);
      roster.enter(outlet, each, 'sending');
    }
    outlet.inFlight += 1;
    void takeTurn(outlet, lanes, endpoint);
  }

  async function takeTurn(outlet: Outlet, lanes: readonly LaneState[], endpoint: Endpoint): Promise<void> {
    turnsUnderWay += 1;
    try {
      const result = await attempt(outlet, lanes, endpoint);
      outlet.inFlight -= 1;
      let hasFailed = false;
      for (const lane of lanes) {
        const outcome = result.outcomes.get(lane) ?? 'failed';
        if (outcome === 'failed') hasFailed = true;
        finish(outlet, lane, outcome);
      }
      if (result.taken > 0) recover(outlet);
      if (hasFailed) {
        noteFailure(outlet, clock.now());
        await health.failing(outlet, endpoint);
      }
      run(outlet);
    } finally {
      turnsUnderWay -= 1;
      if (turnsUnderWay === 0) lastTurnEnded();
    }
  }

  async function attempt(
    outlet: Outlet,
    lanes: readonly LaneState[],
    endpoint: Endpoint,
  ): Promise<TurnResult> {
    try {
      return await turns.take(lanes, { outlet, endpoint, isClosed: () => isClosed });
    } catch (error) {
      observer.fault('delivery', error);
      return { outcomes: new Map(), taken: 0 };
    }
  }

  function recover(outlet: Outlet): void {
    const wasShut = outlet.probeAt !== null;
    if (outlet.isWarned) health.recovered(outlet);
    noteSuccess(outlet, clock.now());
    if (wasShut) for (const lane of [...outlet.parked]) roster.enter(outlet, lane, 'ready');
  }

  function finish(outlet: Outlet, lane: LaneState, outcome: TurnOutcome): void {
    tenure.leave(lane.bucket);
    if (tenure.fenceOf(lane.bucket) === null) {
      roster.remove(outlet, lane);
      return;
    }
    if (outcome !== 'failed') {
      forgetLaneFailures(lane);
      if (outcome === 'more' || lane.latestSeq > lane.doneSeq) roster.enter(outlet, lane, 'ready');
      else roster.remove(outlet, lane);
      return;
    }
    const isAtOnce = noteLaneFailure(lane, clock.now());
    roster.enter(outlet, lane, isAtOnce ? 'ready' : 'resting');
  }

  return {
    run,
    open() {
      isOpen = true;
    },
    isOpen: () => isOpen,
    async close() {
      isClosed = true;
      if (turnsUnderWay > 0) await new Promise<void>((resolve) => (lastTurnEnded = resolve));
    },
  };
}

/** Where a lane leads now; null while its outlet is shut. */
function openEndpoint(directory: Directory, { lane }: LaneState): Endpoint | null {
  const endpoint = directory.endpoint(lane.app, lane.page);
  if (endpoint === null) return null;
  const { verifiedAt, switchedOffAt } = endpoint.webhook;
  return verifiedAt === null || switchedOffAt !== null ? null : endpoint;
}
