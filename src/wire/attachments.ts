/** The attachment of a message: a picture, a sound, a film or a file at an address, or a template. */

import type { Attachment, Json, JsonObject } from '../protocol/message.ts';
import { checkUrl, isAbsent, isObject, oneOf } from './checks.ts';
import { ERRORS } from './errors.ts';
import { fail, failed, type Read, read } from './problem.ts';
import { checkTemplate } from './templates.ts';

const TYPES = ['image', 'audio', 'video', 'file', 'template'];

/** An attachment, and whether the sender wants to use it again. */
export type ReadAttachment = { readonly attachment: Attachment; readonly isReusable: boolean };

/** Reads `message[attachment]`. */
export function readAttachment(value: Json, path: string): Read<ReadAttachment> {
  if (!isObject(value)) return failed(path, 'must be an object');
  const { type, payload } = value;
  if (typeof type !== 'string' || !TYPES.includes(type)) return failed(`${path}[type]`, oneOf(TYPES));
  if (isAbsent(payload)) return failed(`${path}[payload]`, 'is required');
  if (!isObject(payload)) return failed(`${path}[payload]`, 'must be an object');
  if (type !== 'template') return readMedia(type, payload, `${path}[payload]`);
  const problem = checkTemplate(payload, `${path}[payload]`);
  return problem === null ? read({ attachment: { type, payload }, isReusable: false }) : fail(problem);
}

function readMedia(type: string, payload: JsonObject, path: string): Read<ReadAttachment> {
  const { url, attachment_id: id, is_reusable: reusable } = payload;
  if (!isAbsent(id)) {
    const { code, subcode, message } = ERRORS.unknown_attachment;
    const parameter = `${path}[attachment_id]`;
    return fail({ code, subcode, message: `${parameter}: ${message}`, parameter });
  }
  const problem = checkUrl(url, `${path}[url]`);
  if (problem !== null) return fail(problem);
  const isReusable = isAbsent(reusable) ? false : readFlag(reusable);
  if (isReusable === null) return failed(`${path}[is_reusable]`, 'must be true or false');
  return read({ attachment: { type, payload: { url: url ?? null } }, isReusable });
}

/** A boolean, or its text as forms send it. */
function readFlag(value: Json): boolean | null {
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : null;
}
