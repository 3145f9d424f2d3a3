/** Forgetting a customer in a data folder that no server runs on. */

import { existsSync } from 'node:fs';
import { parsePageId, parsePsid } from './protocol/ids.ts';
import { createSavedAttachments } from './runtime/attachments.ts';
import { systemClock } from './runtime/clock.ts';
import type { SavedAge } from './store/attachments.ts';
import { createFiles, filesIn } from './store/files.ts';
import type { Erased, Store } from './store/port.ts';
import { databaseIn, lockFolder } from './store/sqlite/folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

export type ErasedCustomer = Erased & {
  /** Uploaded files that could not be removed; nothing leads to them any more. */
  readonly filesLeft: number;
};

/** What it has come to; null when nothing is known of the customer. Throws while a server runs on the folder. */
export async function eraseCustomer(
  data: string,
  ids: { readonly page: string; readonly psid: string },
): Promise<ErasedCustomer | null> {
  const [page, psid] = [parsePageId(ids.page), parsePsid(ids.psid)];
  const file = databaseIn(data);
  if (page === null || psid === null || !existsSync(file)) return null;
  using _lock = lockFolder(data);
  await using store = await openSqliteStore({ path: file, now: systemClock().now });
  const erased = await store.erase({ page, psid });
  return erased === null ? null : { ...erased, filesLeft: await removeFiles(store, data) };
}

/** Most files in one go. */
const FILE_GROUP = 500;

/** Removes what the erasure has let go, and says of how many the files are still there. */
async function removeFiles(store: Store, data: string): Promise<number> {
  const files = createFiles(filesIn(data));
  const observer = { fault: () => undefined };
  const attachments = createSavedAttachments({ store, files, clock: systemClock(), observer });
  let left = 0;
  let after: SavedAge | null = null;
  do {
    const range: Parameters<typeof attachments.forget>[0] = { after, limit: FILE_GROUP };
    const group = await attachments.forget(range);
    left += group.left;
    after = group.after;
  } while (after !== null);
  return left;
}
