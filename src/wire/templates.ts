/** Templates that a message can carry: checked, and kept as they were given, without what is no part of them. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkButton, checkDefaultAction, keepButton, keepWebButton } from './buttons.ts';
import {
  checkFlag,
  checkList,
  checkText,
  checkUrl,
  checkWord,
  isAbsent,
  isList,
  isObject,
  optional,
  pick,
  readSized,
} from './checks.ts';
import {
  MAX_BUTTON_TEMPLATE_TEXT,
  MAX_BUTTONS,
  MAX_ELEMENT_TEXT,
  MAX_ELEMENTS,
  MAX_TEMPLATE_BYTES,
} from './limits.ts';
import { fail, type Problem, problemOf, type Read } from './problem.ts';
import { isSurvey, readSurvey, SURVEY } from './surveys.ts';

const TEMPLATE_TYPES = ['button', 'generic', SURVEY];
const ASPECT_RATIOS = ['horizontal', 'square'];

/** The payload of a template attachment, with the defaults of a survey filled in. */
export function readTemplate(payload: JsonObject, path: string): Read<JsonObject> {
  const type = payload['template_type'];
  const wrong = checkWord(type, `${path}[template_type]`, TEMPLATE_TYPES);
  if (wrong !== null) return fail(wrong);
  if (isSurvey(payload)) return readSurvey(payload, path);
  const problem =
    (type === 'button' ? checkButtonTemplate(payload, path) : checkGenericTemplate(payload, path)) ??
    optional(payload['sharable'], `${path}[sharable]`, checkFlag);
  if (problem !== null) return fail(problem);
  const kept = type === 'button' ? keepButtonTemplate(payload) : keepGenericTemplate(payload);
  return readSized(kept, path, MAX_TEMPLATE_BYTES);
}

const keepButtonTemplate = (payload: JsonObject): JsonObject =>
  withList(pick(payload, ['template_type', 'text', 'buttons', 'sharable']), 'buttons', keepButton);

const keepGenericTemplate = (payload: JsonObject): JsonObject =>
  withList(
    pick(payload, ['template_type', 'elements', 'image_aspect_ratio', 'sharable']),
    'elements',
    keepElement,
  );

function keepElement(value: JsonObject): JsonObject {
  const element = pick(value, ['title', 'subtitle', 'image_url', 'default_action', 'buttons']);
  const action = element['default_action'];
  const acting = isObject(action) ? { ...element, default_action: keepWebButton(action) } : element;
  return withList(acting, 'buttons', keepButton);
}

/** The object with each object of the list under a key mapped; without such a list, as it is. */
function withList(object: JsonObject, key: string, keep: (item: JsonObject) => JsonObject): JsonObject {
  const list = object[key];
  return isList(list) ? { ...object, [key]: list.filter(isObject).map(keep) } : object;
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
