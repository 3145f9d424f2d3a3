/** Reading a data folder, beside a running server or without one. */

import { parsePageId, parsePsid } from './protocol/ids.ts';
import { savedOffsetMs, systemClock } from './runtime/clock.ts';
import { openConfiguration } from './runtime/configuration.ts';
import { reportThread, type ThreadReport } from './runtime/report.ts';
import type { Store } from './store/port.ts';
import { databaseIn } from './store/sqlite/folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

/** One thread of a data folder; null when nothing is known of it. */
export async function readThreadReport(
  data: string,
  ids: { readonly page: string; readonly psid: string },
): Promise<ThreadReport | null> {
  const [page, psid] = [parsePageId(ids.page), parsePsid(ids.psid)];
  if (page === null || psid === null) return null;
  const { now } = systemClock();
  const file = databaseIn(data);
  await using store: Store = await openSqliteStore({ path: file, now, readOnly: true });
  const configuration = await openConfiguration(store);
  const at = now() + (await savedOffsetMs(store));
  return await reportThread(store, { configuration, key: { page, psid }, now: at });
}
