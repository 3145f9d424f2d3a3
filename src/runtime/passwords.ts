/** Passwords of people: salted scrypt hashes, never the text. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** It takes long, and is done beside the thread that serves. */
const derive = promisify<string, Buffer, number, Buffer>(scrypt);
/** Stands in for the hash of somebody who has none, so that the answer takes as long. */
const NOBODY = `scrypt$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Whether a password is the one that was hashed; in the same time for a person who has none or is not there. */
export async function checkPassword(password: string, hash: string | null): Promise<boolean> {
  const [, salt = '', key = ''] = (hash ?? NOBODY).split('$');
  const expected = Buffer.from(key, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), KEY_BYTES);
  const fits = expected.length === actual.length && timingSafeEqual(expected, actual);
  return hash !== null && fits;
}

/** `scrypt$salt$key` in base64url; `known` itself when it is the hash of this password. */
export async function hashPassword(password: string, known: string | null = null): Promise<string> {
  if (known !== null && (await checkPassword(password, known))) return known;
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES);
  return `scrypt$${salt.toString('base64url')}$${key.toString('base64url')}`;
}
