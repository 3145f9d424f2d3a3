/** Statements on `events`: what happened, written once; blanking.ts takes their texts away. */

import type { DatabaseSync } from 'node:sqlite';
import { holdsTexts } from '../../protocol/blank.ts';
import type { Recorded } from '../../protocol/event.ts';
import type { Mid } from '../../protocol/ids.ts';
import { midOf } from '../mid.ts';
import type { ThreadKey } from '../port.ts';
import { parse, query } from './database.ts';

/** The table of events. Reads are those of the port `Store`. */
export type Events = {
  write(key: ThreadKey, recorded: Recorded): void;
  list(key: ThreadKey, range: { readonly after: number; readonly limit: number }): readonly Recorded[];
  message(mid: Mid): (ThreadKey & { readonly recorded: Recorded }) | null;
};

export function createEvents(db: DatabaseSync): Events {
  const insert = db.prepare(
    `INSERT INTO events (page, psid, seq, at, timestamp, type, mid, text_at, body_json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const list = query<{ body_json: string }>(
    db,
    'SELECT body_json FROM events WHERE page = ? AND psid = ? AND seq > ? ORDER BY seq LIMIT +?',
  );
  const byMid = query<ThreadKey & { body_json: string }>(
    db,
    'SELECT page, psid, body_json FROM events WHERE mid = ? ORDER BY seq DESC LIMIT 1',
  );
  return {
    write({ page, psid }, recorded) {
      const { seq, at, timestamp, event } = recorded;
      const textAt = holdsTexts(event) ? at : null;
      insert.run(page, psid, seq, at, timestamp, event.type, midOf(event), textAt, JSON.stringify(recorded));
    },
    list: ({ page, psid }, { after, limit }) =>
      list.all(page, psid, after, limit).map(({ body_json }) => parse<Recorded>(body_json)),
    message(mid) {
      const row = byMid.get(mid);
      if (row === undefined) return null;
      return { page: row.page, psid: row.psid, recorded: parse<Recorded>(row.body_json) };
    },
  };
}
