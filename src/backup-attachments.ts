/**
 * The uploaded files in a backup: one behind the other, after the database, each with a head of fixed length that says
 * how long it is, its hash and its name. So a backup needs no more memory for many files, or for large ones.
 *
 * Which files belong in it is said by the copy of the database. A file is written before its attachment is told to
 * anybody and never changed, so what was answered before the copy is there, unless it has been taken away since: that
 * is left out. A file that is taken away while it is being copied is copied to its end.
 */

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type FilesSection, readAt, readThrough, syncFolder } from './backup-file.ts';

const MARK = 'baton-file';
const SIZE_DIGITS = 16;
const HASH_DIGITS = 64;
/** Longest name of a file in a backup, in characters. */
export const MAX_BACKED_UP_NAME = 64;
/** `baton-file 0000000000001234 <sha256> <name, filled up>\n` */
const HEAD_BYTES = MARK.length + SIZE_DIGITS + HASH_DIGITS + MAX_BACKED_UP_NAME + 4;
const HEAD = new RegExp(`^${MARK} (\\d{${SIZE_DIGITS}}) ([0-9a-f]{${HASH_DIGITS}}) ([A-Za-z0-9_-]+) *\\n$`);

type Head = { readonly size: number; readonly sha256: string; readonly name: string };

/**
 * Appends files to what a backup holds so far; they are on the disk once its manifest is.
 * @param from the folder of the files
 */
export function appendFiles(file: string, from: string, names: Iterable<string>): FilesSection {
  const target = openSync(file, 'r+');
  try {
    const heads = createHash('sha256');
    const start = fstatSync(target).size;
    let [at, count, missing] = [start, 0, 0];
    for (const name of names) {
      const copied = copyIn(path.join(from, name), target, at + HEAD_BYTES);
      if (copied === null) {
        missing += 1;
        continue;
      }
      const head = renderHead({ ...copied, name });
      writeAll(target, head, at);
      heads.update(head);
      at += HEAD_BYTES + copied.size;
      count += 1;
    }
    return { count, missing, bytes: at - start, sha256: heads.digest('hex') };
  } finally {
    closeSync(target);
  }
}

/**
 * Copies the files of a backup into a folder that does not exist. A sentence for people, with remains in the folder,
 * where they are not what they must be; null: they are there, and on the disk.
 */
export function extractFiles(
  file: string,
  { start, files }: { readonly start: number; readonly files: FilesSection },
  to: string,
): string | null {
  if (files.count === 0) return null;
  mkdirSync(to, { mode: 0o700 });
  const source = openSync(file, 'r');
  try {
    const heads = createHash('sha256');
    const end = start + files.bytes;
    let [at, count] = [start, 0];
    while (at < end) {
      const bytes = readAt(source, at, HEAD_BYTES);
      const head = parseHead(bytes);
      at += HEAD_BYTES + (head?.size ?? 0);
      if (head === null || at > end) return 'a file in it has no head that can be read';
      heads.update(bytes);
      if (copyOut(source, at - head.size, { head, to }) !== head.sha256)
        return 'the checksum of a file in it is another one';
      count += 1;
    }
    const isWhole = count === files.count && heads.digest('hex') === files.sha256;
    if (!isWhole) return 'it does not hold the files of which its manifest speaks';
    flush(to);
    return null;
  } finally {
    closeSync(source);
  }
}

/** Null: there is no such file. */
function copyIn(name: string, target: number, at: number): Omit<Head, 'name'> | null {
  const source = openUnlessMissing(name);
  if (source === null) return null;
  try {
    const { size } = fstatSync(source);
    let to = at;
    const sha256 = readThrough(source, { from: 0, length: size }, (chunk) => {
      writeAll(target, chunk, to);
      to += chunk.length;
    });
    if (to !== at + size) throw new Error('an uploaded file has become shorter while it was copied');
    return { size, sha256 };
  } finally {
    closeSync(source);
  }
}

/** Answers the hash of what was copied. */
function copyOut(source: number, from: number, { head, to }: { head: Head; to: string }): string | null {
  const target = openSync(path.join(to, head.name), 'wx', 0o600);
  try {
    let at = 0;
    const sha256 = readThrough(source, { from, length: head.size }, (chunk) => {
      writeAll(target, chunk, at);
      at += chunk.length;
    });
    return sha256;
  } finally {
    closeSync(target);
  }
}

/** Puts a folder and what is in it on the disk: all at the end, which costs a disk less than one after the other. */
function flush(folder: string): void {
  for (const name of readdirSync(folder)) {
    const handle = openSync(path.join(folder, name), 'r+');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
  syncFolder(folder);
}

function renderHead({ size, sha256, name }: Head): Buffer {
  if (name.length > MAX_BACKED_UP_NAME) throw new Error('the name of an uploaded file is too long');
  const length = String(size).padStart(SIZE_DIGITS, '0');
  return Buffer.from(`${MARK} ${length} ${sha256} ${name.padEnd(MAX_BACKED_UP_NAME)}\n`);
}

function parseHead(bytes: Buffer): Head | null {
  const [, size, sha256, name] = HEAD.exec(bytes.toString('latin1')) ?? [];
  if (bytes.length < HEAD_BYTES || sha256 === undefined || name === undefined) return null;
  return { size: Number(size), sha256, name };
}

function writeAll(target: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(target, bytes, done, bytes.length - done, at + done);
  }
}

function openUnlessMissing(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
