/** The SQLite store whose commits take 5 ms longer, as on a real disk. See slow-disk.ts. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../src/store/port.ts';
import { openSqliteStore as open, type SqliteOptions } from '../../src/store/sqlite/sqlite-store.ts';

const COMMIT_DELAY_MS = 5;
const blocks = import.meta.url.endsWith('?blocks');
const never = new Int32Array(new SharedArrayBuffer(4));

export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const store = await open(options);
  return {
    ...store,
    async commit(commits) {
      const outcomes = await store.commit(commits);
      if (blocks) Atomics.wait(never, 0, 0, COMMIT_DELAY_MS);
      else await sleep(COMMIT_DELAY_MS);
      return outcomes;
    },
  };
}
