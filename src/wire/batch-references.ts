/**
 * References of an item of a batch to the answer of an earlier one: `{result=name:$.path}` in its address or in its
 * body. Of JSONPath there are names, numbers and stars: `$.data[0].id`, `$.data.*.id`, `$['id']`; several values are
 * joined by commas, as Graph does.
 *
 * A value is put in where the text has been decoded, and encoded anew: what a customer is called cannot become a
 * parameter, nor break out of the JSON in which it stands.
 */

import type { Json } from '../protocol/message.ts';
import { isList, isObject } from './checks.ts';
import { parseLaxJson } from './lax-json.ts';
import { MAX_BODY_BYTES, MAX_REFERENCES } from './limits.ts';
import { readPairs } from './pairs.ts';
import { failed, type Read, read } from './problem.ts';

const REFERENCE = /\{result=([^:{}]+):(\$[^{}]*)\}/g;
/** What can stand between names and braces without meaning anything there. */
const PLAIN = /^[\w.:,$@-]*$/;

/** The names of the items that a text refers to. */
export const namesReferredTo = (text: string): readonly string[] =>
  text.includes('result') ? [...decoded(text).matchAll(REFERENCE)].map(([, name = '']) => name) : [];

/** The text of an address or a body with all references at once; as it is, where it cannot be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What an item asks for, with the values in the place of its references. */
export type Filled = { readonly url: string; readonly body: string };

/** @param answers the bodies of the earlier items, by name */
export function fillReferences({ url, body }: Filled, answers: ReadonlyMap<string, Json>): Read<Filled> {
  const count = namesReferredTo(url).length + namesReferredTo(body).length;
  if (count === 0) return read({ url, body });
  if (count > MAX_REFERENCES) return failed('batch', `must not have more than ${MAX_REFERENCES} references`);
  const filler = createFiller(answers);
  const [path = '', ...queries] = url.split('?');
  const query = queries.join('?');
  const filled = {
    url: filler.plain(path, encodeURIComponent) + (query === '' ? '' : `?${filler.form(query)}`),
    body: body.trimStart().startsWith('{') ? filler.text(body) : filler.form(body),
  };
  return filler.fault() === null ? read(filled) : failed('batch', filler.fault() ?? '');
}

type Filler = {
  /** The first thing that went wrong. */
  fault(): string | null;
  plain(text: string, encode: (value: string) => string): string;
  /** A text that may be JSON. */
  text(text: string): string;
  form(encoded: string): string;
};

function createFiller(answers: ReadonlyMap<string, Json>): Filler {
  let fault: string | null = null;
  let grown = 0;

  function referred(name: string, path: string): string {
    const value = textAt(answers.get(name) ?? null, path);
    grown += value?.length ?? 0;
    if (value === null) fault ??= `refers to {result=${name}:${path}}, where there is nothing`;
    if (grown > MAX_BODY_BYTES) fault ??= `refers to more than ${MAX_BODY_BYTES} bytes`;
    return fault === null ? (value ?? '') : '';
  }

  const plain: Filler['plain'] = (text, encode) =>
    text.replace(REFERENCE, (_whole, name: string, path: string) => encode(referred(name, path)));

  /** JSON that only is JSON once it has been filled: there, a value must not mean anything. */
  const bare = (value: string): string => {
    if (!PLAIN.test(value)) fault ??= 'refers, outside quotes, to a text that cannot stand there';
    return value;
  };

  function leaves(value: Json): Json {
    if (typeof value === 'string') return plain(value, (each) => each);
    if (isList(value)) return value.map(leaves);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, leaves(inner)]));
  }

  function filledText(text: string): string {
    if (!/^\s*[[{]/.test(text) || /^\s*\{result=[^{}]*\}\s*$/.test(text)) return plain(text, (each) => each);
    const parsed = parseLaxJson(text);
    return parsed.ok ? JSON.stringify(leaves(parsed.value)) : plain(text, bare);
  }

  function form(encoded: string): string {
    const pairs = readPairs(encoded);
    if (!pairs.ok) fault ??= pairs.problem.message;
    return (pairs.ok ? pairs.value : [])
      .map(({ name, text }) => `${encodeURIComponent(name)}=${encodeURIComponent(filledText(text))}`)
      .join('&');
  }

  return { fault: () => fault, plain, text: filledText, form };
}

const STEP = /^(?:\.([\w-]+|\*)|\[(?:(\d+|\*)|'([^']*)'|"([^"]*)")\])/;

/** The values at a path, joined; null where there is none, or something that is no text, number or boolean. */
function textAt(value: Json, path: string): string | null {
  let found: readonly Json[] = [value];
  for (let rest = path.slice(1); rest !== ''; ) {
    const [whole, ...keys] = STEP.exec(rest) ?? [];
    if (whole === undefined) return null;
    const key = keys.find((each) => each !== undefined) ?? '';
    found = found.flatMap((each) => inside(each, key));
    rest = rest.slice(whole.length);
  }
  const texts = found.flatMap((each) => (isList(each) ? each : [each]));
  if (texts.length === 0 || texts.some((each) => typeof each === 'object')) return null;
  return texts.map(String).join(',');
}

function inside(value: Json, key: string): readonly Json[] {
  if (typeof value !== 'object' || value === null) return [];
  if (key === '*') return Object.values(value);
  return Object.entries(value).flatMap(([name, inner]) => (name === key ? [inner] : []));
}
