/** Writes down what has been delivered, many at a time. */

import type { Attempt, Lane, Store } from '../store/port.ts';

export type Settler = {
  /** @param delivered false: the attempt failed, and the notice stays in the outbox */
  add(attempt: Attempt, delivered: boolean): void;
  /** Answers when everything added so far has been written. */
  flush(): Promise<void>;
};

export function createSettler(store: Pick<Store, 'settle'>): Settler {
  let delivered: (Lane & { readonly seq: number })[] = [];
  let attempts: Attempt[] = [];
  let writing: Promise<void> = Promise.resolve();
  let planned: Promise<void> | null = null;

  async function write(): Promise<void> {
    planned = null;
    const [done, tried] = [delivered, attempts];
    delivered = [];
    attempts = [];
    if (tried.length > 0) await store.settle(done, tried);
  }

  return {
    add(attempt, isDelivered) {
      attempts.push(attempt);
      if (isDelivered) delivered.push(attempt);
    },
    flush() {
      if (planned === null) {
        planned = writing.then(write);
        writing = planned.catch(() => undefined);
      }
      return planned;
    },
  };
}
