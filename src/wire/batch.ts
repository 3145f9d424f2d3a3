/** `POST /` with `batch`: several calls in one request. Reads the batch and its items; carries nothing out. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { namesReferredTo } from './batch-references.ts';
import { isAbsent, isList, isObject } from './checks.ts';
import { MAX_BATCH_ITEMS } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { failed, type Read, read } from './problem.ts';

/** One call of a batch, as it was written. */
export type BatchItem = {
  /** In any case. */
  readonly method: string;
  /** A path with its query, without the leading slash. */
  readonly url: string;
  /** As the body of a call: a form, or JSON. Empty: none. */
  readonly body: string;
  readonly name: string | null;
  /** The items that have to have succeeded before: in `depends_on`, and those whose answers it refers to. */
  readonly dependsOn: readonly string[];
  /** Whether a success is answered with null; null: where other items depend on it. */
  readonly omitsSuccess: boolean | null;
  /** Its own token; null: that in its query or body, or that of the batch. */
  readonly token: string | null;
  /** Names of the parts of the request that are its files. */
  readonly files: readonly string[];
};

export type Batch = {
  /** In order. Null: an empty place, which is answered with null. A bad item is a problem of its own. */
  readonly items: readonly (Read<BatchItem> | null)[];
  readonly includesHeaders: boolean;
};

export function parseBatch(parameters: Parameters): Read<Batch> {
  const list = parameters.structured('batch');
  if (!list.ok) return list;
  const { value } = list;
  if (!isList(value)) return failed('batch', 'must be a list');
  if (value.length < 1 || value.length > MAX_BATCH_ITEMS) {
    return failed('batch', `must have 1 to ${MAX_BATCH_ITEMS} items`);
  }
  const items = value.map((item, index) => (item === null ? null : readItem(item, `batch[${index}]`)));
  return read({ items, includesHeaders: readFlag(parameters.value('include_headers')) !== false });
}

function readItem(value: Json, path: string): Read<BatchItem> {
  if (!isObject(value)) return failed(path, 'must be an object');
  const { method = 'GET', relative_url: relative, body } = value;
  if (typeof method !== 'string') return failed(`${path}[method]`, 'must be a string');
  if (typeof relative !== 'string') return failed(`${path}[relative_url]`, 'is required');
  if (!isAbsent(body) && typeof body !== 'string' && !isObject(body)) {
    return failed(`${path}[body]`, 'must be a string');
  }
  const wrong = OTHERS.find((key) => !isAbsent(value[key]) && typeof value[key] !== 'string');
  if (wrong !== undefined) return failed(`${path}[${wrong}]`, 'must be a string');
  const call = {
    method: method.trim().toUpperCase(),
    url: pathOf(relative.trim()),
    body: isObject(body) ? JSON.stringify(body) : (body ?? ''),
  };
  return read({ ...call, ...placeOf(value, call) });
}

const OTHERS = ['name', 'depends_on', 'access_token', 'attached_files'];

/** How an item stands among the others. */
function placeOf(
  value: JsonObject,
  { url, body }: Pick<BatchItem, 'url' | 'body'>,
): Omit<BatchItem, 'method' | 'url' | 'body'> {
  const { name, access_token: token, depends_on: dependsOn, attached_files: files } = value;
  const names = new Set([...wordsOf(dependsOn), ...namesReferredTo(url), ...namesReferredTo(body)]);
  return {
    name: textOf(name),
    dependsOn: [...names],
    omitsSuccess: readFlag(value['omit_response_on_success']),
    token: textOf(token),
    files: wordsOf(files),
  };
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

const wordsOf = (value: Json | undefined): readonly string[] =>
  (textOf(value) ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Without what an absolute address has in front, and without the leading slash. */
const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^\/+/, '');

/** A boolean however it is written; null for anything else. */
function readFlag(value: Json | undefined): boolean | null {
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (word === true || word === 'true' || word === 1 || word === '1') return true;
  return word === false || word === 'false' || word === 0 || word === '0' ? false : null;
}
