/** A lane's turn: what waits on it is read, posted in order, and settled. Under a backlog several lanes share requests. */

import type { Observer } from '../observe/observer.ts';
import { HOUR_MS } from '../protocol/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Endpoint } from '../runtime/directory.ts';
import type { Notice, Store } from '../store/port.ts';
import type { AtHand, LaneState } from './lane.ts';
import type { Outlet } from './outlet.ts';
import type { Posting, Sender } from './sender.ts';
import type { Settler } from './settler.ts';
import { RETRY_PAUSES_MS } from './timetable.ts';

/** Most notices of a lane in one of its turns. */
export const MAX_TURN = 16;
/** How long a notice may hold up its lane while others get through; then it is set aside. */
export const MAX_BLOCKED_MS = HOUR_MS;

/** `done`: nothing more is known to wait. */
export type TurnOutcome = 'done' | 'more' | 'failed';

/** What came of a turn: for each lane, and how many notices were taken in all. */
export type TurnResult = { readonly outcomes: ReadonlyMap<LaneState, TurnOutcome>; readonly taken: number };

/** Where a turn leads, and whether it is to be cut short. */
export type Turn = {
  readonly outlet: Outlet;
  readonly endpoint: Endpoint;
  readonly isClosed: () => boolean;
};

export type Turns = {
  /** Ready lanes that may ride with this one, by the app's `max_batch`: of the same page, and not failing. */
  companions(outlet: Outlet, lane: LaneState, endpoint: Endpoint): readonly LaneState[];
  take(lanes: readonly LaneState[], turn: Turn): Promise<TurnResult>;
};

export type TurnsOptions = {
  readonly store: Store;
  readonly sender: Sender;
  readonly settler: Settler;
  readonly clock: Clock;
  readonly observer: Observer;
};

/** A notice that is ready to go, and the lane it goes on. */
type Loaded = Posting & { readonly lane: LaneState };

type Loading = Pick<Turn, 'outlet' | 'endpoint'> & { readonly loaded: Loaded[] };

export function createTurns({ store, sender, settler, clock, observer }: TurnsOptions): Turns {
  function setAside(lane: LaneState, { app, page, psid, recorded }: Notice, reason: string): void {
    settler.setAside({ app, page, psid, seq: recorded.seq, fence: lane.fence, at: clock.now(), reason });
    observer.warning('a notice was set aside', { app, page, psid, seq: recorded.seq, reason });
    lane.doneSeq = recorded.seq;
    lane.failures = 0;
    lane.failingSince = null;
  }

  /** The next notices of a lane that are at hand; null when they must be read from the outbox. */
  function atHand({ buffer }: LaneState, limit: number): readonly AtHand[] | null {
    return buffer === null ? null : buffer.splice(0, limit);
  }

  /** The same from the outbox, which does not know where they come from; a notice that has failed here does. */
  async function fromOutbox({ lane, failed }: LaneState, limit: number): Promise<readonly AtHand[]> {
    const notices = await store.waiting(lane, limit);
    return notices.map(({ recorded }) => ({
      recorded,
      origin: failed?.seq === recorded.seq ? failed.origin : null,
    }));
  }

  /** Adds what waits on a lane, without what must not go out any more. */
  function load(lane: LaneState, waiting: readonly AtHand[], { outlet, endpoint, loaded }: Loading): void {
    let isHead = true;
    for (const { recorded, origin } of waiting) {
      const notice = { ...lane.lane, recorded };
      const prepared = sender.prepare(notice, endpoint);
      const isBlocked = isHead && isOverdue(lane, outlet);
      if ('setAside' in prepared) setAside(lane, notice, prepared.setAside);
      else if (isBlocked) setAside(lane, notice, 'failed for an hour while others got through');
      else {
        loaded.push({ lane, prepared, fence: lane.fence, origin, isFirst: !isHead || lane.failures === 0 });
        isHead = false;
      }
    }
  }

  async function send(group: readonly Loaded[], endpoint: Endpoint): Promise<boolean> {
    if (await sender.send(group, endpoint)) {
      for (const { lane, prepared } of group) lane.doneSeq = prepared.notice.recorded.seq;
      return true;
    }
    // Backwards: what counts is the first one of each lane.
    for (const { lane, prepared, origin } of group.toReversed()) {
      lane.failed = { seq: prepared.notice.recorded.seq, origin };
    }
    return false;
  }

  return {
    companions(outlet, lane, { webhook }) {
      const found: LaneState[] = [];
      if (webhook.maxBatch === 1 || lane.failures > 0) return found;
      for (const other of outlet.ready) {
        if (found.length + 1 >= webhook.maxBatch) break;
        if (other.lane.page === lane.lane.page && other.failures === 0) found.push(other);
      }
      return found;
    },

    async take(lanes, turn) {
      const { outlet, endpoint, isClosed } = turn;
      const maxBatch = lanes.some(({ failures }) => failures > 0) ? 1 : endpoint.webhook.maxBatch;
      const failuresBefore = settler.failures();
      const loaded: Loaded[] = [];
      for (const lane of lanes) {
        const room = lanes.length === 1 ? Math.max(MAX_TURN, maxBatch) : maxBatch - loaded.length;
        if (room <= 0) break;
        const limit = Math.min(room, MAX_TURN);
        const { wakes } = lane;
        const waiting = atHand(lane, limit) ?? (await fromOutbox(lane, limit));
        if (waiting.length === 0 && lane.wakes === wakes) lane.latestSeq = lane.doneSeq;
        load(lane, waiting, { outlet, endpoint, loaded });
      }
      const failed = new Set<LaneState>();
      let taken = 0;
      for (const group of groupsOf(loaded, maxBatch)) {
        if (isClosed()) break;
        if (group.some(({ lane }) => failed.has(lane))) continue;
        if (await send(group, endpoint)) taken += group.length;
        else for (const { lane } of group) failed.add(lane);
      }
      // Others of this turn's time may have written some of it, and failed.
      await settler.flush(failuresBefore);
      const outcomeOf = (lane: LaneState): TurnOutcome =>
        failed.has(lane) ? 'failed' : lane.latestSeq > lane.doneSeq ? 'more' : 'done';
      return { outcomes: new Map(lanes.map((lane) => [lane, outcomeOf(lane)])), taken };
    },
  };
}

/**
 * Whether the head of a lane has failed for too long while the endpoint took others. Attempts tell, not the clock: a
 * machine that was asleep for an hour goes on along the timetable before it gives anything up.
 */
function isOverdue({ failures, failingSince, failedAt }: LaneState, outlet: Outlet): boolean {
  const { probeAt, healthySince, succeededAt } = outlet;
  if (failures < RETRY_PAUSES_MS.length) return false;
  if (failingSince === null || failedAt === null || probeAt !== null) return false;
  if (healthySince === null || succeededAt === null || succeededAt <= failingSince) return false;
  return failedAt - Math.max(failingSince, healthySince) >= MAX_BLOCKED_MS;
}

/** Runs of one channel, at most `size` long; the order of each lane is kept. */
function groupsOf(loaded: readonly Loaded[], size: number): readonly (readonly Loaded[])[] {
  const groups: Loaded[][] = [];
  for (const each of loaded) {
    const last = groups.at(-1);
    const fits =
      last !== undefined && last.length < size && last[0]?.prepared.channel === each.prepared.channel;
    if (fits) last.push(each);
    else groups.push([each]);
  }
  return groups;
}
