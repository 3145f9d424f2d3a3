/** Passwords of people: salted scrypt hashes, never the text. */

import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Whether a password is the one that was hashed. */
export function isPassword(password: string, hash: string): boolean {
  const [scheme, salt, key] = hash.split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'base64url');
  const actual = scryptSync(password, Buffer.from(salt, 'base64url'), KEY_BYTES);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `scrypt$salt$key` in base64url; `known` itself when it is the hash of this password. */
export function hashPassword(password: string, known: string | null = null): string {
  if (known !== null && isPassword(password, known)) return known;
  const salt = randomBytes(SALT_BYTES);
  return `scrypt$${salt.toString('base64url')}$${scryptSync(password, salt, KEY_BYTES).toString('base64url')}`;
}
