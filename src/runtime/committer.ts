/**
 * Group commit: what arrives while a transaction is being written shares the next one, and its fsync. An answer leaves
 * only when its own transaction is durable.
 */

import type { Commit, CommitOutcome, Store } from '../store/port.ts';

/** Most commits in one transaction. */
export const MAX_GROUP = 256;

export type Committer = { commit(commit: Commit): Promise<CommitOutcome> };

type Waiting = {
  readonly commit: Commit;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
};

export function createCommitter(store: Pick<Store, 'commit'>): Committer {
  let queue: Waiting[] = [];
  let writing = false;

  async function write(): Promise<void> {
    while (queue.length > 0) {
      const group = queue.slice(0, MAX_GROUP);
      queue = queue.slice(MAX_GROUP);
      try {
        const outcomes = await store.commit(group.map(({ commit }) => commit));
        group.forEach(({ resolve, reject }, index) => {
          const outcome = outcomes[index];
          if (outcome === undefined)
            reject(new Error('the store answered for fewer commits than it was given'));
          else resolve(outcome);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    writing = false;
  }

  return {
    commit: (commit) =>
      new Promise((resolve, reject) => {
        queue.push({ commit, resolve, reject });
        if (writing) return;
        writing = true;
        setImmediate(() => void write());
      }),
  };
}
