/** Writes down what has been delivered or set aside, many at a time. */

import type { Attempt, SetAside, Store, TakenUp } from '../store/port.ts';

export type Settler = {
  /** @param deliveredUnder the fence of its turn; null: the attempt failed, and the notice stays in the outbox */
  add(attempt: Attempt, deliveredUnder: number | null): void;
  setAside(notice: TakenUp & SetAside): void;
  /** Answers when everything added so far has been written; rejects when it could not be. */
  flush(): Promise<void>;
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

  async function write(): Promise<void> {
    planned = null;
    const { delivered, attempts, aside } = batch;
    batch = emptyBatch();
    if (attempts.length > 0) await store.settle(delivered, attempts);
    if (aside.length > 0) await store.setAside(aside);
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
    flush() {
      if (planned === null) {
        planned = writing.then(turnOfLoop).then(write);
        writing = planned.catch(() => undefined);
      }
      return planned;
    },
  };
}
