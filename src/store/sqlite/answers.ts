/** Statements on `answers`: what calls with a key were answered. */

import type { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../../protocol/message.ts';
import type { Instant } from '../../protocol/time.ts';
import type { PlacedAnswer } from '../answer.ts';
import { type AnswerName, IDEMPOTENCY_MS, type KeptAnswer } from '../port.ts';
import { parse, query } from './database.ts';

/** The table of kept answers. */
export type Answers = {
  /** Null when none is kept, or none any more. */
  find(name: AnswerName, now: Instant): Pick<KeptAnswer, 'fingerprint' | 'body'> | null;
  /** Whether `find` would find one. */
  has(name: AnswerName, now: Instant): boolean;
  /** Writes an answer, in the place of one that is over. */
  keep(answer: PlacedAnswer, now: Instant): void;
  /** Takes out up to `limit` that are over, the oldest first, and says how many. */
  forget(now: Instant, limit: number): number;
};

const FORGET = `
  DELETE FROM answers WHERE (app, page, key) IN
    (SELECT app, page, key FROM answers WHERE at <= ? ORDER BY at LIMIT +?)`;

export function createAnswers(db: DatabaseSync): Answers {
  const find = query<{ fingerprint: string; body_json: string }>(
    db,
    'SELECT fingerprint, body_json FROM answers WHERE app = ? AND page = ? AND key = ? AND at > ?',
  );
  const put = db.prepare(
    `INSERT INTO answers (app, page, key, fingerprint, body_json, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (app, page, key) DO UPDATE SET
       fingerprint = excluded.fingerprint, body_json = excluded.body_json, at = excluded.at`,
  );
  const forget = db.prepare(FORGET);
  const read = ({ app, page, key }: AnswerName, now: Instant) =>
    find.get(app, page, key, now - IDEMPOTENCY_MS);
  return {
    find(name, now) {
      const row = read(name, now);
      return row === undefined
        ? null
        : { fingerprint: row.fingerprint, body: parse<JsonObject>(row.body_json) };
    },
    has: (name, now) => read(name, now) !== undefined,
    keep({ app, page, key, fingerprint, body }, now) {
      put.run(app, page, key, fingerprint, JSON.stringify(body), now);
    },
    forget: (now, limit) => Number(forget.run(now - IDEMPOTENCY_MS, limit).changes),
  };
}
