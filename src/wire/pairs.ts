/** `name=value` pairs of queries and forms, and the folding of `a[0][b]` names into lists and objects. */

import type { Json } from '../protocol/message.ts';
import { MAX_DEPTH, MAX_PAIRS } from './limits.ts';
import { failed, type Read, read } from './problem.ts';

export type Pair = { readonly name: string; readonly text: string };

/** One parameter as pairs give it. */
export type Folded = {
  /** The text; for bracketed names the list or object that they fold into, with texts as its leaves. */
  readonly value: Json;
  /** Every text that was given under the plain name, in order. */
  readonly texts: readonly string[];
};

/** The pairs of a query or of an `application/x-www-form-urlencoded` body. */
export function readPairs(encoded: string): Read<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (const piece of encoded.split('&')) {
    if (piece === '') continue;
    if (pairs.length === MAX_PAIRS) return tooManyPairs();
    const equals = piece.indexOf('=');
    const rawName = equals === -1 ? piece : piece.slice(0, equals);
    const name = percentDecode(rawName);
    const text = equals === -1 ? '' : percentDecode(piece.slice(equals + 1));
    if (name === null || text === null) {
      return failed((name ?? rawName).slice(0, 100), 'is not percent-encoded UTF-8');
    }
    pairs.push({ name, text });
  }
  return read(pairs);
}

export const tooManyPairs = () => failed('parameters', `must not be given as more than ${MAX_PAIRS} pairs`);

function percentDecode(encoded: string): string | null {
  const text = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A list or object that is being folded; a text is a leaf. */
type Branch = Map<string, Branch | string>;

/**
 * Pairs by parameter. Of two values of one plain name the last counts, and a value at a place where another stands
 * replaces it.
 */
export function foldPairs(pairs: readonly Pair[]): Read<ReadonlyMap<string, Folded>> {
  const folded = new Map<string, { value: Json; texts: string[] }>();
  const branches = new Map<string, Branch>();
  for (const { name, text } of pairs) {
    const [root = '', ...keys] = pathOf(name);
    if (keys.length >= MAX_DEPTH) return failed(root, `is nested more than ${MAX_DEPTH} levels deep`);
    const entry = folded.get(root) ?? { value: text, texts: [] };
    folded.set(root, entry);
    if (keys.length === 0) {
      entry.value = text;
      entry.texts.push(text);
      branches.delete(root);
    } else {
      const branch = branches.get(root) ?? new Map();
      branches.set(root, branch);
      plant(branch, keys, text);
    }
  }
  for (const [root, branch] of branches) {
    const entry = folded.get(root);
    if (entry !== undefined) entry.value = grown(branch);
  }
  return read(folded);
}

const BRACKETED = /^([^[\]]+)((?:\[[^[\]]*\])+)$/;

/** `a[0][b]` → a, 0, b. A name of any other shape is a name and nothing else. */
function pathOf(name: string): readonly string[] {
  if (!name.endsWith(']')) return [name];
  const [, root, brackets] = BRACKETED.exec(name) ?? [];
  return root === undefined || brackets === undefined ? [name] : [root, ...brackets.slice(1, -1).split('][')];
}

/** Puts a text at the end of a path; an empty key (`a[]`) stands for the next free place. */
function plant(root: Branch, keys: readonly string[], text: string): void {
  let branch = root;
  for (const [depth, key] of keys.entries()) {
    const place = key === '' ? freePlace(branch) : key;
    if (depth === keys.length - 1) {
      branch.set(place, text);
      return;
    }
    const inner = branch.get(place);
    const next: Branch = inner instanceof Map ? inner : new Map();
    if (next !== inner) branch.set(place, next);
    branch = next;
  }
}

function freePlace(branch: Branch): string {
  let index = branch.size;
  while (branch.has(String(index))) index += 1;
  return String(index);
}

/** A branch whose keys are 0, 1, 2 … in any order is a list. */
function grown(node: Branch | string): Json {
  if (typeof node === 'string') return node;
  const isList = Array.from({ length: node.size }, (_, index) => String(index)).every((key) => node.has(key));
  if (!isList) return Object.fromEntries([...node].map(([key, inner]) => [key, grown(inner)]));
  return Array.from({ length: node.size }, (_, index) => grown(node.get(String(index)) ?? ''));
}
