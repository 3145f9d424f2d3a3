/** Bytes and what is computed over them: bodies of webhooks, signatures, hashes. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AppId, PageId, Psid } from '../protocol/ids.ts';
import type { Json } from '../protocol/message.ts';
import { hmac } from './hmac.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text, without a byte order mark; null when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** [W6] The bytes of a webhook's body: JSON in ASCII, every other UTF-16 unit as `\uXXXX` in lower case. */
export function serialise(json: Json): Buffer {
  const text = JSON.stringify(json);
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === text.length) return bytes;
  return Buffer.from(text.replace(/[\x80-\uffff]/g, escapeUnit), 'latin1');
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** [W6] Both signature headers, over the exact bytes sent. */
export function signatures(secret: string, bytes: Buffer) {
  const message = { bytes, encoding: 'hex' } as const;
  return {
    'X-Hub-Signature': `sha1=${hmac('sha1', secret, message)}`,
    'X-Hub-Signature-256': `sha256=${hmac('sha256', secret, message)}`,
  } as const;
}

/** The stable id of what an app is told by an event of a thread, or of a page's own lane; no other event ever bears it. */
export const eventId = (
  { app, page, psid }: { readonly app: AppId; readonly page: PageId; readonly psid: Psid },
  { seq, era }: { readonly seq: number; readonly era?: string | undefined },
): string => `${app}_${page}_${psid || 'page'}_${seq}${era === undefined ? '' : `_${era}`}`;

/** What `appsecret_proof` must be: lower-case hex. */
export const appSecretProof = (secret: string, token: string): string =>
  createHmac('sha256', secret).update(token).digest('hex');

/** Whether two texts are equal, in a time that tells nothing of where they differ. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
