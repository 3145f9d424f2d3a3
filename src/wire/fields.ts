/** Readers of the parameters that many calls share. Each gives a value or a problem that names the parameter. */

import { type AppId, MAX_ID_DIGITS, type Psid, parseAppId, parsePsid } from '../protocol/ids.ts';
import type { Json, JsonObject } from '../protocol/message.ts';
import {
  DEFAULT_EXTENSION_SECONDS,
  MAX_EXTENSION_SECONDS,
  MIN_EXTENSION_SECONDS,
  SECOND_MS,
} from '../protocol/time.ts';
import { idText, isAbsent, isList, isLongerThan, isObject, oneOf } from './checks.ts';
import { MAX_METADATA } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { failed, type Read, read } from './problem.ts';

/** What every malformed id is told. */
export const ID_FAULT = `must be an id of 1 to ${MAX_ID_DIGITS} digits`;

/** An object, or null when there is none. */
export function readObject(parameters: Parameters, name: string): Read<JsonObject | null> {
  const value = parameters.structured(name);
  if (!value.ok) return value;
  if (isAbsent(value.value)) return read(null);
  return isObject(value.value) ? read(value.value) : failed(name, 'must be an object');
}

/** `recipient={"id":"<PSID>"}`; the other ways of naming a person are not for a thread. */
export function readRecipient(parameters: Parameters): Read<Psid> {
  const recipient = readObject(parameters, 'recipient');
  if (!recipient.ok) return recipient;
  if (recipient.value === null) return failed('recipient', 'is required');
  return readPsid(recipient.value['id'], 'recipient[id]');
}

/** `recipient=<PSID>` of a reading; the object that other calls take is understood too. */
export function readRecipientQuery(parameters: Parameters): Read<Psid> {
  const recipient = parameters.structured('recipient');
  if (!recipient.ok) return recipient;
  if (isObject(recipient.value)) return readPsid(recipient.value['id'], 'recipient[id]');
  return readPsid(recipient.value, 'recipient');
}

/** The id of a customer, as text or number. */
export function readPsid(value: Json | undefined, path: string): Read<Psid> {
  if (isAbsent(value)) return failed(path, 'is required');
  const psid = parsePsid(idText(value) ?? '');
  return psid === null ? failed(path, ID_FAULT) : read(psid);
}

/** The id of an app, as text or number. */
export function readAppId(
  parameters: Parameters,
  name: string,
  options: { readonly required: true },
): Read<AppId>;
export function readAppId(
  parameters: Parameters,
  name: string,
  options: { readonly required: boolean },
): Read<AppId | null>;
export function readAppId(
  parameters: Parameters,
  name: string,
  { required }: { readonly required: boolean },
): Read<AppId | null> {
  const value = parameters.value(name);
  if (isAbsent(value)) return required ? failed(name, 'is required') : read(null);
  const app = parseAppId(idText(value) ?? '');
  return app === null ? failed(name, ID_FAULT) : read(app);
}

/** [C18] The `metadata` of a control call, verbatim, even where it looks like JSON; null when there is none. */
export function readMetadata(parameters: Parameters): Read<string | null> {
  const value = parameters.value('metadata');
  if (isAbsent(value)) return read(null);
  if (typeof value !== 'string') return failed('metadata', 'must be a string');
  if (isLongerThan(value, MAX_METADATA)) {
    return failed('metadata', `must not be longer than ${MAX_METADATA} characters`);
  }
  return read(value);
}

/** [C10] The `duration` of an extension, in milliseconds; given in seconds. */
export function readDurationMs(parameters: Parameters): Read<number> {
  if (!parameters.has('duration')) return read(DEFAULT_EXTENSION_SECONDS * SECOND_MS);
  const seconds = wholeNumber(parameters.value('duration'));
  if (seconds === null || seconds < MIN_EXTENSION_SECONDS || seconds > MAX_EXTENSION_SECONDS) {
    const range = `${MIN_EXTENSION_SECONDS} to ${MAX_EXTENSION_SECONDS}`;
    return failed('duration', `must be a whole number of seconds, ${range}`);
  }
  return read(seconds * SECOND_MS);
}

/** The epoch that the caller believes in; null when it does not say. */
export function readControlEpoch(parameters: Parameters): Read<number | null> {
  if (!parameters.has('control_epoch')) return read(null);
  const epoch = wholeNumber(parameters.value('control_epoch'));
  return epoch === null ? failed('control_epoch', 'must be a whole number, 0 or more') : read(epoch);
}

function wholeNumber(value: Json | undefined): number | null {
  const text = idText(value) ?? '';
  const number = Number(text);
  return /^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(number) ? number : null;
}

/**
 * A list of words: a JSON list, a lax one, texts with commas (and blanks), a repeated or a bracketed name. Null when it
 * was not given.
 */
export function readList(parameters: Parameters, name: string): Read<readonly string[] | null> {
  const value = parameters.structured(name);
  if (!value.ok) return value;
  if (isAbsent(value.value)) return read(null);
  if (typeof value.value === 'string') {
    const texts = parameters.texts(name);
    return read((texts.length === 0 ? [value.value] : texts).flatMap(wordsOf));
  }
  if (!isList(value.value)) return failed(name, 'must be a list of strings');
  const words: string[] = [];
  for (const [index, word] of value.value.entries()) {
    if (typeof word !== 'string') return failed(`${name}[${index}]`, 'must be a string');
    words.push(...wordsOf(word));
  }
  return read(words);
}

const wordsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** One of a few words, in any case; the answer is in the case of the list. Null when it was not given. */
export function readEnum<Word extends string>(
  parameters: Parameters,
  name: string,
  words: readonly Word[],
): Read<Word | null> {
  const value = parameters.value(name);
  if (isAbsent(value)) return read(null);
  const given = typeof value === 'string' ? value.toLowerCase() : null;
  const word = words.find((each) => each.toLowerCase() === given);
  return word === undefined ? failed(name, oneOf(words)) : read(word);
}
