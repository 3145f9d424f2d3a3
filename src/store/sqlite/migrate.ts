import type { DatabaseSync } from 'node:sqlite';
import { createTransact, query } from './database.ts';
import { MIGRATIONS } from './migrations/list.ts';

/** The newest version of tables that this program knows. */
export const NEWEST_SCHEMA = MIGRATIONS.length;

/**
 * Brings the tables to the version of this program. Each step is a transaction of its own that looks at the version
 * once it holds the lock, so of two processes that start at once one does the work and the other finds it done.
 */
export function migrate(db: DatabaseSync): void {
  const transact = createTransact(db);
  assertNotNewer(db);
  MIGRATIONS.forEach((sql, index) => {
    if (schemaVersion(db) > index) return;
    transact(() => {
      if (schemaVersion(db) > index) return;
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${index + 1}`);
    });
  });
}

/** Throws when the tables are not exactly those of this program: for openers that must not change them. */
export function assertCurrent(db: DatabaseSync): void {
  assertNotNewer(db);
  const version = schemaVersion(db);
  if (version < MIGRATIONS.length) {
    throw new Error(
      `its tables are of version ${version}, and ${MIGRATIONS.length} is needed: start the server once`,
    );
  }
}

/** Whether the tables have come as far as a migration. */
export const isPast = (db: DatabaseSync, migration: string): boolean =>
  schemaVersion(db) > MIGRATIONS.indexOf(migration);

/** Throws when the tables are of a program newer than this one. */
export function assertNotNewer(db: DatabaseSync): void {
  const version = schemaVersion(db);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `its tables are of version ${version}, and this program knows ${MIGRATIONS.length} at most`,
    );
  }
}

/** The version of a database's tables; 0: it has none. */
export function schemaVersion(db: DatabaseSync): number {
  return query<{ user_version: number }>(db, 'PRAGMA user_version').get()?.user_version ?? 0;
}
