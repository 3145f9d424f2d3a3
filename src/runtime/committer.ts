/**
 * Group commit: what arrives while a transaction is being written shares the next one, and its fsync. An answer leaves
 * only when its own transaction is durable.
 *
 * Commits of one thread may be decided on one another before any is written. They belong to a *line*; when one of a
 * line is refused, everything behind it is refused too: the number it expects could have come to be by another's hand.
 */

import { type Observer, silentObserver } from '../observe/observer.ts';
import type { Commit, CommitOutcome, Store } from '../store/port.ts';
import { NotWritten, Overloaded } from './overloaded.ts';

/** Most commits in one transaction. */
export const MAX_GROUP = 256;
/** Most commits that wait for a transaction. */
export const MAX_QUEUED_COMMITS = 20_000;

/** Commits that were decided on one another. */
export type Line = { broken: boolean };

export type Committer = {
  /** Rejects when the machinery is broken, or with `Overloaded` when too many wait. */
  commit(commit: Commit, line: Line): Promise<CommitOutcome>;
};

type Waiting = {
  readonly commit: Commit;
  readonly line: Line;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
};

export function createCommitter(
  unmeasured: Pick<Store, 'commit'>,
  observer: Pick<Observer, 'group'> = silentObserver,
): Committer {
  const store = measured(unmeasured, observer);
  let queue: Waiting[] = [];
  /** How many of those that were taken from the queue together have not had their turn yet. */
  let behind = 0;
  let writing = false;

  async function writeAll(): Promise<void> {
    while (queue.length > 0) {
      const arrived = queue;
      queue = [];
      for (let from = 0; from < arrived.length; from += MAX_GROUP) {
        const group = arrived.slice(from, from + MAX_GROUP);
        behind = arrived.length - from - group.length;
        await writeGroup(store, group);
      }
    }
    writing = false;
  }

  return {
    commit(commit, line) {
      if (queue.length + behind >= MAX_QUEUED_COMMITS) return Promise.reject(new Overloaded('commits'));
      return new Promise((resolve, reject) => {
        queue.push({ commit, line, resolve, reject });
        if (writing) return;
        writing = true;
        setImmediate(() => void writeAll());
      });
    },
  };
}

/** A store whose written groups are told of. */
const measured = (
  store: Pick<Store, 'commit'>,
  observer: Pick<Observer, 'group'>,
): Pick<Store, 'commit'> => ({
  async commit(commits) {
    const startedAt = performance.now();
    const outcomes = await store.commit(commits);
    observer.group({ size: commits.length, durationMs: performance.now() - startedAt });
    return outcomes;
  },
});

/** Writes a group; one that fails is written commit by commit, so that none fails for a stranger's sake. */
async function writeGroup(store: Pick<Store, 'commit'>, group: readonly Waiting[]): Promise<void> {
  const sound = group.filter(({ line, resolve }) => {
    if (line.broken) resolve('stale_thread');
    return !line.broken;
  });
  if (sound.length === 0) return;
  try {
    const outcomes = await store.commit(sound.map(({ commit }) => commit));
    for (const [index, waiting] of sound.entries()) settle(waiting, outcomes[index] ?? 'stale_thread');
  } catch (error) {
    for (const waiting of sound) {
      if (sound.length === 1) fail(waiting, error);
      else await writeGroup(store, [waiting]);
    }
  }
}

function settle({ line, resolve }: Waiting, outcome: CommitOutcome): void {
  if (outcome !== 'committed') line.broken = true;
  resolve(outcome);
}

function fail({ line, reject }: Waiting, error: unknown): void {
  line.broken = true;
  reject(new NotWritten(error));
}
