/** Reading the parts of a profile from an answer. What has another shape than it should is left out. */

import { isObject, type Json, type JsonObject, listOf, textOf } from './json.ts';
import type {
  BotCommand,
  LocaleMenu,
  LocaleText,
  Menu,
  MenuItem,
  Question,
  ReadProfile,
} from './profile-parts.ts';

/** A profile. */
export function profileOf(parts: JsonObject): ReadProfile {
  const { get_started: start, persistent_menu: menu, whitelisted_domains: domains } = parts;
  const linking = textOf(parts['account_linking_url']);
  return {
    ...(isObject(start) && { get_started: { payload: textIn(start, 'payload') } }),
    ...(menu !== undefined && { persistent_menu: menuOf(menu) }),
    ...(parts['ice_breakers'] !== undefined && {
      ice_breakers: localesOf(parts['ice_breakers'], 'call_to_actions').map(({ locale, items }) => ({
        locale,
        call_to_actions: items.map(questionOf),
      })),
    }),
    ...(parts['greeting'] !== undefined && { greeting: objectsOf(parts['greeting']).map(localeTextOf) }),
    ...(parts['commands'] !== undefined && {
      commands: localesOf(parts['commands'], 'commands').map(({ locale, items }) => ({
        locale,
        commands: items.map(commandOf),
      })),
    }),
    ...(domains !== undefined && {
      whitelisted_domains: listOf(domains).flatMap((each) => textOf(each) ?? []),
    }),
    ...(linking !== null && { account_linking_url: linking }),
  };
}

/** A menu, of a page or of one customer. */
export const menuOf = (value: Json | undefined): Menu => objectsOf(value).map(localeMenuOf);

function localeMenuOf(entry: JsonObject): LocaleMenu {
  const { call_to_actions: items, composer_input_disabled: isDisabled } = entry;
  return {
    locale: localeOf(entry),
    ...(items !== undefined && { call_to_actions: objectsOf(items).flatMap(itemOf) }),
    ...(typeof isDisabled === 'boolean' && { composer_input_disabled: isDisabled }),
  };
}

const HEIGHTS = ['compact', 'tall', 'full'] as const;

function itemOf(item: JsonObject): readonly MenuItem[] {
  const title = textIn(item, 'title');
  switch (item['type']) {
    case 'postback':
      return [{ type: 'postback', title, payload: textIn(item, 'payload') }];
    case 'nested':
      return [{ type: 'nested', title, call_to_actions: objectsOf(item['call_to_actions']).flatMap(itemOf) }];
    case 'web_url':
      return [{ type: 'web_url', title, url: textIn(item, 'url'), ...webviewOf(item) }];
    default:
      return [];
  }
}

function webviewOf(item: JsonObject) {
  const { messenger_extensions: extensions } = item;
  const height = HEIGHTS.find((each) => each === item['webview_height_ratio']);
  const fallback = textOf(item['fallback_url']);
  return {
    ...(height !== undefined && { webview_height_ratio: height }),
    ...(typeof extensions === 'boolean' && { messenger_extensions: extensions }),
    ...(fallback !== null && { fallback_url: fallback }),
  };
}

/** Both forms: a list for each locale under `key`, and one list alone, which is that of the default locale. */
function localesOf(
  value: Json | undefined,
  key: string,
): readonly { readonly locale: string; readonly items: readonly JsonObject[] }[] {
  const entries = objectsOf(value);
  return entries.some((entry) => key in entry)
    ? entries.map((entry) => ({ locale: localeOf(entry), items: objectsOf(entry[key]) }))
    : [{ locale: DEFAULT_LOCALE, items: entries }];
}

const DEFAULT_LOCALE = 'default';
const localeOf = (entry: JsonObject): string => textOf(entry['locale']) ?? DEFAULT_LOCALE;
const localeTextOf = (entry: JsonObject): LocaleText => ({
  locale: localeOf(entry),
  text: textIn(entry, 'text'),
});
const questionOf = (item: JsonObject): Question => ({
  question: textIn(item, 'question'),
  payload: textIn(item, 'payload'),
});
const commandOf = (item: JsonObject): BotCommand => ({
  name: textIn(item, 'name'),
  description: textIn(item, 'description'),
});

const textIn = (object: JsonObject, key: string): string => textOf(object[key]) ?? '';
const objectsOf = (value: Json | undefined): readonly JsonObject[] => listOf(value).filter(isObject);
