/** Transactions of a store that remembers: what is remembered is true in each of them, and rows catch up. */

import type { DatabaseSync } from 'node:sqlite';
import type { Configuration } from './config/configuration.ts';
import { createTransact, query, type Transact, withoutFlush } from './database.ts';
import type { Heads } from './heads.ts';
import type { Outbox } from './outbox.ts';

/** How long rows are left behind before a round is begun, and the pause in a round that no commits carry on. */
const CATCH_UP_MS = 250;
const PAUSE_MS = 2;
/** Rows that are written between two pauses: well below a millisecond. */
const ROWS_AT_ONCE = 32;

export type Transactions = {
  readonly transact: Transact;
  /** Writes the rows of threads that are behind. Need not survive a crash. A reader cannot, and does nothing. */
  catchUp(): void;
  /** The same, but only of those that would not be found by an index. */
  catchUpIndexes(): void;
  /** The same as `catchUp`, but in a moment, and bit by bit. */
  catchUpSoon(): void;
  /** The same as `catchUp`, for the last time: what fails is made good by the next opening. */
  stop(): void;
};

export function createTransactions(
  db: DatabaseSync,
  parts: {
    readonly heads: Heads;
    readonly configuration: Pick<Configuration, 'forget'>;
    readonly outbox: Pick<Outbox, 'forget'>;
    readonly isReader: boolean;
  },
): Transactions {
  const { heads, configuration, outbox, isReader } = parts;
  /** Another number whenever another connection has written to the file. */
  const fileVersion = query<{ data_version: number }>(db, 'PRAGMA data_version');
  /** Null: what is remembered may not be true. */
  let seenVersion: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** What has gone wrong while nobody waited. */
  let unheard: unknown = null;

  function forget(): void {
    seenVersion = null;
    heads.forget();
    configuration.forget();
    outbox.forget();
  }

  function begun(): void {
    if (unheard !== null) {
      const cause = unheard;
      unheard = null;
      throw new Error('the rows of threads could not follow their events', { cause });
    }
    const version = fileVersion.get()?.data_version ?? null;
    if (version === seenVersion) return;
    forget();
    heads.recover();
    seenVersion = version;
  }

  const transact = createTransact(db, { begun, undone: forget });

  function writeBehind(write: () => void): void {
    if (isReader || (seenVersion !== null && heads.behind() === 0)) return;
    withoutFlush(db, () => transact(write));
  }

  /**
   * Nobody waits for it. A disk that is full will be told of by the next commit, and the rows found by their mark;
   * anything else is thrown by the next transaction.
   */
  function tryBehind(write: () => void): void {
    try {
      writeBehind(write);
    } catch (error) {
      if (!isSqliteError(error)) unheard = error;
    }
  }

  function goOn(): void {
    timer = undefined;
    tryBehind(() => heads.catchUpSome(ROWS_AT_ONCE, 'now'));
    schedule(heads.isInRound() ? PAUSE_MS : CATCH_UP_MS);
  }

  function schedule(waitMs: number): void {
    if (timer !== undefined || heads.behind() === 0) return;
    timer = setTimeout(goOn, waitMs);
    timer.unref();
  }

  return {
    transact,
    catchUp: () => writeBehind(heads.catchUp),
    catchUpIndexes: () => writeBehind(heads.catchUpIndexes),
    catchUpSoon: () => schedule(CATCH_UP_MS),
    stop() {
      clearTimeout(timer);
      tryBehind(heads.catchUp);
    },
  };
}

const isSqliteError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
