/** [B1] Buttons: in templates, and what they have in common with items of menus. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkFlag, checkText, checkUrl, checkWord, isAbsent, isObject, optional, pick } from './checks.ts';
import { MAX_BUTTON_TITLE, MAX_PAYLOAD } from './limits.ts';
import { type Problem, problemOf } from './problem.ts';

const WEBVIEW_HEIGHTS = ['compact', 'tall', 'full'];

/** What a button of each type must have. */
const BUTTON_PARTS: Readonly<Record<string, readonly ('title' | 'url' | 'payload')[]>> = {
  web_url: ['title', 'url'],
  postback: ['title', 'payload'],
  phone_number: ['title', 'payload'],
  account_link: ['url'],
  account_unlink: [],
};

/** What a button that opens an address has, beside its title. */
const WEB_KEYS = ['type', 'url', 'webview_height_ratio', 'messenger_extensions', 'fallback_url'];

/** A button without what is no part of it. */
export const keepButton = (button: JsonObject): JsonObject =>
  pick(button, [
    ...(BUTTON_PARTS[String(button['type'])] ?? []),
    ...(button['type'] === 'web_url' ? WEB_KEYS : ['type']),
  ]);

/** As `keepButton`, of one that opens an address and has no title. */
export const keepWebButton = (button: JsonObject): JsonObject => pick(button, WEB_KEYS);

/** A button that opens an address, without a title of its own. */
export function checkDefaultAction(value: Json, path: string): Problem | null {
  if (!isObject(value)) return problemOf(path, 'must be an object');
  return (
    checkWord(value['type'], `${path}[type]`, ['web_url']) ??
    (isAbsent(value['title']) ? null : problemOf(`${path}[title]`, 'is not for a default action')) ??
    checkUrl(value['url'], `${path}[url]`) ??
    checkWebview(value, path)
  );
}

/** [B1] A button of a template. */
export function checkButton(value: Json, path: string): Problem | null {
  if (!isObject(value)) return problemOf(path, 'must be an object');
  const type = value['type'];
  const wrong = checkWord(type, `${path}[type]`, Object.keys(BUTTON_PARTS));
  if (wrong !== null) return wrong;
  const parts = BUTTON_PARTS[String(type)] ?? [];
  const { title, url, payload } = value;
  return (
    (parts.includes('title') ? checkText(title, `${path}[title]`, { max: MAX_BUTTON_TITLE }) : null) ??
    (parts.includes('url') ? checkUrl(url, `${path}[url]`) : null) ??
    (parts.includes('payload')
      ? checkText(payload, `${path}[payload]`, { min: 0, max: MAX_PAYLOAD })
      : null) ??
    checkWebview(value, path)
  );
}

/** How a page on the web opens. */
export function checkWebview(value: JsonObject, path: string): Problem | null {
  return (
    optional(value['webview_height_ratio'], `${path}[webview_height_ratio]`, (word, at) =>
      checkWord(word, at, WEBVIEW_HEIGHTS),
    ) ??
    optional(value['fallback_url'], `${path}[fallback_url]`, checkUrl) ??
    optional(value['messenger_extensions'], `${path}[messenger_extensions]`, checkFlag)
  );
}
