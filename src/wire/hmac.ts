/**
 * HMAC (RFC 2104) for many short messages under few keys. `createHmac` sets its key up anew for each message, which
 * costs as much again as signing it; here a key is set up once.
 */

import { createHmac, hash } from 'node:crypto';

/** Both work on blocks of this size. */
type Algorithm = 'sha1' | 'sha256';
const BLOCK_BYTES = 64;

/** Longer messages are left to `createHmac`: what the key costs is lost in them. */
export const MAX_SHORT_MESSAGE_BYTES = 16_384;
/** Most keys that are kept set up. */
export const MAX_SIGNING_KEYS = 1_000;

/** A key, padded to a block, as it enters the first and the second pass. */
type Key = { readonly inner: Uint8Array; readonly outer: Uint8Array };

const keys = { sha1: new Map<string, Key>(), sha256: new Map<string, Key>() } as const;
/** What the passes run over; only ever in use within one call. */
const first = Buffer.alloc(BLOCK_BYTES + MAX_SHORT_MESSAGE_BYTES);
const second = Buffer.alloc(BLOCK_BYTES + 32);
/** Of each algorithm. */
const secondOf = { sha1: second.subarray(0, BLOCK_BYTES + 20), sha256: second } as const;

export type Message = {
  /** In front of the bytes; ASCII. */
  readonly prefix?: string;
  readonly bytes: Buffer;
};

/** @param secret its UTF-8 bytes are the key */
export function hmac(
  algorithm: Algorithm,
  secret: string,
  { prefix = '', bytes, encoding }: Message & { readonly encoding: 'hex' | 'base64' },
): string {
  const size = BLOCK_BYTES + prefix.length + bytes.length;
  if (size > first.length) {
    return createHmac(algorithm, secret).update(prefix).update(bytes).digest(encoding);
  }
  const { inner, outer } = keyOf(algorithm, secret);
  first.set(inner);
  first.write(prefix, BLOCK_BYTES, 'latin1');
  first.set(bytes, BLOCK_BYTES + prefix.length);
  const over = secondOf[algorithm];
  over.set(outer);
  // As text: a buffer for so few bytes costs more than writing them anew.
  over.write(hash(algorithm, first.subarray(0, size), 'binary'), BLOCK_BYTES, 'binary');
  return hash(algorithm, over, encoding);
}

function keyOf(algorithm: Algorithm, secret: string): Key {
  const known = keys[algorithm].get(secret);
  if (known !== undefined) return known;
  const bytes = Buffer.from(secret, 'utf8');
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(bytes.length > BLOCK_BYTES ? hash(algorithm, bytes, 'buffer') : bytes);
  const key = { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) };
  if (keys[algorithm].size >= MAX_SIGNING_KEYS) keys[algorithm].clear();
  keys[algorithm].set(secret, key);
  return key;
}
