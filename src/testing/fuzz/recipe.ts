/** How one request comes about: a good call, and what is done to it. Small numbers, so that a failure shrinks well. */

import fc from 'fast-check';
import type { Json } from '../../protocol/message.ts';
import { HOSTILE, NAMES } from './hostile.ts';
import { HEADERS, METHODS, QUERIES, SEGMENTS } from './hostile-lines.ts';

export const FORMS = [
  'usual',
  'json',
  'form',
  'brackets',
  'query',
  'multipart',
  'halves',
  'json as text',
  'json as form',
  'form as json',
  'json without type',
  'nothing',
] as const;
export type Form = (typeof FORMS)[number];

export const TOKENS = [
  'own',
  'none',
  'empty',
  'unknown',
  'ended',
  'page of another app',
  'page of a stranger',
  'app',
  'person',
  'code',
  'operator',
  'twice',
] as const;
export type TokenChoice = (typeof TOKENS)[number];
export type TokenPlace = 'query' | 'header' | 'body';

export type FieldChange = {
  readonly how: 'replace' | 'drop' | 'add' | 'wrap' | 'as text' | 'as number' | 'repeat' | 'double key';
  readonly at: number;
  readonly name: string;
  readonly value: Json;
};
export type PathChange = {
  readonly how: (typeof PATH_CHANGES)[number];
  readonly at: number;
  readonly segment: string;
};
const PATH_CHANGES = [
  'drop',
  'double',
  'replace',
  'append',
  'slash',
  'slashes',
  'unversioned',
  'encode',
  'encode all',
  'break',
  'upper case',
  'whole address',
  'of another call',
  'star',
  'raw byte',
] as const;
export type BytesChange = {
  readonly how: 'cut' | 'flip' | 'insert' | 'mark' | 'behind' | 'twice' | 'invalid' | 'huge' | 'boundary';
  readonly at: number;
  readonly byte: number;
};
export type Frame = {
  readonly how:
    | 'plain'
    | 'chunked'
    | 'slowly'
    | 'too long'
    | 'too short'
    | 'broken chunks'
    | 'cut off'
    | 'both lengths'
    | 'two lengths'
    | 'pipelined'
    | 'noise'
    | 'random'
    | 'no host'
    | 'old'
    | 'strange version';
  readonly at: number;
  readonly byte: number;
};

export type Recipe = {
  readonly call: number;
  readonly form: Form;
  readonly token: TokenChoice;
  readonly place: TokenPlace;
  readonly proof: 'none' | 'right' | 'wrong';
  readonly fields: readonly FieldChange[];
  readonly path: PathChange | null;
  readonly query: string | null;
  readonly method: string | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly bytes: BytesChange | null;
  readonly frame: Frame;
};

const AS_IS: Omit<Recipe, 'call'> = {
  form: 'usual',
  token: 'own',
  place: 'query',
  proof: 'none',
  fields: [],
  path: null,
  query: null,
  method: null,
  headers: [],
  bytes: null,
  frame: { how: 'plain', at: 0, byte: 0 },
};

/** A call as it is. */
export const asIs = (call: number): Recipe => ({ ...AS_IS, call });

const at = fc.nat({ max: 9_999 });
const byte = fc.nat({ max: 255 });
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2, noUnicodeString: false }) as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);
const name = fc.constantFrom(...NAMES);
const fieldChange: fc.Arbitrary<FieldChange> = fc.record({
  how: fc.constantFrom(
    'replace',
    'replace',
    'replace',
    'drop',
    'add',
    'add',
    'wrap',
    'as text',
    'as number',
    'repeat',
    'double key',
  ),
  at,
  name,
  value,
});
const pathChange: fc.Arbitrary<PathChange> = fc.record({
  how: fc.constantFrom(...PATH_CHANGES),
  at,
  segment: fc.constantFrom(...SEGMENTS),
});
const bytesChange: fc.Arbitrary<BytesChange> = fc.record({
  how: fc.oneof(
    {
      weight: 40,
      arbitrary: fc.constantFrom('cut', 'flip', 'insert', 'mark', 'behind', 'twice', 'invalid', 'boundary'),
    },
    { weight: 1, arbitrary: fc.constant('huge') },
  ) as fc.Arbitrary<BytesChange['how']>,
  at,
  byte,
});
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 16, arbitrary: fc.constant(AS_IS.frame) },
  {
    weight: 1,
    arbitrary: fc.record({
      how: fc.constantFrom(
        'chunked',
        'slowly',
        'too long',
        'too short',
        'broken chunks',
        'cut off',
        'both lengths',
        'two lengths',
        'pipelined',
        'noise',
        'random',
        'no host',
        'old',
        'strange version',
      ),
      at,
      byte,
    }),
  },
);

/** Mostly nothing: a request with everything wrong is refused for the first of it. */
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

export const recipes: fc.Arbitrary<Recipe> = fc
  .record({
    call: at,
    form: fc.oneof(
      { weight: 2, arbitrary: fc.constant('usual' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...FORMS) },
    ),
    token: fc.oneof(
      { weight: 7, arbitrary: fc.constant('own' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...TOKENS) },
    ),
    place: fc.constantFrom<TokenPlace>('query', 'header', 'body'),
    proof: fc.oneof(
      { weight: 8, arbitrary: fc.constant('none' as const) },
      { weight: 1, arbitrary: fc.constantFrom('right' as const, 'wrong' as const) },
    ),
    fields: fc.array(fieldChange, { maxLength: 2 }),
    path: seldom(pathChange, 7),
    query: seldom(fc.constantFrom(...QUERIES), 7),
    method: seldom(fc.constantFrom(...METHODS), 11),
    headers: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 2 }) },
    ),
    bytes: seldom(bytesChange, 6),
    frame,
  })
  .filter(isMutated);

function isMutated({
  form,
  token,
  proof,
  fields,
  path,
  query,
  method,
  headers,
  bytes,
  frame: { how },
}: Recipe): boolean {
  const isUsual = form === 'usual' && token === 'own' && proof !== 'wrong' && how === 'plain';
  const isWhole = path === null && query === null && method === null && bytes === null;
  return !isUsual || !isWhole || fields.length > 0 || headers.length > 0;
}
