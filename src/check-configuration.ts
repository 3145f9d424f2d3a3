/** The check of a configuration that no server is asked about: of a data folder, or of a world file. */

import { type AddressRange, anyAddress, publicAddresses } from './delivery/guard.ts';
import { readWorldFile } from './read-world.ts';
import { checkConfiguration } from './runtime/check/check.ts';
import type { Circumstances, Finding } from './runtime/check/finding.ts';
import { savedOffsetMs, systemClock } from './runtime/clock.ts';
import { previewWorld } from './runtime/world/preview.ts';
import type { Store } from './store/port.ts';
import { databaseIn, FOLDER_KIND } from './store/sqlite/folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

/** What is found in a folder. @param ranges those that the server is allowed to post to */
export async function checkFolder(
  data: string,
  ranges: readonly AddressRange[],
): Promise<readonly Finding[]> {
  const { now } = systemClock();
  await using store: Store = await openSqliteStore({ path: databaseIn(data), now, readOnly: true });
  const sandbox = (await store.setting(FOLDER_KIND)) === 'sandbox';
  const at = now() + (await savedOffsetMs(store));
  return checkConfiguration(await store.config(), circumstancesOf({ sandbox, now: at, ranges }));
}

/** What a world would bring, once its callbacks are verified; throws `BadWorld`. */
export async function checkWorldFile(
  file: string,
  { sandbox, ranges }: { readonly sandbox: boolean; readonly ranges: readonly AddressRange[] },
): Promise<readonly Finding[]> {
  const now = systemClock().now();
  const config = await previewWorld(readWorldFile(file, sandbox), { sandbox, now });
  const webhooks = config.webhooks.map((webhook) => ({ ...webhook, verifiedAt: now }));
  return checkConfiguration({ ...config, webhooks }, circumstancesOf({ sandbox, now, ranges }));
}

const circumstancesOf = ({
  sandbox,
  now,
  ranges,
}: {
  readonly sandbox: boolean;
  readonly now: number;
  readonly ranges: readonly AddressRange[];
}): Circumstances => ({
  now,
  sandbox,
  mayDial: sandbox ? anyAddress : publicAddresses(ranges),
  openBreakers: new Set(),
});

export { parseRange } from './delivery/guard.ts';
export { BadWorld } from './read-world.ts';
