/** Secrets in columns: sealed texts, or JSON in the clear where an earlier version of this program wrote it. */

import type { DatabaseSync } from 'node:sqlite';
import { closedVault, keyIdOf, type Vault, WrongKey } from '../../vault.ts';
import { parse, query, type Transact } from '../database.ts';

/** Where a column holds secrets, and what names the place of each. */
type Column = { readonly table: string; readonly column: string; readonly place: string };

/** `place` is SQL that gives what `appPlace` and its like give. */
const COLUMNS: readonly Column[] = [
  { table: 'apps', column: 'secret_sealed', place: `'app/' || id` },
  { table: 'apps', column: 'previous_secret_sealed', place: `'app/' || id || '/previous'` },
  { table: 'webhooks', column: 'verify_token_sealed', place: `'webhook/' || app || '/' || object` },
];

/** [A5] The places of secrets: associated data, so that none can be moved to another app. */
export const appPlace = (app: string): string => `app/${app}`;
export const previousPlace = (app: string): string => `app/${app}/previous`;
export const webhookPlace = (app: string, object: string): string => `webhook/${app}/${object}`;

/** A secret as its column holds it. */
export const openSecret = (vault: Vault, stored: string, place: string): string =>
  keyIdOf(stored) === null ? parse<string>(stored) : vault.open(stored, place);

type Cell = { readonly rowid: number; readonly stored: string; readonly place: string };

const cellsOf = (db: DatabaseSync, { table, column, place }: Column): readonly Cell[] =>
  query<Cell>(
    db,
    `SELECT position AS rowid, ${column} AS stored, ${place} AS place FROM ${table} WHERE ${column} IS NOT NULL`,
  ).all();

/** Whether any secret of a database is sealed. */
export const hasSealed = (db: DatabaseSync): boolean =>
  COLUMNS.some((column) => cellsOf(db, column).some(({ stored }) => keyIdOf(stored) !== null));

/** Throws `WrongKey` when a secret is sealed with another key than the vault's. */
export function assertOpens(db: DatabaseSync, vault: Vault): void {
  for (const column of COLUMNS) {
    for (const { stored } of cellsOf(db, column)) {
      const keyId = keyIdOf(stored);
      if (keyId === null || keyId === vault.keyId) continue;
      throw new WrongKey(`its secrets are sealed with key ${keyId}, and the key given is ${vault.keyId}`);
    }
  }
}

/** Seals every secret that stands in the clear, or all of them anew; answers how many. Must run inside a transaction. */
export function sealSecrets(db: DatabaseSync, from: Vault, to: Vault): number {
  let sealed = 0;
  for (const column of COLUMNS) {
    const update = db.prepare(`UPDATE ${column.table} SET ${column.column} = ? WHERE position = ?`);
    for (const { rowid, stored, place } of cellsOf(db, column)) {
      if (keyIdOf(stored) === to.keyId) continue;
      update.run(to.seal(openSecret(from, stored, place), place), rowid);
      sealed += 1;
    }
  }
  return sealed;
}

export type Remnants = {
  /** Whether what was sealed may still stand in the clear in free parts of the file. */
  remain(): boolean;
  note(remain: boolean): void;
};

const CLEAR = '"clear_secrets_may_remain"';

/** What has to be swept out of the file after secrets were sealed, remembered across a crash. */
export function remnantsOf(db: DatabaseSync): Remnants {
  return {
    remain: () =>
      query<{ found: number }>(db, 'SELECT 1 AS found FROM settings WHERE name_json = ?').get(CLEAR) !==
      undefined,
    note(remain) {
      if (remain)
        db.prepare(`INSERT OR REPLACE INTO settings (name_json, value_json) VALUES (?, '"yes"')`).run(CLEAR);
      else db.prepare('DELETE FROM settings WHERE name_json = ?').run(CLEAR);
    },
  };
}

/**
 * Makes sure that the vault opens every secret and that none stands in the clear, here or in what the file has not
 * overwritten yet. A vault that is closed changes nothing.
 * @param compact writes the file anew
 */
export function sealAll(
  db: DatabaseSync,
  vault: Vault,
  { transact, compact }: { readonly transact: Transact; readonly compact: () => void },
): void {
  if (vault === closedVault) return;
  assertOpens(db, vault);
  const remnants = remnantsOf(db);
  transact(() => {
    if (sealSecrets(db, vault, vault) > 0) remnants.note(true);
  });
  if (!remnants.remain()) return;
  compact();
  remnants.note(false);
}
