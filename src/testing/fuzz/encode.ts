/** From what a call says to the bytes of its body, in every form that clients use and some that none does. */

import type { Json } from '../../protocol/message.ts';
import type { Call, Fields, UploadedPart } from './call.ts';
import { DOUBLE } from './fields.ts';
import { RAW } from './hostile.ts';
import type { BytesChange, Form } from './recipe.ts';

/** What a request says besides its path and its token. */
export type Encoded = {
  /** Of the query, encoded; without `?`. */
  readonly query: string;
  readonly contentType: string | null;
  readonly body: Buffer;
};

const BOUNDARY = 'fuzz-boundary';
/** Larger than any body may be that brings no file. */
const HUGE_BYTES = 1_100_000;

type Pair = readonly [string, string];

export function encode(call: Pick<Call, 'area' | 'method' | 'file'>, fields: Fields, wanted: Form): Encoded {
  const form = wanted === 'usual' ? usualForm(call) : wanted;
  const url = 'application/x-www-form-urlencoded';
  switch (form) {
    case 'json':
      return { query: '', contentType: 'application/json', body: jsonBody(fields) };
    case 'json as text':
      return { query: '', contentType: 'text/plain', body: jsonBody(fields) };
    case 'json as form':
      return { query: '', contentType: url, body: jsonBody(fields) };
    case 'json without type':
      return { query: '', contentType: null, body: jsonBody(fields) };
    case 'form':
      return { query: '', contentType: url, body: Buffer.from(paired(pairsOf(fields))) };
    case 'form as json':
      return { query: '', contentType: 'application/json', body: Buffer.from(paired(pairsOf(fields))) };
    case 'brackets':
      return { query: '', contentType: url, body: Buffer.from(paired(bracketed(fields))) };
    case 'query':
      return { query: paired(pairsOf(fields)), contentType: null, body: Buffer.alloc(0) };
    case 'multipart':
      return {
        query: '',
        contentType: `multipart/form-data; boundary=${BOUNDARY}`,
        body: multipart(pairsOf(fields), call.file),
      };
    case 'halves': {
      const entries = Object.entries(fields);
      const middle = Math.ceil(entries.length / 2);
      const query = paired(pairsOf(Object.fromEntries(entries.slice(0, middle))));
      const body = jsonBody(Object.fromEntries(entries.slice(middle)));
      return { query, contentType: 'application/json', body };
    }
    case 'nothing':
    case 'usual':
      return { query: '', contentType: null, body: Buffer.alloc(0) };
  }
}

function usualForm({ area, method, file }: Pick<Call, 'area' | 'method' | 'file'>): Form {
  if (file !== null) return 'multipart';
  if (area === 'json') return method === 'GET' ? 'nothing' : 'json';
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'query';
  return area === 'form' ? 'form' : 'json';
}

const RAW_VALUE = new RegExp(`"${JSON.stringify(RAW).slice(1, -1).replaceAll('\\', '\\\\')}([^"]*)"`, 'g');
const DOUBLE_KEY = JSON.stringify(DOUBLE).slice(1, -1);

function jsonText(value: Json): string {
  const text = JSON.stringify(value);
  return text.includes('\\u0001') ? text.replace(RAW_VALUE, '$1').replaceAll(DOUBLE_KEY, '') : text;
}

const jsonBody = (fields: Fields): Buffer => Buffer.from(jsonText(fields));

const pairsOf = (fields: Fields): readonly Pair[] =>
  Object.entries(fields).map(([name, value]) => [
    name.replace(DOUBLE, ''),
    typeof value === 'string' ? value.replace(RAW, '') : jsonText(value),
  ]);

const paired = (pairs: readonly Pair[]): string =>
  pairs.map(([name, text]) => `${escaped(name)}=${escaped(text)}`).join('&');

const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());

function bracketed(value: Json, prefix = ''): readonly Pair[] {
  if (typeof value !== 'object' || value === null) return [[prefix, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    bracketed(inner, prefix === '' ? key : `${prefix}[${key}]`),
  );
}

function multipart(pairs: readonly Pair[], file: UploadedPart | null): Buffer {
  const parts = pairs.map(
    ([name, text]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  if (file !== null) {
    const head = `content-disposition: form-data; name="${file.name}"; filename="${file.filename}"`;
    parts.push(`--${BOUNDARY}\r\n${head}\r\ncontent-type: ${file.type}\r\n\r\n${file.bytes}\r\n`);
  }
  return Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`);
}

const INVALID_UTF8 = Buffer.from([0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80]);

/** Damages a body. */
export function changeBytes(body: Buffer, { how, at, byte }: BytesChange): Buffer {
  const place = body.length === 0 ? 0 : at % body.length;
  const [front, back] = [body.subarray(0, place), body.subarray(place)];
  switch (how) {
    case 'cut':
      return front;
    case 'flip': {
      const copy = Buffer.from(body);
      if (place < copy.length) copy[place] = byte;
      return copy;
    }
    case 'insert':
      return Buffer.concat([front, Buffer.from([byte]), back]);
    case 'mark':
      return Buffer.concat([Buffer.from('\ufeff'), body]);
    case 'behind':
      return Buffer.concat([body, Buffer.from([byte, 0x7d])]);
    case 'twice':
      return Buffer.concat([body, body]);
    case 'invalid':
      return Buffer.concat([front, INVALID_UTF8, back]);
    case 'huge':
      return Buffer.concat([body, Buffer.alloc(HUGE_BYTES, byte)]);
    case 'boundary':
      return Buffer.from(body.toString('latin1').replace(BOUNDARY, 'another-boundary'), 'latin1');
  }
}
