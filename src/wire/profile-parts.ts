/**
 * [M6] The parts of a profile beside the menu: checked, and kept as they were given, in Graph's shape, without what
 * is no part of them.
 */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkText, isList, isObject, pick } from './checks.ts';
import {
  MAX_COMMAND_DESCRIPTION,
  MAX_COMMAND_NAME,
  MAX_COMMANDS,
  MAX_GREETING,
  MAX_ICE_BREAKER_QUESTION,
  MAX_ICE_BREAKERS,
} from './limits.ts';
import { fail, failed, type Read, read, readChecked } from './problem.ts';
import { type ReadItem, readItems, readLocales, withPayload } from './profile-lists.ts';

export function readGetStarted(value: Json | undefined, path: string): Read<Json> {
  return isObject(value)
    ? withPayload(pick(value, ['payload']), path)
    : failed(path, 'must be an object with a payload');
}

export const readGreeting = (value: Json | undefined, path: string): Read<Json> =>
  readLocales(value, path, (entry, at) => {
    const problem = checkText(entry['text'], `${at}[text]`, { max: MAX_GREETING });
    return readChecked(pick(entry, ['locale', 'text']), problem);
  });

/** Both forms: a plain list of questions, and one for each locale. */
export const readIceBreakers = (value: Json | undefined, path: string): Read<Json> =>
  readPlainOrLocales(value, path, { key: 'call_to_actions', max: MAX_ICE_BREAKERS, item: readQuestion });

/** Both forms, as of ice breakers. */
export const readCommands = (value: Json | undefined, path: string): Read<Json> =>
  readPlainOrLocales(value, path, { key: 'commands', max: MAX_COMMANDS, item: readCommand });

/** A list of objects; or for each locale an object that has such a list under `key`. */
function readPlainOrLocales(
  value: Json | undefined,
  path: string,
  { key, ...list }: { readonly key: string; readonly max: number; readonly item: ReadItem },
): Read<Json> {
  const isPerLocale = isList(value) && value.some((each) => isObject(each) && key in each);
  if (!isPerLocale) return readItems(value, path, list);
  return readLocales(value, path, (entry, at) => {
    const items = readItems(entry[key], `${at}[${key}]`, list);
    return items.ok ? read({ ...pick(entry, ['locale']), [key]: items.value }) : items;
  });
}

function readQuestion(item: JsonObject, path: string): Read<JsonObject> {
  const problem = checkText(item['question'], `${path}[question]`, { max: MAX_ICE_BREAKER_QUESTION });
  return problem === null ? withPayload(pick(item, ['question', 'payload']), path) : fail(problem);
}

function readCommand(command: JsonObject, path: string): Read<JsonObject> {
  const problem =
    checkText(command['name'], `${path}[name]`, { max: MAX_COMMAND_NAME }) ??
    checkText(command['description'], `${path}[description]`, { max: MAX_COMMAND_DESCRIPTION });
  return readChecked(pick(command, ['name', 'description']), problem);
}
