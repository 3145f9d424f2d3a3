import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MovableClock } from '../../runtime/clock.ts';
import type { Store } from '../../store/port.ts';
import { furnish } from './world.ts';

/** One store under test. Its disposal closes it and takes away what it has left on the disk. */
export type Subject = AsyncDisposable & {
  /** Fresh and empty. */
  readonly store: Store;
  /** The clock that the store reads. */
  readonly clock: MovableClock;
  /** Closes the store and opens what it has kept; absent where nothing is kept. `store` is dead afterwards. */
  readonly reopen?: () => Promise<Store>;
};

/** Opens a store for one test. */
export type OpenSubject = () => Promise<Subject>;

/** Registers a test. */
type Check = (title: string, body: (subject: Subject) => Promise<void>) => void;

/** The ways to register tests of the suite. */
export type Checks = {
  /** On an empty store. */
  readonly onEmpty: Check;
  /** On a store that holds the pages of `world.ts` and nothing else. */
  readonly check: Check;
  /** The same, with what a reopened store answers; not registered where a store keeps nothing. */
  readonly onReopening: (
    title: string,
    body: (store: Store, reopen: () => Promise<Store>) => Promise<void>,
  ) => void;
};

/** @param keeps whether the store keeps anything when it is closed */
export function createChecks(open: OpenSubject, keeps: boolean): Checks {
  const onEmpty: Check = (title, body) => {
    test(title, async () => {
      await using subject = await open();
      await body(subject);
    });
  };
  return {
    onEmpty,
    check: (title, body) =>
      onEmpty(title, async (subject) => {
        await furnish(subject.store);
        await body(subject);
      }),
    onReopening: (title, body) => {
      if (!keeps) return;
      test(title, async () => {
        await using subject = await open();
        assert.ok(subject.reopen !== undefined);
        await furnish(subject.store);
        await body(subject.store, subject.reopen);
      });
    },
  };
}

/** Asserts that a store is in the state in which `reading` found it before; for what must change nothing. */
export async function assertUnchanged(
  reading: () => Promise<unknown>,
  work: () => Promise<void>,
): Promise<void> {
  const before = await reading();
  await work();
  assert.deepEqual(await reading(), before);
}
