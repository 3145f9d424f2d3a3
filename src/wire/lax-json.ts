/**
 * JSON as clients of the Graph API write it. Strict JSON first; then the forms of Meta's own samples, in which names
 * and words stand without quotes or in single ones: `{id:PSID}`, `{'text':'hi'}`, `['a', 'b']`.
 *
 * No digit is lost: an integer that a double cannot hold becomes the text of its digits (CLIENTS 1.6). `__proto__` is a
 * name like any other. Time is linear in the length of the text, and nesting ends at `MAX_DEPTH`.
 */

import type { Json } from '../protocol/message.ts';
import { MAX_DEPTH } from './limits.ts';

export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };

type ParseWithSource = (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => Json;

const parseWithSource = JSON.parse as ParseWithSource;

/** A number outside quotes that is long enough to be rounded. */
const LONG_NUMBER = /(?:^|[\s:,[-])\d{16}/;
const INTEGER = /^-?\d+$/;
const TOO_DEEP = `it is nested more than ${MAX_DEPTH} levels deep`;

/** Strict JSON, or one of Meta's lax forms of an object or a list. Never throws. */
export function parseLaxJson(text: string): Parsed {
  const strict = parseJson(text);
  return strict.ok ? strict : parseLax(text);
}

/** Strict JSON only. Never throws; the reason quotes nothing of the text, which may hold a token. */
export function parseStrictJson(text: string): Parsed {
  const strict = parseJson(text);
  const lax = strict.ok ? strict : parseLax(text);
  return lax.ok ? strict : lax;
}

function parseJson(text: string): Parsed {
  try {
    const value: Json = JSON.parse(text);
    if (isDeeperThan(value, MAX_DEPTH)) return { ok: false, reason: TOO_DEEP };
    return { ok: true, value: LONG_NUMBER.test(text) ? parseWithSource(text, keepDigits) : value };
  } catch {
    return { ok: false, reason: 'names and texts must stand in double quotes, on one line each' };
  }
}

function keepDigits(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return INTEGER.test(source) ? source : value;
}

function isDeeperThan(value: Json, depth: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (depth === 0) return true;
  for (const inner of Object.values(value)) {
    if (inner !== null && typeof inner === 'object' && isDeeperThan(inner, depth - 1)) return true;
  }
  return false;
}

/** Where the lax parser stands; after a failure nothing more is read. */
type Cursor = { readonly text: string; at: number; failure: string | null };

const SPACE = /[ \t\r\n]*/y;
const NAME = /[\w$.-]+/y;
const BARE = /[^,[\]{}"]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function parseLax(text: string): Parsed {
  const cursor: Cursor = { text, at: 0, failure: null };
  skipSpace(cursor);
  if (text[cursor.at] !== '{' && text[cursor.at] !== '[') expected(cursor, '{ or [');
  const value = readValue(cursor, MAX_DEPTH);
  skipSpace(cursor);
  if (cursor.at < text.length) expected(cursor, 'the end');
  return cursor.failure === null ? { ok: true, value } : { ok: false, reason: cursor.failure };
}

function readValue(cursor: Cursor, depth: number): Json {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if ((first === '{' || first === '[') && depth === 0) {
    cursor.failure ??= TOO_DEEP;
    return null;
  }
  if (first === '{') return readObject(cursor, depth - 1);
  if (first === '[') return readList(cursor, depth - 1);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  return readBare(cursor);
}

function readObject(cursor: Cursor, depth: number): Json {
  const members: [string, Json][] = [];
  readMembers(cursor, '}', () => {
    const name = readName(cursor);
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== ':') expected(cursor, 'a colon');
    cursor.at += 1;
    members.push([name, readValue(cursor, depth)]);
  });
  return Object.fromEntries(members);
}

function readList(cursor: Cursor, depth: number): Json {
  const items: Json[] = [];
  readMembers(cursor, ']', () => items.push(readValue(cursor, depth)));
  return items;
}

/** Reads what stands between the bracket at the cursor and `end`, with commas between. */
function readMembers(cursor: Cursor, end: '}' | ']', readMember: () => void): void {
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] === end) {
    cursor.at += 1;
    return;
  }
  while (cursor.failure === null) {
    readMember();
    skipSpace(cursor);
    const next = cursor.text[cursor.at];
    if (next !== ',' && next !== end) expected(cursor, `a comma or ${end}`);
    cursor.at += 1;
    if (next === end) return;
  }
}

function readName(cursor: Cursor): string {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  return readPattern(cursor, NAME) ?? expected(cursor, 'a name');
}

/** A word or a number without quotes: everything up to the next bracket, comma or double quote. */
function readBare(cursor: Cursor): Json {
  const word = readPattern(cursor, BARE)?.trim() ?? '';
  if (word === '') return expected(cursor, 'a value');
  if (word === 'null') return null;
  if (word === 'true' || word === 'false') return word === 'true';
  if (!NUMBER.test(word)) return word;
  const number = Number(word);
  return INTEGER.test(word) && !Number.isSafeInteger(number) ? word : number;
}

function readQuoted(cursor: Cursor, quote: string): string {
  const { text } = cursor;
  let value = '';
  let from = cursor.at + 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === quote) {
      cursor.at = at + 1;
      return value + text.slice(from, at);
    }
    if (text[at] !== '\\') continue;
    const code = text[at + 1] === 'u' ? text.slice(at + 2, at + 6) : null;
    if (code !== null && !/^[0-9a-fA-F]{4}$/.test(code)) break;
    const escaped = text[at + 1] ?? '';
    const meant =
      code === null ? (ESCAPES[escaped] ?? escaped) : String.fromCharCode(Number.parseInt(code, 16));
    value += text.slice(from, at) + meant;
    at += code === null ? 1 : 5;
    from = at + 1;
  }
  return expected(cursor, 'a closed quotation');
}

function readPattern(cursor: Cursor, sticky: RegExp): string | null {
  sticky.lastIndex = cursor.at;
  const found = sticky.exec(cursor.text)?.[0] ?? null;
  cursor.at += found?.length ?? 0;
  return found;
}

const skipSpace = (cursor: Cursor): unknown => readPattern(cursor, SPACE);

function expected(cursor: Cursor, what: string): string {
  cursor.failure ??= `expected ${what} at position ${cursor.at}`;
  return '';
}
