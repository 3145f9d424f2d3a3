/** One server a data folder: a lock that the operating system takes back when its holder dies, however it dies. */

import { DatabaseSync } from 'node:sqlite';

/** Holds the lock until it is disposed of; throws, naming the folder, while another process holds it. */
export function lockFolder(folder: string, file: string): Disposable {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new Error(`the data folder ${folder} is in use by another server`, { cause: error });
  }
  return { [Symbol.dispose]: () => db.close() };
}
