/** Making a data folder of a backup. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { extractFiles } from './backup-attachments.ts';
import { extractDatabase, FIRST_FORMAT, type Manifest, readManifest, syncFolder } from './backup-file.ts';
import { ERA_BYTES } from './store/era.ts';
import { filesIn } from './store/files.ts';
import { beginEra, type Counts, examineDatabase } from './store/sqlite/copy.ts';
import { databaseIn, LOCK_FILE, lockFolder } from './store/sqlite/folder.ts';
import { NEWEST_SCHEMA } from './store/sqlite/migrate.ts';

/** What the database is called until it has been found right. */
const PARTIAL = 'baton.sqlite.partial';
/** What the folder of uploaded files is called until then. */
const FILES_PARTIAL = 'attachments.partial';
/** What a restoration that was killed has left does no harm. */
const REMAINS: readonly string[] = [
  PARTIAL,
  `${PARTIAL}-wal`,
  `${PARTIAL}-shm`,
  FILES_PARTIAL,
  LOCK_FILE,
  `${LOCK_FILE}-journal`,
];

export type Restored =
  | { readonly ok: true; readonly manifest: Manifest }
  /** A sentence for people; the folder is as it was. */
  | { readonly ok: false; readonly problem: string };

/** Restores into a folder that is empty or missing; no server may be running on it. */
export function restoreBackup(file: string, data: string): Restored {
  const manifest = readManifest(file);
  if ('problem' in manifest) return refused(`${file} cannot be restored: ${manifest.problem}`);
  if (manifest.schema > NEWEST_SCHEMA) {
    const versions = `its tables are of version ${manifest.schema}, and this program knows ${NEWEST_SCHEMA}`;
    return refused(`${file} is of a newer program: ${versions}`);
  }
  mkdirSync(data, { recursive: true });
  if (!isFree(data)) return refused(`${data} is not empty`);
  const lock = lockFolder(data);
  const partial = path.join(data, PARTIAL);
  const filesPartial = path.join(data, FILES_PARTIAL);
  const clear = (): void => {
    rmSync(filesPartial, { recursive: true, force: true });
    // The database last: for as long as it is there, files that are in their place are remains.
    if (existsSync(partial)) rmSync(filesIn(data), { recursive: true, force: true });
    for (const end of ['-wal', '-shm', '']) rmSync(`${partial}${end}`, { force: true });
  };
  try {
    clear();
    const sha256 = extractDatabase(file, manifest.databaseBytes, partial);
    if (sha256 !== manifest.sha256) return refused(`${file} is damaged: its checksum is another one`);
    const { schema, counts } = examineDatabase(partial);
    const isSame = schema === manifest.schema && isSameCount(counts, manifest);
    if (!isSame) return refused(`${file} is damaged: it does not hold what its manifest says`);
    const section = { start: manifest.databaseBytes, files: manifest.files };
    const problem = extractFiles(file, section, filesPartial);
    if (problem !== null) return refused(`${file} is damaged: ${problem}`);
    beginEra(partial, randomBytes(ERA_BYTES).toString('hex'));
    if (manifest.files.count > 0) renameSync(filesPartial, filesIn(data));
    syncFolder(data);
    renameSync(partial, databaseIn(data));
    syncFolder(data);
    return { ok: true, manifest };
  } finally {
    clear();
    lock[Symbol.dispose]();
    rmSync(path.join(data, LOCK_FILE), { force: true });
  }
}

/** Whether nothing is in a folder but what a restoration has left that did not come to its end. */
function isFree(data: string): boolean {
  const names = readdirSync(data);
  const wasBroken = names.includes(PARTIAL);
  const files = path.basename(filesIn(data));
  return names.every((name) => REMAINS.includes(name) || (wasBroken && name === files));
}

const refused = (problem: string): Restored => ({ ok: false, problem });

/** The first format counted the lanes of pages among the threads. */
const isSameCount = ({ threads, events, waiting }: Counts, { format, counts }: Manifest): boolean =>
  (format === FIRST_FORMAT || threads === counts.threads) &&
  events === counts.events &&
  waiting === counts.waiting;
