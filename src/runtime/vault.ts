/** Sealing with AES-256-GCM: a random nonce for each value, and the place of the value as associated data. */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { keyIdOf, markSealed, type Vault } from '../store/vault.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_DIGITS = 16;

/** A new key, as its file holds it. */
export const newKeyText = (): string => randomBytes(KEY_BYTES).toString('base64');

/** The key in a text: 32 bytes in base64 (of either alphabet) or in 64 hex digits; null when it is none. */
export function parseKey(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === KEY_BYTES ? key : null;
}

export function createVault(key: Buffer): Vault {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  const keyId = createHmac('sha256', key).update('baton key id').digest('hex').slice(0, KEY_ID_DIGITS);
  return {
    keyId,
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      // UTF-16, since a text may hold what no UTF-8 can: half of a surrogate pair.
      const sealed = Buffer.concat([cipher.update(text, 'utf16le'), cipher.final()]);
      return markSealed(keyId, Buffer.concat([nonce, cipher.getAuthTag(), sealed]));
    },
    open(sealed, place) {
      if (keyIdOf(sealed) !== keyId) throw new Error(`the secret of ${place} is sealed with another key`);
      const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf(':') + 1), 'base64url');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf16le');
      } catch (error) {
        throw new Error(`the secret of ${place} has been altered`, { cause: error });
      }
    },
  };
}
