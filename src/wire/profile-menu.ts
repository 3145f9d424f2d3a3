/** [M1, M3] A menu, of the page or of one customer: for each locale a list of items, which may hold lists themselves. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkWebview } from './buttons.ts';
import { checkText, checkUrl, checkWord, isAbsent, pick, readSized } from './checks.ts';
import { MAX_MENU_DEPTH, MAX_MENU_ITEMS, MAX_MENU_TITLE } from './limits.ts';
import { fail, failed, type Read, read } from './problem.ts';
import { isDefault, readItems, readLocales, withBoolean, withPayload } from './profile-lists.ts';

const ITEM_TYPES = ['web_url', 'postback'];

/** What is kept of the menu of one locale. */
const ENTRY_KEYS = ['locale', 'composer_input_disabled', 'call_to_actions', 'disabled_surfaces'];
const WEB_KEYS = ['url', 'webview_height_ratio', 'messenger_extensions', 'fallback_url'];

/**
 * The menu in Graph's shape: checked, and kept as it was given, without what is no part of it.
 * @param maxBytes of what is kept, as JSON
 */
export function readMenu(
  value: Json | undefined,
  path: string,
  maxBytes: number,
): Read<readonly JsonObject[]> {
  const menu = readLocales(value, path, readEntry);
  if (!menu.ok) return menu;
  if (!menu.value.some(isDefault)) return failed(path, 'must have an entry for the locale default');
  return readSized(menu.value, path, maxBytes);
}

/** The menu of one locale. A locale beside the default may do without items of its own. */
function readEntry(given: JsonObject, path: string): Read<JsonObject> {
  const entry = pick(given, ENTRY_KEYS);
  if (isAbsent(entry['locale'])) return failed(`${path}[locale]`, 'is required');
  const checked = withBoolean(entry, 'composer_input_disabled', path);
  if (!checked.ok || (isAbsent(entry['call_to_actions']) && !isDefault(entry))) return checked;
  return withItems(checked.value, path, 1);
}

function withItems(object: JsonObject, path: string, depth: number): Read<JsonObject> {
  const key = 'call_to_actions';
  const items = readItems(object[key], `${path}[${key}]`, {
    max: MAX_MENU_ITEMS,
    item: (item, at) => readItem(item, at, depth),
  });
  return items.ok ? read({ ...object, [key]: items.value }) : items;
}

/** @param depth 1 for the items that the customer sees at first */
function readItem(value: JsonObject, path: string, depth: number): Read<JsonObject> {
  const type = typeof value['type'] === 'string' ? value['type'].toLowerCase() : value['type'];
  const types = depth < MAX_MENU_DEPTH ? [...ITEM_TYPES, 'nested'] : ITEM_TYPES;
  const problem =
    checkWord(type, `${path}[type]`, types) ??
    checkText(value['title'], `${path}[title]`, { max: MAX_MENU_TITLE });
  if (problem !== null) return fail(problem);
  const item = (keys: readonly string[]): JsonObject => ({
    ...pick(value, ['type', 'title', ...keys]),
    type: String(type),
  });
  switch (type) {
    case 'nested':
      return withItems(item(['call_to_actions']), path, depth + 1);
    case 'postback':
      return withPayload(item(['payload']), path);
    default:
      return readWebItem(item(WEB_KEYS), path);
  }
}

/** An item that opens an address; no app hears of it. */
function readWebItem(item: JsonObject, path: string): Read<JsonObject> {
  const problem = checkUrl(item['url'], `${path}[url]`) ?? checkWebview(item, path);
  return problem === null ? withBoolean(item, 'messenger_extensions', path) : fail(problem);
}
