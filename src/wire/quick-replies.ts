/** [B4] Quick replies: buttons under a message that answer with a message. */

import type { Json, JsonObject } from '../protocol/message.ts';
import {
  checkList,
  checkText,
  checkUrl,
  checkWord,
  idText,
  isAbsent,
  isList,
  isObject,
  optional,
  pick,
} from './checks.ts';
import { MAX_BUTTON_TITLE, MAX_PAYLOAD, MAX_QUICK_REPLIES } from './limits.ts';
import { fail, type Problem, problemOf, type Read, read } from './problem.ts';

const CONTENT_TYPES = ['text', 'user_phone_number', 'user_email'];

/** The quick replies of a message, in Graph's shape; empty when it has none. */
export function readQuickReplies(value: Json | undefined, path: string): Read<readonly JsonObject[]> {
  if (isAbsent(value)) return read([]);
  const problem = checkList(value, path, { min: 0, max: MAX_QUICK_REPLIES, item: checkQuickReply });
  if (problem !== null) return fail(problem);
  return read(isList(value) ? value.filter(isObject).map(withPayloadText) : []);
}

function checkQuickReply(value: Json, path: string): Problem | null {
  if (!isObject(value)) return problemOf(path, 'must be an object');
  const { content_type: type, title, payload, image_url: imageUrl } = value;
  const needed = type === 'text' ? mandatory : optional;
  return (
    checkWord(type, `${path}[content_type]`, CONTENT_TYPES) ??
    needed(title, `${path}[title]`, checkTitle) ??
    needed(payload, `${path}[payload]`, checkPayload) ??
    optional(imageUrl, `${path}[image_url]`, checkUrl)
  );
}

type Check = (value: Json | undefined, path: string) => Problem | null;

const mandatory = (value: Json | undefined, path: string, check: Check) => check(value, path);

const checkTitle: Check = (value, path) => checkText(value, path, { max: MAX_BUTTON_TITLE });

/** A payload is a text; a whole number is taken for its digits. */
const checkPayload: Check = (value, path) =>
  checkText(idText(value) ?? value, path, { min: 0, max: MAX_PAYLOAD });

function withPayloadText(given: JsonObject): JsonObject {
  const reply = pick(given, ['content_type', 'title', 'payload', 'image_url']);
  const payload = idText(reply['payload']);
  return payload === null ? reply : { ...reply, payload };
}
