/** Writes down what has been delivered or set aside, many at a time. */

import type { Attempt, SetAside, Store, TakenUp } from '../store/port.ts';

export type Settler = {
  /** @param deliveredUnder the fence of its turn; null: the attempt failed, and the notice stays in the outbox */
  add(attempt: Attempt, deliveredUnder: number | null): void;
  setAside(notice: TakenUp & SetAside): void;
  /** How many writes have failed so far. */
  failures(): number;
  /**
   * Answers when everything added so far has been written; rejects when it could not be.
   * @param since what `failures` said before the first of it was added; without it only what waits now is meant
   */
  flush(since?: number): Promise<void>;
};

type Batch = {
  readonly delivered: TakenUp[];
  readonly attempts: Attempt[];
  readonly aside: (TakenUp & SetAside)[];
};

const emptyBatch = (): Batch => ({ delivered: [], attempts: [], aside: [] });

/** What the endpoints answered in one turn of the event loop is settled together. */
const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createSettler(store: Pick<Store, 'settle' | 'setAside'>): Settler {
  let batch = emptyBatch();
  let writing: Promise<void> = Promise.resolve();
  let planned: Promise<void> | null = null;
  let failures = 0;

  async function write(): Promise<void> {
    planned = null;
    const { delivered, attempts, aside } = batch;
    batch = emptyBatch();
    try {
      if (attempts.length > 0) await store.settle(delivered, attempts);
      if (aside.length > 0) await store.setAside(aside);
    } catch (error) {
      failures += 1;
      throw error;
    }
  }

  return {
    add(attempt, fence) {
      batch.attempts.push(attempt);
      if (fence === null) return;
      const { app, page, psid, seq } = attempt;
      batch.delivered.push({ app, page, psid, seq, fence });
    },
    setAside(notice) {
      batch.aside.push(notice);
    },
    failures: () => failures,
    async flush(since = failures) {
      if (planned === null) {
        planned = writing.then(turnOfLoop).then(write);
        writing = planned.catch(() => undefined);
      }
      await planned;
      if (failures !== since) throw new Error('what was delivered before could not be written down');
    },
  };
}
