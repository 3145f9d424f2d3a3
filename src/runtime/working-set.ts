/**
 * The threads in memory: those in use, and the latest that were. Each is loaded once, however many commands wait for
 * it, and forgotten when a commit of it is refused.
 */

import { emptyThread, type Thread } from '../protocol/thread.ts';
import type { CommitOutcome, Store, ThreadKey } from '../store/port.ts';
import type { Line } from './committer.ts';

/** Most threads that are kept in memory when nobody uses them. */
export const MAX_IDLE_THREADS = 10_000;

/** So many threads are looked at to find one to forget. */
const LOOKS = 64;

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
  /** Counts a command in; its thread is not forgotten until the command has left. */
  enter(key: ThreadKey): Place;
  leave(place: Place): void;
};

/** A thread's place in memory. Only this file changes it. */
export type Place = {
  /** How many are counted in. */
  commands: number;
  /** Null: to be loaded, by `use`. */
  working: Working | null;
  loading: Promise<Working> | null;
  /** Used again since it was last looked at: it is spared once. */
  isUsed: boolean;
};

export function createWorkingSet(store: Pick<Store, 'load'>, maxIdle = MAX_IDLE_THREADS): WorkingSet {
  const places = new Map<string, Place>();
  /** Where the last look for threads to forget stopped. */
  let hand = places.entries();

  function placeOf(key: ThreadKey): Place {
    const name = nameOf(key);
    const known = places.get(name);
    if (known !== undefined) {
      known.isUsed = true;
      return known;
    }
    const place = { commands: 0, working: null, loading: null, isUsed: false };
    places.set(name, place);
    if (places.size > maxIdle) forgetSome(place);
    return place;
  }

  /** Goes round: who was used since the last round is spared in this one. @param newest is spared, too */
  function forgetSome(newest: Place): void {
    for (let looks = 0; looks < LOOKS && places.size > maxIdle; looks++) {
      const next = hand.next();
      if (next.done === true) {
        hand = places.entries();
        continue;
      }
      const [name, place] = next.value;
      if (place.commands > 0 || place === newest) continue;
      if (place.isUsed) place.isUsed = false;
      else places.delete(name);
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
      const place = placeOf(key);
      place.commands += 1;
      return place;
    },
    leave(place) {
      place.commands -= 1;
    },
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
      try {
        await last;
      } catch {}
      return !line.broken;
    },
    advance(next, commit) {
      decided = next;
      const writing = commit(line);
      last = writing;
      return writing.then(
        (outcome) => {
          if (outcome === 'committed') committed = next;
          else refused();
          return outcome;
        },
        (error: unknown) => {
          line.broken = true;
          refused();
          throw error;
        },
      );
    },
  };
}
