/** A data folder: its database, and a lock that the operating system takes back when its holder dies, however it dies. */

import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The database file of a data folder. */
export const databaseIn = (folder: string): string => path.join(folder, 'baton.sqlite');

/** The file by which a folder is held. */
export const LOCK_FILE = 'server.lock';

/** Holds the folder until it is disposed of; throws, naming it, while another process holds it. */
export function lockFolder(folder: string): Disposable {
  const db = new DatabaseSync(path.join(folder, LOCK_FILE), { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new Error(`the data folder ${folder} is in use by another server`, { cause: error });
  }
  return { [Symbol.dispose]: () => db.close() };
}

/** The setting that says what a folder is for: `sandbox` or `production`. */
export const FOLDER_KIND = 'folder_kind';
