/** Statements on `threads`: one row a thread, its folded state beside the columns that it is found by. */

import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId, Psid } from '../../protocol/ids.ts';
import type { Thread } from '../../protocol/thread.ts';
import type { Instant } from '../../protocol/time.ts';
import { bucketOf } from '../buckets.ts';
import type { ThreadKey } from '../port.ts';
import { parse, query } from './database.ts';

type Range = { readonly after: Psid | null; readonly limit: number };

/** The columns of a row that have an index. */
export type Columns = { readonly alarm: Instant | null; readonly owner: AppId | null };

/** A row. */
export type ThreadRow = Columns & { readonly thread: Thread };

/** The table of threads. A row may be behind its events: only heads.ts knows how a thread stands. */
export type Threads = {
  read(key: ThreadKey): ThreadRow | null;
  /** @param before the columns of the row that stands; null when there is none */
  write(thread: Thread, alarm: Instant | null, before: Columns | null): void;
  setAlarm(key: ThreadKey, alarm: Instant | null): void;
  due(until: Instant, limit: number): readonly ThreadKey[];
  ownedBy(page: PageId, app: AppId, range: Range): readonly ThreadKey[];
  list(page: PageId, range: Range): readonly Thread[];
};

/** The owner that a row is found by. */
export const ownerOf = ({ lease }: Thread): AppId | null => lease?.owner ?? null;

export function createThreads(db: DatabaseSync): Threads {
  return { ...createReads(db), ...createWrites(db) };
}

function createReads(db: DatabaseSync): Pick<Threads, 'read' | 'due' | 'ownedBy' | 'list'> {
  const read = query<Columns & { state_json: string }>(
    db,
    'SELECT state_json, wake_at AS alarm, owner_app AS owner FROM threads WHERE page = ? AND psid = ?',
  );
  const due = query<ThreadKey>(
    db,
    'SELECT page, psid FROM threads WHERE wake_at <= ? ORDER BY wake_at, page, psid LIMIT +?',
  );
  const owned = query<ThreadKey>(
    db,
    'SELECT page, psid FROM threads WHERE page = ? AND owner_app = ? AND psid > ? ORDER BY psid LIMIT +?',
  );
  // A psid is never empty, so the page's own lane is left out.
  const list = query<{ state_json: string }>(
    db,
    'SELECT state_json FROM threads WHERE page = ? AND psid > ? ORDER BY psid LIMIT +?',
  );
  const keyOf = ({ page, psid }: ThreadKey): ThreadKey => ({ page, psid });
  return {
    read({ page, psid }) {
      const row = read.get(page, psid);
      if (row === undefined) return null;
      return { thread: parse<Thread>(row.state_json), alarm: row.alarm, owner: row.owner };
    },
    due: (until, limit) => due.all(until, limit).map(keyOf),
    ownedBy: (page, app, { after, limit }) => owned.all(page, app, after ?? '', limit).map(keyOf),
    list: (page, { after, limit }) =>
      list.all(page, after ?? '', limit).map(({ state_json }) => parse<Thread>(state_json)),
  };
}

function createWrites(db: DatabaseSync): Pick<Threads, 'write' | 'setAlarm'> {
  const insert = db.prepare(
    'INSERT INTO threads (seq, state_json, wake_at, owner_app, page, psid, bucket) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const advance = db.prepare('UPDATE threads SET seq = ?, state_json = ? WHERE page = ? AND psid = ?');
  const change = db.prepare(
    'UPDATE threads SET seq = ?, state_json = ?, wake_at = ?, owner_app = ? WHERE page = ? AND psid = ?',
  );
  const setAlarm = db.prepare('UPDATE threads SET wake_at = ? WHERE page = ? AND psid = ?');
  return {
    write(thread, alarm, before) {
      const { page, psid, seq } = thread;
      const owner = ownerOf(thread);
      const state = JSON.stringify(thread);
      if (before === null) {
        insert.run(seq, state, alarm, owner, page, psid, bucketOf(thread));
      } else if (before.alarm === alarm && before.owner === owner) {
        // The usual case, by a statement of its own that leaves both indexes alone.
        advance.run(seq, state, page, psid);
      } else {
        change.run(seq, state, alarm, owner, page, psid);
      }
    },
    setAlarm: ({ page, psid }, alarm) => void setAlarm.run(alarm, page, psid),
  };
}
