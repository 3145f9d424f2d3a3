/** What the parts of a profile share: lists that are read item by item, locales, payloads. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkList, checkText, FLAGS, idText, isAbsent, isList, isObject } from './checks.ts';
import { MAX_LOCALES, MAX_PAYLOAD } from './limits.ts';
import { fail, failed, type Read, read, readChecked } from './problem.ts';

/** Reads one object of a list; `path` names it. */
export type ReadItem = (value: JsonObject, path: string) => Read<JsonObject>;

/** What customers of a language without an entry of its own get. */
const DEFAULT_LOCALE = 'default';
/** `en_US`, `zh_CN`; also a language alone. */
const LOCALE = /^[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})?$/;

/** A list of 1 to `max` objects, each read on its own path. */
export function readItems(
  value: Json | undefined,
  path: string,
  { max, item }: { readonly max: number; readonly item: ReadItem },
): Read<readonly JsonObject[]> {
  const wrong = checkList(value, path, { min: 1, max, item: () => null });
  if (wrong !== null) return fail(wrong);
  const items: JsonObject[] = [];
  for (const [index, each] of (isList(value) ? value : []).entries()) {
    const at = `${path}[${index}]`;
    if (!isObject(each)) return failed(at, 'must be an object');
    const one = item(each, at);
    if (!one.ok) return one;
    items.push(one.value);
  }
  return read(items);
}

/** A list with an entry for each locale, none of them twice. An entry that names no locale is the default one. */
export function readLocales(
  value: Json | undefined,
  path: string,
  entry: ReadItem,
): Read<readonly JsonObject[]> {
  const seen = new Set<string>();
  return readItems(value, path, {
    max: MAX_LOCALES,
    item(each, at) {
      const locale = each['locale'] ?? DEFAULT_LOCALE;
      if (typeof locale !== 'string' || (locale !== DEFAULT_LOCALE && !LOCALE.test(locale))) {
        return failed(`${at}[locale]`, 'must be default or a locale such as en_US');
      }
      if (seen.has(locale)) return failed(`${at}[locale]`, `names ${locale} for the second time`);
      seen.add(locale);
      return entry(each, at);
    },
  });
}

export const isDefault = ({ locale }: JsonObject): boolean => isAbsent(locale) || locale === DEFAULT_LOCALE;

/** The object with its payload as a text; a whole number is taken for its digits. */
export function withPayload(object: JsonObject, path: string): Read<JsonObject> {
  const payload = idText(object['payload']) ?? object['payload'];
  const problem = checkText(payload, `${path}[payload]`, { max: MAX_PAYLOAD });
  return readChecked({ ...object, payload: payload ?? null }, problem);
}

/** The object with a true or false under `key`, which forms write as words; without it, as it is. */
export function withBoolean(object: JsonObject, key: string, path: string): Read<JsonObject> {
  const value = object[key];
  if (isAbsent(value)) return read(object);
  const boolean = FLAGS.get(value);
  return boolean === undefined
    ? failed(`${path}[${key}]`, 'must be true or false')
    : read({ ...object, [key]: boolean });
}
