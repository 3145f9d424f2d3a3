/** The header `Idempotency-Key`, and what makes two calls the same call. */

import { createHash } from 'node:crypto';
import type { Json } from '../protocol/message.ts';
import { isList, isObject } from './checks.ts';
import { MAX_IDEMPOTENCY_KEY } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { failed, type Read, read } from './problem.ts';

/** The name of the header, as problems call it. */
export const IDEMPOTENCY_KEY = 'Idempotency-Key';

const VISIBLE = /^[\x21-\x7e]+$/;

/** Who is calling, and nothing of what is asked: a token that was renewed makes no other call. */
const OF_THE_CALLER: ReadonlySet<string> = new Set(['access_token', 'appsecret_proof']);

/** The key of a call, or null when it bears none. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): Read<string | null> {
  if (header === undefined) return read(null);
  const isKey = typeof header === 'string' && header.length <= MAX_IDEMPOTENCY_KEY && VISIBLE.test(header);
  return isKey
    ? read(header)
    : failed(IDEMPOTENCY_KEY, `must be 1 to ${MAX_IDEMPOTENCY_KEY} visible ASCII characters, without spaces`);
}

/** The key of one item of a batch that bears a key: the same for the same batch sent again. */
export const keyOfItem = (key: string, index: number): string => `batch-${sha256(`${key}/${index}`)}`;

/**
 * The same for two calls exactly when they ask for the same: the edge and every parameter, whatever their order, files
 * by their bytes. Lower-case hex.
 */
export function fingerprintOf(edge: string, parameters: Parameters): string {
  const asked = parameters
    .names()
    .filter((name) => !OF_THE_CALLER.has(name))
    .toSorted()
    .map((name): Json => [name, inOrder(parameters.value(name) ?? null)]);
  const files = [...parameters.files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sent = files.map(
    ([name, { filename, contentType, bytes }]): Json => [name, filename, contentType, sha256(bytes)],
  );
  return sha256(JSON.stringify([edge, asked, sent]));
}

/** The value with the keys of its objects in order; an object becomes a list of pairs, so that no key is special. */
function inOrder(value: Json): Json {
  if (isList(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return { pairs: keys.map((key): Json => [key, inOrder(value[key] ?? null)]) };
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
