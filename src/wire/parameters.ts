/**
 * The parameters of a call, wherever it put them: query, form, multipart or JSON body. Values of queries and forms are
 * text, which may itself hold JSON or one of its lax forms; values of JSON bodies are values. The body wins over the
 * query for the same name.
 */

import type { Json } from '../protocol/message.ts';
import { decodeUtf8 } from './bytes.ts';
import { isObject } from './checks.ts';
import { parseLaxJson, parseStrictJson } from './lax-json.ts';
import { MAX_PARAMETERS } from './limits.ts';
import { readMultipart, type UploadedFile } from './multipart.ts';
import { type Folded, foldPairs, type Pair, readPairs } from './pairs.ts';
import { fail, failed, type Problem, type Read, read } from './problem.ts';

export type Parameters = {
  /** Whether the parameter was given, be it null or empty. */
  has(name: string): boolean;
  /** The text of a text, number or boolean; null for anything else and for what was not given. */
  text(name: string): string | null;
  /** Every text given under this name, in order: `fields=a&fields=b`. Empty when it came as JSON. */
  texts(name: string): readonly string[];
  /** The value of a JSON body, or the text of a query or form; undefined when it was not given. */
  value(name: string): Json | undefined;
  /** As `value`; a text that begins like an object or a list is parsed, and broken JSON there is a problem. */
  structured(name: string): Read<Json | undefined>;
  names(): readonly string[];
  readonly files: ReadonlyMap<string, UploadedFile>;
};

export type CallInput = {
  readonly method: string;
  /** Without the `?`. */
  readonly query: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** What an item of a batch has from the batch. */
  readonly lent?: Lent | undefined;
};

export type Lent = {
  /** `access_token`, and what belongs to it: for an item that bears no token of its own. */
  readonly values: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, UploadedFile>;
};

type Source = {
  readonly values: ReadonlyMap<string, Folded>;
  readonly files: ReadonlyMap<string, UploadedFile>;
};

const NO_FILES: ReadonlyMap<string, UploadedFile> = new Map();
const NO_TEXTS: readonly string[] = [];
const NO_PARAMETERS: Read<Source> = read({ values: new Map(), files: NO_FILES });

/** Reads and merges the parameters of a call. An `access_token` may stand anywhere; an empty one hides no other. */
export function readParameters(
  input: CallInput,
):
  | { readonly ok: true; readonly parameters: Parameters }
  | { readonly ok: false; readonly problem: Problem } {
  const query = readQuery(input.query);
  if (!query.ok) return query;
  const body = readBody(input);
  if (!body.ok) return body;
  const own = merged(query.value.values, body.value.values);
  const values = input.lent === undefined ? own : withLent(own, input.lent);
  const files = input.lent?.files ?? body.value.files;
  if (values.size > MAX_PARAMETERS) return failed('parameters', `must not be more than ${MAX_PARAMETERS}`);
  return { ok: true, parameters: parametersOf({ values, files }) };
}

/** The token of an `Authorization: Bearer …` header, or null. */
export const bearerToken = (authorization: string | undefined): string | null =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null;

function merged(
  query: ReadonlyMap<string, Folded>,
  body: ReadonlyMap<string, Folded>,
): ReadonlyMap<string, Folded> {
  if (body.size === 0) return query;
  const values = new Map(query);
  for (const [name, folded] of body) {
    if (name !== 'access_token' || hasText(folded) || !values.has(name)) values.set(name, folded);
  }
  return values;
}

function withLent(own: ReadonlyMap<string, Folded>, { values }: Lent): ReadonlyMap<string, Folded> {
  if (hasText(own.get('access_token'))) return own;
  const lent = Object.entries(values).map(([name, value]): [string, Folded] => [
    name,
    { value, texts: [value] },
  ]);
  return new Map([...lent, ...[...own].filter(([name]) => name !== 'access_token')]);
}

const hasText = (folded: Folded | undefined): boolean =>
  typeof folded?.value === 'string' && folded.value !== '';

/** Raw bytes beyond ASCII, which HTTP hands on as Latin-1, are UTF-8. */
function readQuery(query: string): Read<Source> {
  if (!/[\x80-\xff]/.test(query)) return readForm(query);
  const text = decodeUtf8(Buffer.from(query, 'latin1'));
  return text === null ? failed('query', 'is not UTF-8') : readForm(text);
}

function readForm(encoded: string): Read<Source> {
  if (encoded === '') return NO_PARAMETERS;
  const pairs = readPairs(encoded);
  return pairs.ok ? sourceOf(pairs.value) : pairs;
}

function sourceOf(pairs: readonly Pair[], files = NO_FILES): Read<Source> {
  const values = foldPairs(pairs);
  return values.ok ? read({ values: values.value, files }) : values;
}

/** An empty body is fine under any content type; without a known one, `{` begins JSON and anything else a form. */
function readBody({ method, contentType = '', body }: CallInput): Read<Source> {
  if (body.length === 0) return readForm('');
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'multipart/form-data') {
    const parts = readMultipart(contentType, body);
    return parts.ok ? sourceOf(parts.value.pairs, parts.value.files) : parts;
  }
  const text = decodeUtf8(body)?.trim() ?? null;
  if (text === null) return failed('body', 'is not UTF-8');
  if (type === 'application/json' || (type !== 'application/x-www-form-urlencoded' && text.startsWith('{'))) {
    return readJsonBody(method, text);
  }
  return readForm(text);
}

/** Clients put `{}` or `true` on a GET (CLIENTS 1.8): there, what is no object says nothing. */
function readJsonBody(method: string, text: string): Read<Source> {
  if (text === '') return readForm('');
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return bodyProblem(`The request body is not valid JSON: ${parsed.reason}`);
  if (isObject(parsed.value)) {
    const values = new Map<string, Folded>();
    for (const [name, value] of Object.entries(parsed.value)) values.set(name, { value, texts: NO_TEXTS });
    return read({ values, files: NO_FILES });
  }
  if (method.toUpperCase() === 'GET') return readForm('');
  return bodyProblem('The request body must be a JSON object');
}

const bodyProblem = (message: string) => fail({ code: 100, message, parameter: 'body' });

function parametersOf({ values, files }: Source): Parameters {
  const value = (name: string): Json | undefined => values.get(name)?.value;
  return {
    has: (name) => values.has(name),
    text: (name) => textOf(value(name)),
    texts: (name) => values.get(name)?.texts ?? NO_TEXTS,
    value,
    structured: (name) => structure(name, value(name)),
    names: () => [...values.keys()],
    files,
  };
}

function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function structure(name: string, value: Json | undefined): Read<Json | undefined> {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return read(value);
  const parsed = parseLaxJson(value);
  return parsed.ok ? read(parsed.value) : failed(name, `is not valid JSON: ${parsed.reason}`);
}
