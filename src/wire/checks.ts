/** Checks of values inside parameters. Each gives the first problem it finds, or null; `path` names the value. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { MAX_URL } from './limits.ts';
import { failed, type Problem, problemOf, type Read, read } from './problem.ts';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Whether the value stands for "not given". */
export const isAbsent = (value: Json | undefined): value is null | undefined =>
  value === undefined || value === null;

/** Whether a text has more than `max` Unicode characters (code points). */
export function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  return text.length > 2 * max || [...text].length > max;
}

/** The text of an id: a text as it is, a number only where no digit can have been lost. */
export function idText(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

/** A text of at most `max` characters; empty only where `min` is 0. */
export function checkText(
  value: Json | undefined,
  path: string,
  { min = 1, max }: { readonly min?: 0 | 1; readonly max: number },
): Problem | null {
  if (isAbsent(value)) return problemOf(path, 'is required');
  if (typeof value !== 'string') return problemOf(path, 'must be a string');
  if (value.length < min) return problemOf(path, 'must not be empty');
  return isLongerThan(value, max) ? problemOf(path, `must not be longer than ${max} characters`) : null;
}

/** An absolute http or https address. */
export function checkUrl(value: Json | undefined, path: string): Problem | null {
  const problem = checkText(value, path, { max: MAX_URL });
  if (problem !== null) return problem;
  const isWeb = typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
  return isWeb ? null : problemOf(path, 'must be an http or https URL');
}

/** What a word outside the list is told. */
export const oneOf = (words: readonly string[]): string => `must be one of ${words.join(', ')}`;

/** One of a few words, in this very spelling. */
export function checkWord(value: Json | undefined, path: string, words: readonly string[]): Problem | null {
  return typeof value === 'string' && words.includes(value) ? null : problemOf(path, oneOf(words));
}

/** A list of `min` to `max` items, each checked on its own path. */
export function checkList(
  value: Json | undefined,
  path: string,
  {
    min,
    max,
    item,
  }: {
    readonly min: number;
    readonly max: number;
    readonly item: (value: Json, path: string) => Problem | null;
  },
): Problem | null {
  if (isAbsent(value)) return problemOf(path, 'is required');
  if (!isList(value)) return problemOf(path, 'must be a list');
  if (value.length < min || value.length > max) return problemOf(path, `must have ${min} to ${max} items`);
  for (const [index, each] of value.entries()) {
    const problem = item(each, `${path}[${index}]`);
    if (problem !== null) return problem;
  }
  return null;
}

/** The check of something that need not be there. */
export const optional = (
  value: Json | undefined,
  path: string,
  check: (value: Json, path: string) => Problem | null,
): Problem | null => (isAbsent(value) ? null : check(value, path));

/** What forms write for true and false, beside the words themselves. */
export const FLAGS: ReadonlyMap<Json, boolean> = new Map<Json, boolean>([
  [true, true],
  ['true', true],
  [1, true],
  ['1', true],
  [false, false],
  ['false', false],
  [0, false],
  ['0', false],
]);

/** True or false, or what forms write for it. */
export const checkFlag = (value: Json, path: string): Problem | null =>
  FLAGS.has(value) ? null : problemOf(path, 'must be true or false');

/** What is to be kept, where it has so many bytes at most, written as JSON. */
export const readSized = <Value extends Json>(value: Value, path: string, max: number): Read<Value> =>
  Buffer.byteLength(JSON.stringify(value)) > max
    ? failed(path, `must not be larger than ${max} bytes of JSON`)
    : read(value);

/** The object without any key but these: nobody looks at others, so they are not kept. */
export const pick = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
