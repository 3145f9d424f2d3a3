/**
 * The file of a backup: the bytes of the database, the uploaded files (backup-attachments.ts), the manifest as JSON, and
 * a last line that says how long the manifest is. Being one file, it is there whole or not at all; what breaks off in
 * the middle has no last line. SQLite opens it as it is, since a database says itself where it ends.
 */

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Counts } from './store/sqlite/copy.ts';

/** The uploaded files in a backup. */
export type FilesSection = {
  readonly count: number;
  /** Those that attachments name, and that had been taken away, or were not written yet. */
  readonly missing: number;
  /** Of all of them with their heads. */
  readonly bytes: number;
  /** Of the heads, which hold the hashes of the files: lower-case hex. */
  readonly sha256: string;
};

/** Files came with the second format. */
type FirstManifest = Omit<Manifest, 'files'> & Partial<Pick<Manifest, 'files'>>;
const NO_FILES: FilesSection = { count: 0, missing: 0, bytes: 0, sha256: '' };

export type Manifest = {
  /** Of the file. */
  readonly format: number;
  /** Of the tables. */
  readonly schema: number;
  /** Everything that was answered before it is in the backup. By the machine's clock. */
  readonly takenAt: string;
  readonly counts: Counts;
  readonly databaseBytes: number;
  /** Of those bytes: lower-case hex. */
  readonly sha256: string;
  readonly files: FilesSection;
};

const FORMAT = 2;
/** Without files. */
export const FIRST_FORMAT = 1;
const MARK = 'baton-backup';
const LENGTH_DIGITS = 10;
/** `\nbaton-backup 0000000123\n` */
const END_BYTES = MARK.length + LENGTH_DIGITS + 3;
const CHUNK_BYTES = 1_048_576;
/** Largest manifest, in bytes. */
export const MAX_MANIFEST_BYTES = 65_536;

/** Writes the manifest behind what stands in a file; the file is on the disk when it returns. */
export function appendManifest(
  file: string,
  about: Pick<Manifest, 'schema' | 'takenAt' | 'counts'> & { readonly files?: FilesSection },
): Manifest {
  const { files = NO_FILES } = about;
  const handle = openSync(file, 'r+');
  try {
    const { size } = fstatSync(handle);
    const databaseBytes = size - files.bytes;
    const sha256 = readThrough(handle, { from: 0, length: databaseBytes }, () => undefined);
    const manifest: Manifest = { format: FORMAT, ...about, databaseBytes, sha256, files };
    const json = Buffer.from(JSON.stringify(manifest));
    const end = `\n${MARK} ${String(json.length).padStart(LENGTH_DIGITS, '0')}\n`;
    const tail = Buffer.concat([json, Buffer.from(end)]);
    writeSync(handle, tail, 0, tail.length, size);
    fsyncSync(handle);
    return manifest;
  } finally {
    closeSync(handle);
  }
}

/** What stands at the end; a sentence for people where it is not what it must be. */
export function readManifest(file: string): Manifest | { readonly problem: string } {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const length = manifestLength(readAt(handle, size - END_BYTES, END_BYTES).toString('latin1'));
    if (length === null) return { problem: 'it is not a backup, or not the whole of one' };
    const manifest = parseManifest(readAt(handle, size - END_BYTES - length, length).toString('utf8'));
    if (manifest === null) return { problem: 'its manifest cannot be read' };
    const { format, databaseBytes, files } = manifest;
    if (format !== FORMAT && format !== FIRST_FORMAT)
      return { problem: `it has format ${format}, not ${FORMAT}` };
    const isWhole = databaseBytes + files.bytes === size - END_BYTES - length;
    return isWhole ? manifest : { problem: 'it is longer or shorter than its manifest says' };
  } finally {
    closeSync(handle);
  }
}

/** Copies the database out of a backup into a new file and answers the hash of what it has copied. */
export function extractDatabase(file: string, databaseBytes: number, to: string): string {
  const from = openSync(file, 'r');
  try {
    const target = openSync(to, 'wx', 0o600);
    try {
      const sha256 = readThrough(from, { from: 0, length: databaseBytes }, (chunk) => {
        for (let done = 0; done < chunk.length; ) done += writeSync(target, chunk, done);
      });
      fsyncSync(target);
      return sha256;
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(from);
  }
}

/** Names that were given in a folder survive a crash of the machine from here on. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function manifestLength(end: string): number | null {
  const digits = new RegExp(`^\\n${MARK} (\\d{${LENGTH_DIGITS}})\\n$`).exec(end)?.[1];
  const length = Number(digits ?? 0);
  return length === 0 || length > MAX_MANIFEST_BYTES ? null : length;
}

function parseManifest(json: string): Manifest | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null
      ? { files: NO_FILES, ...(parsed as FirstManifest) }
      : null;
  } catch {
    return null;
  }
}

/** Fewer bytes where there are no more. */
export function readAt(handle: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return from < 0 ? Buffer.alloc(0) : bytes.subarray(0, readSync(handle, bytes, 0, length, from));
}

/** Hands bytes on piece by piece, and answers their hash. */
export function readThrough(
  handle: number,
  { from, length }: { readonly from: number; readonly length: number },
  take: (chunk: Buffer) => void,
): string {
  const hash = createHash('sha256');
  const bytes = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; done < length; ) {
    const read = readSync(handle, bytes, 0, Math.min(CHUNK_BYTES, length - done), from + done);
    if (read === 0) break;
    const chunk = bytes.subarray(0, read);
    hash.update(chunk);
    take(chunk);
    done += read;
  }
  return hash.digest('hex');
}
