/** Changing the key that secrets are sealed with, in a data folder that no server runs on. */

import { databaseIn, lockFolder } from './store/sqlite/folder.ts';
import { sealAnew } from './store/sqlite/sealed.ts';
import { type KeySource, openVault, readKeyFile } from './vault-key.ts';

export { BadKey, KEY_VARIABLE } from './vault-key.ts';

/**
 * Seals every secret with another key, all of them or none, and leaves nothing in the file that the old key opens.
 * Answers how many. Throws while a server runs on the folder.
 */
export async function changeKey(source: KeySource, newKeyFile: string): Promise<number> {
  using _lock = lockFolder(source.data);
  const { vault } = openVault(source);
  return await sealAnew(databaseIn(source.data), vault, readKeyFile(newKeyFile));
}
