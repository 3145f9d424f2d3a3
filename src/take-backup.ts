/**
 * Backing up a data folder, beside a running server or without one: a second connection reads the database as it is at
 * one instant. Copied are events, configuration and outbox, and the files that apps have uploaded; not the operator's
 * token, which each start makes anew, nor the key of the secrets.
 */

import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { appendFiles } from './backup-attachments.ts';
import { appendManifest, type Manifest, syncFolder } from './backup-file.ts';
import { filesIn } from './store/files.ts';
import { copyDatabase, examineDatabase, uploadsIn } from './store/sqlite/copy.ts';
import { databaseIn } from './store/sqlite/folder.ts';

/** What the file is called while it is not whole. */
const partialOf = (file: string): string => `${file}.partial-${process.pid}`;

export type BackupOptions = {
  /** Whether a file that exists is replaced. */
  readonly overwrite: boolean;
};

/** Null: the file exists, and nothing was done. */
export async function takeBackup(
  data: string,
  file: string,
  { overwrite }: BackupOptions,
): Promise<Manifest | null> {
  if (!overwrite && existsSync(file)) return null;
  const partial = partialOf(file);
  // Of a process that had this number before and was killed.
  rmSync(partial, { force: true });
  try {
    const takenAt = new Date().toISOString();
    await copyDatabase(databaseIn(data), partial).catch((error: unknown) => {
      throw new Error(`the database of ${data} cannot be copied to ${partial}`, { cause: error });
    });
    const { schema, counts } = examineDatabase(partial);
    const files = appendFiles(partial, filesIn(data), uploadsIn(partial));
    const manifest = appendManifest(partial, { schema, takenAt, counts, files });
    if (!putInPlace(partial, file, overwrite)) return null;
    syncFolder(path.dirname(file));
    return manifest;
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${partial}${end}`, { force: true });
  }
}

/** In one step: at every instant the file is the old one, none or the whole new one. False: it exists by now. */
function putInPlace(partial: string, file: string, overwrite: boolean): boolean {
  if (overwrite) {
    renameSync(partial, file);
    return true;
  }
  try {
    linkSync(partial, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Some file systems have no links.
    if (existsSync(file)) return false;
    renameSync(partial, file);
    return true;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
