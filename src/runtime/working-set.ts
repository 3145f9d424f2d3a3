/**
 * The threads in memory: those in use, and the latest that were. Each is loaded once, however many commands wait for
 * it, and forgotten when a commit of it is refused.
 */

import { emptyThread, type Thread } from '../protocol/thread.ts';
import type { CommitOutcome, Store, ThreadKey } from '../store/port.ts';
import type { Line } from './committer.ts';

/** Most threads that are kept in memory when nobody uses them. */
export const MAX_IDLE_THREADS = 10_000;

export type Working = {
  /** As it stands in the store. */
  readonly committed: Thread;
  /** With everything that has been decided and not refused so far. */
  readonly decided: Thread;
  /** Answers when the commits on their way have ended: whether all of them were written. */
  settled(): Promise<boolean>;
  /**
   * Goes on from a decided thread while its commit is written. Synchronous up to the call of `commit`, so that commits
   * of a thread are handed over in the order in which they were decided.
   */
  advance(thread: Thread, commit: (line: Line) => Promise<CommitOutcome>): Promise<CommitOutcome>;
};

export type WorkingSet = {
  /** The thread, loaded if need be. */
  use(key: ThreadKey): Promise<Working>;
  /** Counts a command in, and out again. */
  enter(key: ThreadKey): void;
  leave(key: ThreadKey): void;
  /** How many commands are counted in. */
  underWay(key: ThreadKey): number;
};

type Place = { commands: number; working: Working | null; loading: Promise<Working> | null };

export function createWorkingSet(store: Pick<Store, 'load'>, maxIdle = MAX_IDLE_THREADS): WorkingSet {
  /** In the order of last use: those that nobody uses are forgotten from the front. */
  const places = new Map<string, Place>();

  function placeOf(key: ThreadKey): Place {
    const name = nameOf(key);
    const known = places.get(name);
    const place = known ?? { commands: 0, working: null, loading: null };
    if (known !== undefined) places.delete(name);
    places.set(name, place);
    if (places.size > maxIdle) forgetSome();
    return place;
  }

  function forgetSome(): void {
    for (const [name, place] of places) {
      if (places.size <= maxIdle) return;
      if (place.commands === 0) places.delete(name);
    }
  }

  async function load(key: ThreadKey, place: Place): Promise<Working> {
    const thread = (await store.load(key)) ?? emptyThread(key.page, key.psid);
    const working = createWorking(thread, () => {
      if (place.working === working) place.working = null;
    });
    place.working = working;
    place.loading = null;
    return working;
  }

  return {
    async use(key) {
      const place = placeOf(key);
      if (place.working !== null) return place.working;
      place.loading ??= load(key, place).finally(() => {
        place.loading = null;
      });
      return place.loading;
    },
    enter(key) {
      placeOf(key).commands += 1;
    },
    leave(key) {
      placeOf(key).commands -= 1;
    },
    underWay: (key) => places.get(nameOf(key))?.commands ?? 0,
  };
}

const nameOf = ({ page, psid }: ThreadKey): string => `${page}/${psid}`;

/** @param refused told when a commit was not written: this working thread is of no more use */
function createWorking(thread: Thread, refused: () => void): Working {
  let committed = thread;
  let decided = thread;
  const line: Line = { broken: false };
  let last: Promise<unknown> = Promise.resolve();

  return {
    get committed() {
      return committed;
    },
    get decided() {
      return decided;
    },
    async settled() {
      await last;
      return !line.broken;
    },
    async advance(next, commit) {
      decided = next;
      const writing = commit(line);
      last = writing.catch(() => undefined);
      try {
        const outcome = await writing;
        if (outcome === 'committed') committed = next;
        else refused();
        return outcome;
      } catch (error) {
        line.broken = true;
        refused();
        throw error;
      }
    },
  };
}
