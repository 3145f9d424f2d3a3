/** Uploaded files in a folder, one file each, readable by its owner only. */

import { createReadStream, promises } from 'node:fs';
import path from 'node:path';
import type { Files } from './attachments.ts';

/** Where the uploaded files of a data folder are. */
export const filesIn = (data: string): string => path.join(data, 'attachments');

/** What is still being written; a crash leaves it behind, and `remove` takes it away. */
const partial = (file: string): string => `${file}.part`;

/** @param folder made when missing */
export function createFiles(folder: string): Files {
  function pathOf(name: string): string {
    if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a file`);
    return path.join(folder, name);
  }

  async function write(file: string, bytes: Uint8Array): Promise<void> {
    await promises.mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeThrough(partial(file), bytes);
      await promises.rename(partial(file), file);
      await flush(folder);
    } catch (error) {
      await removeBoth(file).catch(() => undefined);
      throw error;
    }
  }

  return {
    async save(name, bytes) {
      const file = pathOf(name);
      await unnamed('written', write(file, bytes));
    },
    async open(name) {
      const file = pathOf(name);
      const found = await unnamed('read', unlessMissing(promises.stat(file)));
      return found === null ? null : { size: found.size, content: createReadStream(file) };
    },
    async remove(name) {
      const file = pathOf(name);
      await unnamed('removed', removeBoth(file));
    },
  };
}

async function removeBoth(file: string): Promise<void> {
  await promises.rm(partial(file), { force: true });
  await promises.rm(file, { force: true });
}

/** A fault of the file system tells the path; what is thrown instead tells what was wrong and nothing else. */
async function unnamed<Value>(done: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`a file could not be ${done}: ${reason}`);
  }
}

async function writeThrough(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await promises.open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new name is on the disk once its folder is. */
async function flush(folder: string): Promise<void> {
  const handle = await promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
