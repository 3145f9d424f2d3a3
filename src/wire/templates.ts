/** Templates that a message can carry, and the buttons in them. Checked, and kept as they were given. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkList, checkText, checkUrl, checkWord, isAbsent, isList, isObject, optional } from './checks.ts';
import {
  MAX_BUTTON_TEMPLATE_TEXT,
  MAX_BUTTON_TITLE,
  MAX_BUTTONS,
  MAX_ELEMENT_TEXT,
  MAX_ELEMENTS,
  MAX_PAYLOAD,
} from './limits.ts';
import { type Problem, problemOf } from './problem.ts';

const TEMPLATE_TYPES = ['button', 'generic'];
const ASPECT_RATIOS = ['horizontal', 'square'];
const WEBVIEW_HEIGHTS = ['compact', 'tall', 'full'];

/** What a button of each type must have. */
const BUTTON_PARTS: Readonly<Record<string, readonly ('title' | 'url' | 'payload')[]>> = {
  web_url: ['title', 'url'],
  postback: ['title', 'payload'],
  phone_number: ['title', 'payload'],
  account_link: ['url'],
  account_unlink: [],
};

/** The payload of a template attachment. */
export function checkTemplate(payload: JsonObject, path: string): Problem | null {
  const type = payload['template_type'];
  const wrong = checkWord(type, `${path}[template_type]`, TEMPLATE_TYPES);
  if (wrong !== null) return wrong;
  return type === 'button' ? checkButtonTemplate(payload, path) : checkGenericTemplate(payload, path);
}

function checkButtonTemplate({ text, buttons }: JsonObject, path: string): Problem | null {
  return (
    checkText(text, `${path}[text]`, { max: MAX_BUTTON_TEMPLATE_TEXT }) ??
    checkList(buttons, `${path}[buttons]`, { min: 1, max: MAX_BUTTONS, item: checkButton })
  );
}

function checkGenericTemplate(payload: JsonObject, path: string): Problem | null {
  const { elements, image_aspect_ratio: ratio } = payload;
  return (
    checkList(elements, `${path}[elements]`, { min: 1, max: MAX_ELEMENTS, item: checkElement }) ??
    optional(ratio, `${path}[image_aspect_ratio]`, (value, at) => checkWord(value, at, ASPECT_RATIOS))
  );
}

function checkElement(value: Json, path: string): Problem | null {
  if (!isObject(value)) return problemOf(path, 'must be an object');
  const { title, subtitle, image_url: imageUrl, default_action: action, buttons } = value;
  return (
    checkText(title, `${path}[title]`, { max: MAX_ELEMENT_TEXT }) ??
    optional(subtitle, `${path}[subtitle]`, (text, at) =>
      checkText(text, at, { min: 0, max: MAX_ELEMENT_TEXT }),
    ) ??
    optional(imageUrl, `${path}[image_url]`, checkUrl) ??
    optional(action, `${path}[default_action]`, checkDefaultAction) ??
    optional(buttons, `${path}[buttons]`, (list, at) =>
      checkList(list, at, { min: 0, max: MAX_BUTTONS, item: checkButton }),
    ) ??
    (hasMore(value)
      ? null
      : problemOf(path, 'must have a subtitle, an image_url or buttons beside its title'))
  );
}

/** A title alone is no element. */
function hasMore({ subtitle, image_url: imageUrl, default_action: action, buttons }: JsonObject): boolean {
  const hasButtons = isList(buttons) && buttons.length > 0;
  return hasButtons || (!isAbsent(subtitle) && subtitle !== '') || !isAbsent(imageUrl) || !isAbsent(action);
}

/** A button that opens an address, without a title of its own. */
function checkDefaultAction(value: Json, path: string): Problem | null {
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

function checkWebview(value: JsonObject, path: string): Problem | null {
  return (
    optional(value['webview_height_ratio'], `${path}[webview_height_ratio]`, (word, at) =>
      checkWord(word, at, WEBVIEW_HEIGHTS),
    ) ?? optional(value['fallback_url'], `${path}[fallback_url]`, checkUrl)
  );
}
