/** The attachment of a message: a picture, a sound, a film or a file, or a template. */

import type { Attachment, Json, JsonObject } from '../protocol/message.ts';
import { checkUrl, idText, isAbsent, isObject, oneOf } from './checks.ts';
import { ERRORS } from './errors.ts';
import { readObject } from './fields.ts';
import { MAX_UPLOAD_BYTES } from './limits.ts';
import type { UploadedFile } from './multipart.ts';
import type { Parameters } from './parameters.ts';
import { type Failed, fail, failed, type Read, read } from './problem.ts';
import { readTemplate } from './templates.ts';

const TYPES = ['image', 'audio', 'video', 'file', 'template'];
/** The part of a multipart body that holds the file itself. */
const FILE_PART = 'filedata';

/** Where the bytes of an attachment are. */
export type Source =
  /** It says so itself: at an address, or it is a template. */
  | { readonly kind: 'given' }
  /** Saved before, under this id; its payload has yet to be found. */
  | { readonly kind: 'saved'; readonly id: string }
  /** They came with the call; they have yet to be put where the payload can name them. */
  | { readonly kind: 'uploaded'; readonly file: UploadedFile };

/** An attachment, and whether the sender wants to use it again. */
export type ReadAttachment = {
  readonly attachment: Attachment;
  readonly isReusable: boolean;
  readonly source: Source;
};

/** The file that a call brings along, if it brings one. Where there is one only, its name does not matter. */
export function fileOf({ files }: Pick<Parameters, 'files'>): UploadedFile | null {
  const [only = null] = files.size === 1 ? files.values() : [];
  return files.get(FILE_PART) ?? only;
}

/** Reads `message[attachment]`. @param file what came with the call */
export function readAttachment(
  value: Json,
  path: string,
  file: UploadedFile | null = null,
): Read<ReadAttachment> {
  if (!isObject(value)) return failed(path, 'must be an object');
  const { type } = value;
  const payload = value['payload'] ?? (file === null ? null : {});
  if (typeof type !== 'string' || !TYPES.includes(type)) return failed(`${path}[type]`, oneOf(TYPES));
  if (isAbsent(payload)) return failed(`${path}[payload]`, 'is required');
  if (!isObject(payload)) return failed(`${path}[payload]`, 'must be an object');
  if (type !== 'template') return readMedia(type, payload, { path: `${path}[payload]`, file });
  const template = readTemplate(payload, `${path}[payload]`);
  if (!template.ok) return template;
  return read({ attachment: { type, payload: template.value }, isReusable: false, source: GIVEN });
}

const GIVEN: Source = { kind: 'given' };

function readMedia(
  type: string,
  { url, attachment_id: id, is_reusable: reusable }: JsonObject,
  { path, file }: { readonly path: string; readonly file: UploadedFile | null },
): Read<ReadAttachment> {
  if (!isAbsent(id)) {
    const saved = idText(id);
    if (saved === null || !/^[0-9]{1,32}$/.test(saved)) return unknownAttachment(`${path}[attachment_id]`);
    const attachment = { type, payload: {} };
    return read({ attachment, isReusable: false, source: { kind: 'saved', id: saved } });
  }
  const isReusable = isAbsent(reusable) ? false : readFlag(reusable);
  if (isReusable === null) return failed(`${path}[is_reusable]`, 'must be true or false');
  if (isAbsent(url) && file !== null) {
    const wrong = checkFile(type, file);
    if (wrong !== null) return wrong;
    return read({ attachment: { type, payload: {} }, isReusable, source: { kind: 'uploaded', file } });
  }
  const problem = checkUrl(url, `${path}[url]`);
  if (problem !== null) return fail(problem);
  return read({ attachment: { type, payload: { url: url ?? null } }, isReusable, source: GIVEN });
}

/** No attachment stands under the id at this path. */
export function unknownAttachment(parameter: string): Failed {
  const { code, subcode, message } = ERRORS.unknown_attachment;
  return fail({ code, subcode, message: `${parameter}: ${message}`, parameter });
}

/** Types of content that tell nothing of what a file is. */
const UNTOLD = ['application/octet-stream', 'binary/octet-stream'];

/** [WIRE 3.4] A file of the right kind, not empty and not too large. */
function checkFile(type: string, { bytes, contentType }: UploadedFile): Failed | null {
  if (bytes.length === 0) return failed(FILE_PART, 'must not be empty');
  if (bytes.length > MAX_UPLOAD_BYTES) {
    const { code, subcode, message } = ERRORS.upload_too_large;
    const text = message.replace('{limit}', String(MAX_UPLOAD_BYTES));
    return fail({ code, subcode, message: `${FILE_PART}: ${text}`, parameter: FILE_PART });
  }
  const declared = contentType.toLowerCase();
  if (type === 'file' || declared.startsWith(`${type}/`) || UNTOLD.includes(declared)) return null;
  const { code, subcode, message } = ERRORS.upload_of_another_type;
  return fail({ code, subcode, message: `${FILE_PART}: ${message}`, parameter: FILE_PART });
}

/** Reads `POST /{page}/message_attachments`: one attachment to be saved, and no message to anybody. */
export function parseUpload(parameters: Parameters): Read<ReadAttachment> {
  const message = readObject(parameters, 'message');
  if (!message.ok) return message;
  if (message.value === null) return failed('message', 'is required');
  const { attachment } = message.value;
  if (isAbsent(attachment)) return failed('message[attachment]', 'is required');
  const found = readAttachment(attachment, 'message[attachment]', fileOf(parameters));
  if (!found.ok) return found;
  if (found.value.attachment.type === 'template') {
    return failed('message[attachment][type]', 'must not be template: a template cannot be saved');
  }
  return found.value.source.kind === 'saved'
    ? failed('message[attachment][payload]', 'must have a url, or a file must come with the call')
    : found;
}

/** A boolean, or its text as forms send it. */
function readFlag(value: Json): boolean | null {
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : null;
}
