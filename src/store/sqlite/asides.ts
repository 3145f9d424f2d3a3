/** Statements on `asides`: notices that are not delivered by themselves any more, and why. */

import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '../../protocol/ids.ts';
import { type Lane, MAX_ASIDES_KEPT, type SetAside } from '../port.ts';
import { parse, query } from './database.ts';

/** How many too many may pile up before they are taken out together. */
const TRIM_EVERY = 500;

type Row = Lane & { readonly seq: number; readonly at: number; readonly reason_json: string };

/** The table of what was set aside. */
export type Asides = {
  write(notices: readonly SetAside[]): void;
  remove(lane: Lane, seq: number): void;
  has(lane: Lane, seq: number): boolean;
  /** Those written last come first. */
  latest(filter: { readonly app: AppId | null; readonly limit: number }): readonly SetAside[];
};

export function createAsides(db: DatabaseSync): Asides {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO asides (app, page, psid, seq, at, reason_json) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM asides WHERE app = ? AND page = ? AND psid = ? AND seq = ?');
  const has = query<unknown>(db, 'SELECT 1 FROM asides WHERE app = ? AND page = ? AND psid = ? AND seq = ?');
  const trim = db.prepare(`DELETE FROM asides WHERE id <= (SELECT max(id) FROM asides) - ${MAX_ASIDES_KEPT}`);
  const latest = query<Row>(
    db,
    `SELECT app, page, psid, seq, at, reason_json FROM asides
     WHERE id > (SELECT max(id) FROM asides) - ${MAX_ASIDES_KEPT} AND (?1 IS NULL OR app = ?1)
     ORDER BY id DESC LIMIT +?2`,
  );
  let untrimmed = 0;
  return {
    write(notices) {
      for (const { app, page, psid, seq, at, reason } of notices) {
        insert.run(app, page, psid, seq, at, JSON.stringify(reason));
      }
      untrimmed += notices.length;
      if (untrimmed < TRIM_EVERY) return;
      trim.run();
      untrimmed = 0;
    },
    remove: ({ app, page, psid }, seq) => void remove.run(app, page, psid, seq),
    has: ({ app, page, psid }, seq) => has.get(app, page, psid, seq) !== undefined,
    latest: ({ app, limit }) =>
      latest
        .all(app, limit)
        .map(({ reason_json, ...rest }) => ({ ...rest, reason: parse<string>(reason_json) })),
  };
}
