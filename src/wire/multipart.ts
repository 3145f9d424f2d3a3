/** `multipart/form-data` bodies: text fields, and files kept as they are. */

import { decodeUtf8 } from './bytes.ts';
import { MAX_BODY_BYTES, MAX_PAIRS, MAX_PART_HEADER_BYTES } from './limits.ts';
import { type Pair, tooManyPairs } from './pairs.ts';
import { type Failed, failed, type Read, read } from './problem.ts';

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

const broken = (): Failed => failed('body', 'is not a well-formed multipart/form-data body');

/** Reads a body part by part, and stops where there is too much of anything; the boundary stands in its content type. */
export function readMultipart(contentType: string, body: Buffer): Read<Multipart> {
  const boundary = attributeOf(contentType, 'boundary');
  if (boundary === null || boundary === '') return broken();
  const opening = body.indexOf(`--${boundary}`);
  if (opening === -1) return broken();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const pairs: Pair[] = [];
  const files = new Map<string, UploadedFile>();
  let at = opening + delimiter.length - 2;
  let textBytes = 0;
  for (let count = 1; startsLine(body, at); count++) {
    if (count > MAX_PAIRS) return tooManyPairs();
    const part = cutPart(body, delimiter, at + 2);
    if (!part.ok) return part;
    const { name, file, content, end } = part.value;
    if (file === null) {
      textBytes += content.length;
      if (textBytes > MAX_BODY_BYTES) return tooMuchText();
      const text = decodeUtf8(content);
      if (text === null) return failed(name.slice(0, 100), 'is not UTF-8');
      pairs.push({ name, text });
    } else {
      files.set(name, { ...file, bytes: content });
    }
    at = end;
  }
  return body.toString('latin1', at, at + 2) === '--' ? read({ pairs, files }) : broken();
}

const tooMuchText = (): Failed =>
  failed('body', `must not have more than ${MAX_BODY_BYTES} bytes beside its files`);

const startsLine = (body: Buffer, at: number): boolean => body[at] === 0x0d && body[at + 1] === 0x0a;

type Part = {
  readonly name: string;
  /** Null: a text field. */
  readonly file: Omit<UploadedFile, 'bytes'> | null;
  /** A view into the body. */
  readonly content: Buffer;
  /** Behind the boundary that ends the part. */
  readonly end: number;
};

/** The part that begins at a place, up to the next boundary. */
function cutPart(body: Buffer, delimiter: Buffer, at: number): Read<Part> {
  // An empty part ends with the line break by which it begins.
  const end = body.indexOf(delimiter, at - 2);
  if (end === -1) return broken();
  const head = body.subarray(at, Math.min(end, at + MAX_PART_HEADER_BYTES + BLANK_LINE.length));
  const blank = head.indexOf(BLANK_LINE);
  if (blank === -1 && at + head.length < end) {
    return failed('body', `must not have a part with more than ${MAX_PART_HEADER_BYTES} bytes of headers`);
  }
  if (blank === -1) return broken();
  const headers = head.toString('utf8', 0, blank).split('\r\n');
  const disposition = headerOf(headers, 'content-disposition');
  const name = attributeOf(disposition, 'name');
  if (name === null) return broken();
  const filename = attributeOf(disposition, 'filename');
  const contentType = headerOf(headers, 'content-type') || 'application/octet-stream';
  return read({
    name,
    file: filename === null ? null : { filename, contentType },
    content: body.subarray(at + blank + BLANK_LINE.length, end),
    end: end + delimiter.length,
  });
}

const BLANK_LINE = '\r\n\r\n';

function headerOf(headers: readonly string[], name: string): string {
  const line = headers.find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

/** `name="value"` or `name=value` among the attributes of a header; null when it is not there. */
function attributeOf(header: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^";\\s]*))`, 'i').exec(header);
  return found === null ? null : (found[1] ?? found[2] ?? '');
}
