/** A recipe carried out: the bytes of a request, and what may be expected of it. */

import { appSecretProof } from '../../wire/bytes.ts';
import type { Call, Fields } from './call.ts';
import { changeBytes, encode } from './encode.ts';
import { changeFields } from './fields.ts';
import { framed } from './frame.ts';
import type { PathChange, Recipe, TokenChoice } from './recipe.ts';
import { DESK, EXPIRED_TOKEN, secretOf, tokenOf, type Values, VICTIM, VICTIM_PAGE } from './values.ts';

export type Request = {
  readonly call: Call;
  /** As it is written: method and target. */
  readonly method: string;
  readonly target: string;
  /** What is written at once. */
  readonly pieces: readonly Buffer[];
  /** Whether it has a connection of its own, which is ended behind it. */
  readonly isAlone: boolean;
  /** How many requests come whole and are answered; null: nobody can tell. */
  readonly whole: number | null;
};

export function requestOf(calls: readonly Call[], recipe: Recipe, values: Values): Request {
  const call = calls[recipe.call % calls.length] ?? calls[0];
  if (call === undefined) throw new Error('there are no calls');
  const token = tokenFor(call, recipe.token, values);
  const place = call.area === 'graph' ? recipe.place : 'header';
  const inBody: Fields = token !== null && place === 'body' ? { access_token: token } : {};
  const fields = {
    ...changeFields(call.fields, recipe.fields),
    ...inBody,
    ...proofOf(call, recipe, place, token),
  };
  const encoded = encode(call, fields, recipe.form);
  const body = recipe.bytes === null ? encoded.body : changeBytes(encoded.body, recipe.bytes);
  const path = recipe.path === null ? call.path : changePath(call.path, recipe.path, calls);
  const queries = [
    encoded.query,
    token !== null && place === 'query' ? `access_token=${encodeURIComponent(token)}` : '',
  ];
  if (recipe.token === 'twice') queries.push('access_token=unknown');
  const method = recipe.method ?? call.method;
  const target = withQuery(path, [...queries, recipe.query ?? '']);
  const given: [string, string][] = Object.entries(call.headers);
  if (encoded.contentType !== null) given.push(['content-type', encoded.contentType]);
  if (token !== null && place === 'header') given.push(['authorization', `Bearer ${token}`]);
  const changed = new Set(recipe.headers.map(([name]) => name));
  const headers = [...given.filter(([name]) => !changed.has(name)), ...recipe.headers];
  return { call, method, target, ...framed({ method, target, headers, body }, recipe.frame) };
}

function proofOf(call: Call, { proof }: Recipe, place: string, token: string | null): Fields {
  if (proof === 'none' || token === null || call.area !== 'graph' || place === 'header') return {};
  return { appsecret_proof: proof === 'right' ? appSecretProof(call.secret ?? '', token) : '00' };
}

function tokenFor(
  { token }: Call,
  choice: TokenChoice,
  { userToken, code, operator }: Values,
): string | null {
  switch (choice) {
    case 'own':
    case 'twice':
      return token;
    case 'none':
      return null;
    case 'empty':
      return '';
    case 'unknown':
      return 'token-of-nobody';
    case 'ended':
      return EXPIRED_TOKEN;
    case 'page of another app':
      return tokenOf(DESK);
    case 'page of a stranger':
      return tokenOf(VICTIM, VICTIM_PAGE);
    case 'app':
      return `${VICTIM}|${secretOf(VICTIM)}`;
    case 'person':
      return userToken;
    case 'code':
      return code;
    case 'operator':
      return operator;
  }
}

function withQuery(path: string, queries: readonly string[]): string {
  const raw = queries.at(-1) ?? '';
  const own = queries.slice(0, -1).filter((query) => query !== '');
  const separator = path.includes('?') ? '&' : '?';
  const target = own.length === 0 ? path : `${path}${separator}${own.join('&')}`;
  return raw.startsWith('?') && target.includes('?') ? `${target}&${raw.slice(1)}` : target + raw;
}

function changePath(path: string, { how, at, segment }: PathChange, calls: readonly Call[]): string {
  const [bare = '', query] = path.split('?');
  const behind = query === undefined ? '' : `?${query}`;
  const parts = bare.split('/').slice(1);
  const index = at % parts.length;
  const joined = (changed: readonly string[]): string => `/${changed.join('/')}${behind}`;
  switch (how) {
    case 'drop':
      return joined(parts.toSpliced(index, 1));
    case 'double':
      return joined(parts.toSpliced(index, 0, parts[index] ?? ''));
    case 'replace':
      return joined(parts.toSpliced(index, 1, segment));
    case 'append':
      return joined([...parts, segment]);
    case 'slash':
      return `${bare}/${behind}`;
    case 'slashes':
      return `//${bare}///${behind}`;
    case 'unversioned':
      return joined(parts.filter((part) => !/^v\d/.test(part)));
    case 'encode':
      return joined(parts.toSpliced(index, 1, percentEncoded(parts[index] ?? '')));
    case 'encode all':
      return percentEncoded(bare) + behind;
    case 'break':
      return `${bare.slice(0, at % (bare.length + 1))}%${bare.slice(at % (bare.length + 1))}${behind}`;
    case 'upper case':
      return path.toUpperCase();
    case 'whole address':
      return `http://evil.example${path}`;
    case 'of another call':
      return calls[at % calls.length]?.path ?? path;
    case 'star':
      return '*';
    case 'raw byte':
      return `${bare}/${String.fromCharCode(at % 256)}${behind}`;
  }
}

const percentEncoded = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
