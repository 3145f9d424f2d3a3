/** Finding the button that a customer taps, in the template that carried it. */

import type { Attachment, Json, JsonObject } from '../../protocol/message.ts';
import { fail, integerAt, isObject } from './body.ts';

/** Highest number of a button or element that a tap can name. */
export const MAX_INDEX = 99;

/**
 * The title and payload of a postback button.
 * @param body `button`, from 0, and `element`, from 0, of a generic template
 */
export function buttonOf(
  attachment: Attachment | null,
  body: JsonObject,
): { readonly title: string; readonly payload: string } {
  if (attachment?.type !== 'template') return fail('mid', 'That message has no buttons');
  const index = integerAt({ button: body['button'] ?? 0 }, 'button', 0, MAX_INDEX);
  const button = listIn(carrierOf(attachment.payload, body), 'buttons')[index];
  if (!isObject(button)) return fail('button', `There is no button ${index}`);
  if (button['type'] !== 'postback') return fail('button', `Button ${index} is not a postback button`);
  return { title: String(button['title']), payload: String(button['payload']) };
}

function carrierOf(template: JsonObject, body: JsonObject): JsonObject {
  if (template['template_type'] !== 'generic') return template;
  const index = integerAt({ element: body['element'] ?? 0 }, 'element', 0, MAX_INDEX);
  const element = listIn(template, 'elements')[index];
  return isObject(element) ? element : fail('element', `There is no element ${index}`);
}

function listIn(object: JsonObject, key: string): readonly Json[] {
  const list = object[key];
  return Array.isArray(list) ? list : [];
}
