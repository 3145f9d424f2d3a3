/** The sealed secrets of a file, for those who open no store on it. */

import { existsSync } from 'node:fs';
import type { Vault } from '../vault.ts';
import { assertOpens, hasSealed, remnantsOf, sealSecrets } from './config/sealing.ts';
import { createTransact, openReading, openWriting, overwriting } from './database.ts';
import { compactUnmarked } from './heads.ts';
import { isPast, migrate } from './migrate.ts';
import { ACCESS } from './migrations/006-access.ts';

/** Whether a file holds a sealed secret; not, when there is no such file. */
export function isSealed(file: string): boolean {
  if (!existsSync(file)) return false;
  using db = openReading(file);
  return isPast(db, ACCESS) && hasSealed(db);
}

/** Seals every secret of a file with another key, in one transaction, and writes the file anew. Answers how many. */
export async function sealAnew(file: string, from: Vault, to: Vault): Promise<number> {
  if (!existsSync(file)) throw new Error(`there is no database ${file}`);
  using db = await openWriting(file);
  migrate(db);
  assertOpens(db, from);
  const remnants = remnantsOf(db);
  const sealed = overwriting(db, () =>
    createTransact(db)(() => {
      remnants.note(true);
      return sealSecrets(db, from, to);
    }),
  );
  compactUnmarked(db);
  remnants.note(false);
  return sealed;
}
