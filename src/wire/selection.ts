/** `fields=id,messages.limit(5){id,from}`: what of a node is asked for. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { isAbsent, isList, isObject } from './checks.ts';
import { MAX_FIELD_DEPTH, MAX_FIELDS } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { failed, type Read, read } from './problem.ts';

export type Selection = ReadonlyMap<string, Selected>;
export type Selected = {
  /** What of the field is asked for; null: whatever there is. */
  readonly inner: Selection | null;
  /** How many of its items; null: not said. */
  readonly limit: number | null;
};

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const TOKEN = /[A-Za-z_][A-Za-z0-9_]*|[{},]|\.[a-z_]+\([^()]*\)/y;

/**
 * The fields of a call: a list with commas and blanks, a JSON list, a repeated name, each with braces or without. Null
 * when they were not given.
 */
export function readSelection(parameters: Parameters): Read<Selection | null> {
  const value = parameters.structured('fields');
  if (!value.ok) return value;
  if (isAbsent(value.value)) return read(null);
  const texts = parameters.texts('fields');
  const given = typeof value.value === 'string' ? (texts.length === 0 ? [value.value] : texts) : value.value;
  if (!isList(given)) return failed('fields', 'must be a list of fields');
  const wrong = given.findIndex((each) => typeof each !== 'string');
  return wrong === -1 ? parseSelection(given.join(',')) : failed(`fields[${wrong}]`, 'must be a string');
}

function parseSelection(text: string): Read<Selection> {
  const tokens = tokensOf(text);
  if (tokens === null) return broken();
  if (tokens.filter((token) => NAME.test(token)).length > MAX_FIELDS) {
    return failed('fields', `must not name more than ${MAX_FIELDS} fields`);
  }
  if (depthOf(tokens) > MAX_FIELD_DEPTH) {
    return failed('fields', `must not have braces more than ${MAX_FIELD_DEPTH} levels deep`);
  }
  const found = readTokens(tokens, 0);
  return found === null || found.next < tokens.length ? broken() : read(found.selection);
}

const broken = () => failed('fields', 'must be names with commas between them, braces in pairs');

/** Null where something else stands in the text. */
function tokensOf(text: string): readonly string[] | null {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return null;
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

function depthOf(tokens: readonly string[]): number {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Reads fields up to a closing brace or the end; `next` is the place of what stopped it. Null: they are broken. */
function readTokens(
  tokens: readonly string[],
  from: number,
): { readonly selection: Selection; readonly next: number } | null {
  const selection = new Map<string, Selected>();
  let at = from;
  for (;;) {
    const token = tokens[at];
    if (token === undefined || token === '}') return { selection, next: at };
    at += 1;
    if (token === ',') continue;
    if (!NAME.test(token)) return null;
    let limit: number | null = null;
    for (; tokens[at]?.startsWith('.') === true; at += 1) limit = limitIn(tokens[at]) ?? limit;
    if (tokens[at] !== '{') {
      selection.set(token, { inner: null, limit });
      continue;
    }
    const inner = readTokens(tokens, at + 1);
    if (inner === null || tokens[inner.next] !== '}') return null;
    selection.set(token, { inner: inner.selection, limit });
    at = inner.next + 1;
  }
}

function limitIn(modifier = ''): number | null {
  const [, digits] = /^\.limit\(([0-9]{1,6})\)$/.exec(modifier) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** What was asked for of a node, `id` always with it. @param usual what is given when nothing was asked for */
export function select(node: JsonObject, selection: Selection | null, usual: readonly string[]): JsonObject {
  const isWanted = (key: string): boolean =>
    key === 'id' || (selection === null ? usual.includes(key) : selection.has(key));
  const chosen = Object.entries(node).filter(([key]) => isWanted(key));
  return Object.fromEntries(chosen.map(([key, value]) => [key, within(value, selection?.get(key)?.inner)]));
}

/** The same inside a field: of an object, or of each item of a list or of `data`. */
function within(value: Json, inner: Selection | null | undefined): Json {
  if (inner === null || inner === undefined) return value;
  if (isList(value)) return value.map((each) => within(each, inner));
  if (!isObject(value)) return value;
  return isList(value['data']) ? { ...value, data: within(value['data'], inner) } : select(value, inner, []);
}
