/**
 * Opening and talking to a SQLite file.
 *
 * The file is in WAL mode with `synchronous=FULL`: a commit has returned only when the log has been flushed to the
 * disk. Readers of other processes never wait for the writer, nor it for them.
 */

import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 10_000;
/** Pause before asking again where SQLite does not wait by itself. */
const BUSY_PAUSE_MS = 10;
const SQLITE_BUSY = 5;
/** Small: at each commit SQLite looks through what it holds, and what it does not hold the system does. */
const CACHE_KIB = 8_192;
/** Pages in the log before it is carried over to the file; 4 KiB each. */
const CHECKPOINT_PAGES = 4_000;

/** A statement that reads rows of a known shape; the shape stands beside the SQL. */
export type Query<Row> = {
  get(...values: readonly SQLInputValue[]): Row | undefined;
  all(...values: readonly SQLInputValue[]): Row[];
};

/** Prepares a statement that reads. `Row` is what its columns are; nothing checks it. */
export function query<Row>(db: DatabaseSync, sql: string): Query<Row> {
  const statement = db.prepare(sql);
  return {
    get: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as Row[],
  };
}

/** Reads a `_json` column. `Value` is what was written there; nothing checks it. */
export const parse = <Value>(json: string): Value => JSON.parse(json) as Value;

/** Opens a file to write to, made when missing and readable by its owner only, for it holds secrets. */
export async function openWriting(file: string): Promise<DatabaseSync> {
  createFile(file);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    await enterWal(db);
    db.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    `);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a file that exists to read from it, also while another process writes. */
export function openReading(file: string): DatabaseSync {
  if (!existsSync(file)) throw new Error('there is no such file');
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
}

function createFile(file: string): void {
  // A file that exists is left alone: to close it here would drop the locks that this process may hold on it.
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
}

/** SQLite does not wait for a lock when it changes to WAL, and two processes may start at once. */
async function enterWal(db: DatabaseSync): Promise<void> {
  for (let pausesLeft = BUSY_TIMEOUT_MS / BUSY_PAUSE_MS; ; pausesLeft -= 1) {
    try {
      const mode = query<{ journal_mode: string }>(db, 'PRAGMA journal_mode = WAL').get()?.journal_mode;
      if (mode === 'wal') return;
      throw new Error(`the place it is in allows only journal mode ${mode}, and WAL is needed`);
    } catch (error) {
      if (!isBusy(error) || pausesLeft === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
    }
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;

/** Runs work in one transaction that holds the write lock from its beginning; all of it is kept or nothing. */
export type Transact = <Result>(
  work: () => Result,
  /** What the work answers when it is to be undone without being a fault. */
  isKept?: (result: Result) => boolean,
) => Result;

/** What goes with every transaction of a connection. */
export type AroundTransaction = {
  /** Before the work, inside. */
  begun(): void;
  /** It has been undone. */
  undone(): void;
};

const NOTHING: AroundTransaction = { begun: () => undefined, undone: () => undefined };

/** The transactions of a connection. What the work throws is thrown on, once everything has been undone. */
export function createTransact(db: DatabaseSync, around = NOTHING): Transact {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return (work, isKept = () => true) => {
    begin.run();
    let kept = false;
    try {
      around.begun();
      const result = work();
      if (!isKept(result)) return result;
      commit.run();
      kept = true;
      return result;
    } finally {
      if (!kept) {
        if (db.isTransaction) db.exec('ROLLBACK');
        around.undone();
      }
    }
  };
}

/** Runs several reads on one and the same state of the file. */
export function atOneInstant<Result>(db: DatabaseSync, read: () => Result): Result {
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
}

/**
 * Runs work that overwrites what it deletes, in the place of only marking it as free. Of 500,000 short texts some 50
 * are left all the same, where rows have been moved between pages: only `compact` leaves none.
 */
export function overwriting<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('PRAGMA secure_delete = ON');
  try {
    return work();
  } finally {
    db.exec('PRAGMA secure_delete = OFF');
  }
}

/**
 * Writes the whole file anew and empties its log, so that nothing is left of what has been deleted. Takes as long as
 * copying the file does; throws while another process reads from it.
 */
export function compact(db: DatabaseSync): void {
  emptyLog(db);
  db.exec('VACUUM');
  emptyLog(db);
}

function emptyLog(db: DatabaseSync): void {
  const busy = query<{ busy: number }>(db, 'PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy;
  if (busy !== 0) throw new Error('another process is reading from the database: its log cannot be emptied');
}

/**
 * Runs a transaction that need not survive a crash of the machine: it does not wait for the disk. Safe for all others:
 * the log is one file, so the next durable commit flushes this one with it, and a crash before that cuts the log off
 * at its last whole transaction behind the last flush. Checkpoints flush before they copy, here too.
 */
export function withoutFlush<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('PRAGMA synchronous = NORMAL');
  try {
    return work();
  } finally {
    db.exec('PRAGMA synchronous = FULL');
  }
}
