/** Forgetting a customer in a data folder that no server runs on. */

import { existsSync } from 'node:fs';
import { parsePageId, parsePsid } from './protocol/ids.ts';
import { systemClock } from './runtime/clock.ts';
import type { Erased } from './store/port.ts';
import { databaseIn, lockFolder } from './store/sqlite/folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

/** What it has come to; null when nothing is known of the customer. Throws while a server runs on the folder. */
export async function eraseCustomer(
  data: string,
  ids: { readonly page: string; readonly psid: string },
): Promise<Erased | null> {
  const [page, psid] = [parsePageId(ids.page), parsePsid(ids.psid)];
  const file = databaseIn(data);
  if (page === null || psid === null || !existsSync(file)) return null;
  using _lock = lockFolder(data);
  await using store = await openSqliteStore({ path: file, now: systemClock().now });
  return await store.erase({ page, psid });
}
