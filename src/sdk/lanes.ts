/**
 * One event of a thread after the other, while threads do not wait for each other. A lane is empty, or one event of it
 * is being handled and the others wait, lowest `laneSeq` first. When one fails, those behind it fail with it: the
 * server delivers all of them again, in order.
 */

/** What waits in a lane. */
type Waiting = {
  readonly laneSeq: number | null;
  readonly work: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/** Queues by name. */
export type Lanes = {
  /** Rejects with what `work` throws, or because an event before it in its lane failed. */
  run(name: string, laneSeq: number | null, work: () => Promise<void>): Promise<void>;
};

/** An event was not handled, since one before it in its thread failed. */
export class EventBehindFailed extends Error {
  constructor(cause: unknown) {
    super('an event before this one in its thread could not be handled', { cause });
    this.name = 'EventBehindFailed';
  }
}

/** Queues that come and go with what waits in them. */
export function createLanes(): Lanes {
  const lanes = new Map<string, Waiting[]>();

  async function drain(name: string, lane: Waiting[]): Promise<void> {
    // What came in the same request stands in the lane, in order, before the first is begun.
    await null;
    for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
      try {
        await next.work();
        next.resolve();
      } catch (error) {
        next.reject(error);
        for (const behind of lane.splice(0)) behind.reject(new EventBehindFailed(error));
      }
    }
    lanes.delete(name);
  }

  return {
    run: (name, laneSeq, work) =>
      new Promise((resolve, reject) => {
        const waiting = { laneSeq, work, resolve, reject };
        const lane = lanes.get(name);
        if (lane !== undefined) {
          insert(lane, waiting);
          return;
        }
        const begun = [waiting];
        lanes.set(name, begun);
        void drain(name, begun);
      }),
  };
}

/** Behind everything that is not later; one without a number comes last. */
function insert(lane: Waiting[], waiting: Waiting): void {
  const { laneSeq } = waiting;
  const isLater = (other: Waiting): boolean =>
    laneSeq !== null && other.laneSeq !== null && other.laneSeq > laneSeq;
  const at = lane.findIndex(isLater);
  lane.splice(at === -1 ? lane.length : at, 0, waiting);
}
