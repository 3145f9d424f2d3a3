/** `multipart/form-data` bodies: text fields, and files kept as they are. */

import { decodeUtf8 } from './bytes.ts';
import { MAX_PAIRS } from './limits.ts';
import { type Pair, tooManyPairs } from './pairs.ts';
import { failed, type Read, read } from './problem.ts';

/** A file that came with a call. */
export type UploadedFile = {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
};

export type Multipart = {
  readonly pairs: readonly Pair[];
  readonly files: ReadonlyMap<string, UploadedFile>;
};

const broken = () => failed('body', 'is not a well-formed multipart/form-data body');

/** Reads a body; the boundary stands in its content type. */
export function readMultipart(contentType: string, body: Buffer): Read<Multipart> {
  const parts = splitParts(contentType, body);
  if (parts === null) return broken();
  if (parts.length > MAX_PAIRS) return tooManyPairs();
  const pairs: Pair[] = [];
  const files = new Map<string, UploadedFile>();
  for (const part of parts) {
    const headers = part.headers.split('\r\n');
    const disposition = headerOf(headers, 'content-disposition');
    const name = attributeOf(disposition, 'name');
    if (name === null) return broken();
    const filename = attributeOf(disposition, 'filename');
    if (filename === null) {
      const text = decodeUtf8(part.content);
      if (text === null) return failed(name.slice(0, 100), 'is not UTF-8');
      pairs.push({ name, text });
    } else {
      const type = headerOf(headers, 'content-type') || 'application/octet-stream';
      files.set(name, { filename, contentType: type, bytes: part.content });
    }
  }
  return read({ pairs, files });
}

type Part = { readonly headers: string; readonly content: Buffer };

/** The parts between the boundaries; null when the body does not keep to its own boundary. */
function splitParts(contentType: string, body: Buffer): readonly Part[] | null {
  const boundary = attributeOf(contentType, 'boundary');
  if (boundary === null || boundary === '') return null;
  const opening = `--${boundary}`;
  const delimiter = `\r\n${opening}`;
  const parts: Part[] = [];
  let at = body.indexOf(opening);
  if (at === -1) return null;
  at += opening.length;
  while (body.toString('latin1', at, at + 2) === '\r\n') {
    const end = body.indexOf(delimiter, at);
    if (end === -1) return null;
    const part = body.subarray(at + 2, end);
    const blank = part.indexOf('\r\n\r\n');
    if (blank === -1) return null;
    parts.push({ headers: part.toString('utf8', 0, blank), content: part.subarray(blank + 4) });
    at = end + delimiter.length;
  }
  return body.toString('latin1', at, at + 2) === '--' ? parts : null;
}

function headerOf(headers: readonly string[], name: string): string {
  const line = headers.find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

/** `name="value"` or `name=value` among the attributes of a header; null when it is not there. */
function attributeOf(header: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^";\\s]*))`, 'i').exec(header);
  return found === null ? null : (found[1] ?? found[2] ?? '');
}
