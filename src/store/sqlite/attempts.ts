/** Statements on `attempts`: the latest POSTs that were tried. */

import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '../../protocol/ids.ts';
import type { Instant } from '../../protocol/time.ts';
import { type Attempt, type Lane, MAX_ATTEMPTS_KEPT } from '../port.ts';
import { parse, query } from './database.ts';

/** How many too many may pile up before they are taken out together. */
const TRIM_EVERY = 500;

type Row = Lane & {
  readonly seq: number;
  readonly at: number;
  readonly status: number | null;
  readonly error_json: string | null;
  readonly duration_ms: number;
};

/** The table of attempts. */
export type Attempts = {
  write(attempts: readonly Attempt[]): void;
  /** Takes out up to `limit` that began before an instant, and says how many. */
  forget(before: Instant, limit: number): number;
  /** Those written last come first. */
  latest(filter: { readonly app: AppId | null; readonly limit: number }): readonly Attempt[];
};

// No index by app: with one, each attempt would cost two insertions, and there are never many to look through.
const LATEST = `
  SELECT app, page, psid, seq, at, status, error_json, duration_ms FROM attempts
  WHERE id > (SELECT max(id) FROM attempts) - ${MAX_ATTEMPTS_KEPT} AND (?1 IS NULL OR app = ?1)
  ORDER BY id DESC LIMIT +?2`;

export function createAttempts(db: DatabaseSync): Attempts {
  const insert = db.prepare(
    `INSERT INTO attempts (app, page, psid, seq, at, status, error_json, duration_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const trim = db.prepare(
    `DELETE FROM attempts WHERE id <= (SELECT max(id) FROM attempts) - ${MAX_ATTEMPTS_KEPT}`,
  );
  // No index by date, for the same reason.
  const forget = db.prepare(
    'DELETE FROM attempts WHERE id IN (SELECT id FROM attempts WHERE at < ? ORDER BY id LIMIT +?)',
  );
  const latest = query<Row>(db, LATEST);
  let untrimmed = 0;
  return {
    write(attempts) {
      for (const { app, page, psid, seq, at, status, error, durationMs } of attempts) {
        insert.run(
          app,
          page,
          psid,
          seq,
          at,
          status,
          error === null ? null : JSON.stringify(error),
          durationMs,
        );
      }
      untrimmed += attempts.length;
      if (untrimmed < TRIM_EVERY) return;
      trim.run();
      untrimmed = 0;
    },
    forget: (before, limit) => Number(forget.run(before, limit).changes),
    latest: ({ app, limit }) => latest.all(app, limit).map(attemptOf),
  };
}

function attemptOf({ error_json, duration_ms, ...rest }: Row): Attempt {
  return {
    ...rest,
    error: error_json === null ? null : parse<string>(error_json),
    durationMs: duration_ms,
  };
}
