/**
 * What is stored, in a few numbers: whatever a request stores changes them. Read on a connection of its own, beside the
 * server; SQLite itself tells whether anybody has written since.
 *
 * What the server does later by itself is left out: the rows of threads, which follow their events, and deliveries with
 * their attempts. Of the outbox only what has been added counts.
 */

import { existsSync, readdirSync } from 'node:fs';
import { filesIn } from '../../store/files.ts';
import { openReading, query } from '../../store/sqlite/database.ts';
import { databaseIn } from '../../store/sqlite/folder.ts';

export type Footprint = Disposable & {
  /** What has been stored since the last time; empty: nothing. */
  grown(): readonly string[];
  /** Files that no row names, and threads without an event: what a fault half done leaves behind. */
  orphans(): readonly string[];
};

/** Each answers one value, which is another when something has been stored. */
const SIGNS: Readonly<Record<string, string>> = {
  events: 'SELECT coalesce(max(rowid), 0) AS sign FROM events',
  configuration: 'SELECT version AS sign FROM configuration',
  answers: "SELECT count(*) || ' ' || coalesce(max(at), 0) AS sign FROM answers",
  attachments: "SELECT count(*) || ' ' || coalesce(max(saved_at), 0) AS sign FROM attachments",
  asides: 'SELECT coalesce(max(id), 0) AS sign FROM asides',
};
/** Small tables, all of which is looked at. */
const WHOLE =
  'people pages page_people apps app_testers webhooks connections tokens personas profile reviews settings';
const OUTBOX = "SELECT app || ' ' || page || ' ' || psid || ' ' || seq AS notice FROM outbox";
const ROWLESS = `SELECT count(*) AS many FROM threads AS thread
  WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.page = thread.page AND events.psid = thread.psid)`;

/** @param data the server's folder */
export function openFootprint(data: string): Footprint {
  const db = openReading(databaseIn(data));
  const version = query<{ readonly data_version: number }>(db, 'PRAGMA data_version');
  const signs = [
    ...Object.entries(SIGNS).map(([name, sql]) => {
      const sign = query<{ readonly sign: unknown }>(db, sql);
      return { name, read: () => sign.get()?.sign };
    }),
    ...WHOLE.split(' ').map((name) => {
      const rows = query<object>(db, `SELECT * FROM ${name}`);
      return { name, read: () => JSON.stringify(rows.all()) };
    }),
  ];
  const outbox = query<{ readonly notice: string }>(db, OUTBOX);
  const rowless = query<{ readonly many: number }>(db, ROWLESS);
  const named = query<{ readonly file_key: string }>(
    db,
    'SELECT file_key FROM attachments WHERE file_key IS NOT NULL',
  );
  let seen: number | undefined;
  let known: readonly unknown[] = [];
  let waiting: ReadonlySet<string> = new Set();

  return {
    grown() {
      const now = version.get()?.data_version;
      if (now === seen) return [];
      seen = now;
      const before = known;
      const waitingBefore = waiting;
      known = signs.map(({ read }) => read());
      waiting = new Set(outbox.all().map(({ notice }) => notice));
      const changed = signs.filter((_, index) => before[index] !== known[index]).map(({ name }) => name);
      return waiting.isSubsetOf(waitingBefore) ? changed : [...changed, 'outbox'];
    },
    orphans() {
      const folder = filesIn(data);
      const keys = new Set(named.all().map(({ file_key }) => file_key));
      const files = existsSync(folder) ? readdirSync(folder).filter((name) => !keys.has(name)) : [];
      const many = rowless.get()?.many ?? 0;
      return [...files, ...(many > 0 ? [`${many} threads without an event`] : [])];
    },
    [Symbol.dispose]: () => db.close(),
  };
}
