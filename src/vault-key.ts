/**
 * Where the key comes from that secrets are sealed with: a file that is named, the environment, or a file in the data
 * folder, which is made at the first start.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createVault, newKeyText, parseKey } from './runtime/vault.ts';
import { databaseIn } from './store/sqlite/folder.ts';
import { isSealed } from './store/sqlite/sealed.ts';
import type { Vault } from './store/vault.ts';

/** The name of the environment variable that may hold the key. */
export const KEY_VARIABLE = 'BATON_KEY';

/** A key that cannot be used, in a sentence for people. */
export class BadKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadKey';
  }
}

export type KeySource = {
  /** A data folder; it exists. */
  readonly data: string;
  /** As `--key-file` names it; null: not given. */
  readonly keyFile: string | null;
  /** What the environment holds; undefined: nothing. */
  readonly variable: string | undefined;
};

/** The vault, and whether its key lies in the data folder, beside what it is to protect. */
export function openVault({ data, keyFile, variable }: KeySource): {
  readonly vault: Vault;
  readonly isBesideData: boolean;
} {
  if (keyFile !== null) return { vault: readKeyFile(keyFile), isBesideData: false };
  if (variable !== undefined && variable !== '') {
    return { vault: vaultOf(variable, `the environment variable ${KEY_VARIABLE}`), isBesideData: false };
  }
  const own = path.join(data, 'key');
  if (!existsSync(own)) makeKeyFile(own, databaseIn(data));
  return { vault: readKeyFile(own), isBesideData: true };
}

/** The vault of a key in a file. */
export function readKeyFile(file: string): Vault {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadKey(
      `the key file ${file} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  return vaultOf(text, `the key file ${file}`);
}

function vaultOf(text: string, where: string): Vault {
  const key = parseKey(text);
  if (key === null) throw new BadKey(`${where} must hold 32 bytes in base64 or hex`);
  return createVault(key);
}

/**
 * The key is on the disk before anything is sealed with it. Its file is there whole or not at all, whatever interrupts
 * this, and one that is there already stays.
 */
function makeKeyFile(file: string, database: string): void {
  if (isSealed(database)) {
    throw new BadKey(
      `the secrets in ${database} are sealed, and their key is not there: name it with --key-file or in ${KEY_VARIABLE}, ` +
        `or put it back at ${file}`,
    );
  }
  const folder = path.dirname(file);
  const aside = mkdtempSync(path.join(folder, 'key-'));
  try {
    const written = path.join(aside, 'key');
    writeFileSync(written, `${newKeyText()}\n`, { flag: 'wx', mode: 0o600 });
    sync(written);
    putInPlace(written, file);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  sync(folder);
}

/** Gives a file its name, unless there is one of that name. */
function putInPlace(written: string, file: string): void {
  try {
    linkSync(written, file);
  } catch {
    // Another one that starts was faster; or this kind of disk knows no links.
    if (!existsSync(file)) renameSync(written, file);
  }
}

function sync(target: string): void {
  const opened = openSync(target, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
