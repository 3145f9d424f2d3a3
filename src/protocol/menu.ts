/** [M, B] What a customer can tap beside the buttons of messages: the menu, Get Started, ice breakers. */

import type { Tap } from './command.ts';
import type { AppId, Psid } from './ids.ts';
import type { Json, JsonObject } from './message.ts';
import { isConnected, type Made, type Page, type ProfilePart } from './page.ts';
import type { Scene } from './scene.ts';
import type { Thread } from './thread.ts';

/** What was tapped, and who made it. Only a postback reaches an app (M5). */
export type Tapped =
  | { readonly kind: 'postback'; readonly maker: AppId; readonly title: string; readonly payload: string }
  | { readonly kind: 'url' };

/** [M5, C17] The menu that the customer sees: their own, else the page's, each only where its maker is connected. */
export function menuFor(page: Page, thread: Pick<Thread, 'psid' | 'menu'>): Made | null {
  const own = thread.menu;
  if (own !== null && isConnected(page, own.maker, thread.psid)) return own;
  return partFor(page, 'persistent_menu', thread.psid);
}

/** [M6] A part of the profile as this customer sees it; null where there is none or its maker is not connected. */
export function partFor(page: Page, part: ProfilePart, psid: Psid): Made | null {
  const made = page.profile[part];
  return made !== undefined && isConnected(page, made.maker, psid) ? made : null;
}

/** The items that the customer sees, in Graph's shape: those of the default locale. */
export const itemsOf = (menu: Made | null): readonly JsonObject[] =>
  menu === null ? [] : listIn(ofDefaultLocale(menu.value), 'call_to_actions');

/** The ice breakers that the customer sees, in Graph's shape: `{question, payload}` each. */
export function questionsOf(made: Made | null): readonly JsonObject[] {
  if (made === null) return [];
  const first = ofDefaultLocale(made.value);
  // The older form is a plain list of questions.
  return 'call_to_actions' in first ? listIn(first, 'call_to_actions') : objectsIn(made.value);
}

/** [M5, M6] What the customer has tapped; null when they see no such thing. */
export function tapped({ page, thread }: Scene, { what }: Tap): Tapped | null {
  switch (what.kind) {
    case 'menu':
      return ofMenu(menuFor(page, thread), what.path);
    case 'get_started': {
      const made = partFor(page, 'get_started', thread.psid);
      const payload = made === null ? undefined : asObject(made.value)['payload'];
      if (made === null || typeof payload !== 'string') return null;
      return { kind: 'postback', maker: made.maker, title: GET_STARTED, payload };
    }
    case 'ice_breaker': {
      const made = partFor(page, 'ice_breakers', thread.psid);
      const item = questionsOf(made)[what.index];
      return made === null || item === undefined
        ? null
        : postback(made.maker, item['question'], item['payload']);
    }
  }
}

const GET_STARTED = 'Get Started';

/** @param path an index for each level, the last of them that of the item */
function ofMenu(menu: Made | null, path: readonly number[]): Tapped | null {
  if (menu === null) return null;
  let items = itemsOf(menu);
  let item: JsonObject | undefined;
  for (const index of path) {
    item = items[index];
    if (item === undefined) return null;
    items = listIn(item, 'call_to_actions');
  }
  if (item === undefined) return null;
  if (item['type'] === 'web_url') return { kind: 'url' };
  return item['type'] === 'postback' ? postback(menu.maker, item['title'], item['payload']) : null;
}

const postback = (maker: AppId, title: Json | undefined, payload: Json | undefined): Tapped | null =>
  typeof title === 'string' && typeof payload === 'string'
    ? { kind: 'postback', maker, title, payload }
    : null;

function ofDefaultLocale(value: Json): JsonObject {
  const locales = objectsIn(value);
  return locales.find(({ locale }) => locale === 'default') ?? locales[0] ?? {};
}

const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];
const listIn = (object: JsonObject, key: string): readonly JsonObject[] => objectsIn(object[key]);
const asObject = (value: Json): JsonObject => (isObject(value) ? value : {});
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
