/** Copies of a database, taken while a server writes to it, and what they hold. */

import { closeSync, openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { PAGE_LANE } from '../../protocol/ids.ts';
import { LET_GO } from '../attachments.ts';
import { ERA_SETTING } from '../era.ts';
import { openReading, query } from './database.ts';
import { assertNotNewer, isPast, schemaVersion } from './migrate.ts';
import { ATTACHMENTS } from './migrations/007-attachments.ts';
import { createSettings } from './settings.ts';

/** All pages in one step: a copy that lets go in between begins anew whenever somebody has written. */
const ALL_PAGES = 2 ** 31 - 1;

/** What a database holds. */
export type Counts = {
  /** Of customers: the own lanes of pages are not counted. */
  readonly threads: number;
  readonly events: number;
  /** Notices that apps have not been told yet. */
  readonly waiting: number;
};

/**
 * Copies a database as it is at one instant, which lies after the call: whoever writes goes on, and nothing of what is
 * written meanwhile is in it. The file it is copied to must not exist, and is readable by its owner only.
 */
export async function copyDatabase(file: string, to: string): Promise<void> {
  const db = openReading(file);
  try {
    assertNotNewer(db);
    closeSync(openSync(to, 'wx', 0o600));
    await backup(db, to, { rate: ALL_PAGES });
  } finally {
    db.close();
  }
}

// Threads by their events, since their rows may be behind (heads.ts).
const COUNTS = `
  SELECT
    (SELECT count(*) FROM (SELECT DISTINCT page, psid FROM events WHERE psid <> '${PAGE_LANE}')) AS threads,
    (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM outbox) AS waiting`;

/** Names asked for at once. */
const NAMES_AT_ONCE = 1_000;

/**
 * What the uploaded files are called that a database speaks of; nobody writes to it. Those that have been let go are
 * left out: they are waiting to be taken away.
 */
export function* uploadsIn(file: string): Generator<string> {
  const db = openReading(file);
  try {
    if (!isPast(db, ATTACHMENTS)) return;
    const names = query<{ name: string }>(
      db,
      `SELECT file_key AS name FROM attachments WHERE file_key > ? AND saved_at <> ${LET_GO}
       ORDER BY file_key LIMIT ${NAMES_AT_ONCE}`,
    );
    for (let last = ''; ; ) {
      const found = names.all(last);
      for (const { name } of found) yield name;
      if (found.length < NAMES_AT_ONCE) return;
      last = found.at(-1)?.name ?? '';
    }
  } finally {
    db.close();
  }
}

/** Writes into a database that nobody else uses that an era has begun with it. */
export function beginEra(file: string, era: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous = FULL');
    createSettings(db).write(ERA_SETTING, era);
  } finally {
    db.close();
  }
}

/** Looks through a database that nobody writes to. Throws when SQLite finds that it is damaged. */
export function examineDatabase(file: string): { readonly schema: number; readonly counts: Counts } {
  const db = openReading(file);
  try {
    const found = query<{ quick_check: string }>(db, 'PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw new Error(`the database is damaged: ${found}`);
    const { threads = 0, events = 0, waiting = 0 } = query<Counts>(db, COUNTS).get() ?? {};
    return { schema: schemaVersion(db), counts: { threads, events, waiting } };
  } finally {
    db.close();
  }
}
