/** One request before it is mutated. */

import type { Json } from '../../protocol/message.ts';

export type Fields = Readonly<Record<string, Json>>;

export type UploadedPart = {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  readonly bytes: string;
};

export type Call = {
  /** As the OpenAPI document names it: method and path. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Null: it needs none. */
  readonly token: string | null;
  /** The secret behind the token, for an `appsecret_proof`; null: none is made. */
  readonly secret: string | null;
  /** Which encodings its fields may have: the Graph's, or JSON and nothing else. */
  readonly area: 'graph' | 'json' | 'form';
  readonly fields: Fields;
  readonly file: UploadedPart | null;
  readonly headers: Readonly<Record<string, string>>;
};

type Extra = Partial<Pick<Call, 'file' | 'headers' | 'secret'>>;

const PLAIN = { file: null, headers: {}, secret: null } as const;

/** @param name method and path as the document has them; @param path as it is sent */
export const graph = (
  name: string,
  path: string,
  { token, fields = {}, ...extra }: { readonly token: string | null; readonly fields?: Fields } & Extra,
): Call => ({ ...PLAIN, name, method: methodOf(name), path, token, area: 'graph', fields, ...extra });

/** A call that takes JSON only. */
export const plain = (
  name: string,
  path: string,
  {
    token = null,
    fields = {},
    ...extra
  }: { readonly token?: string | null; readonly fields?: Fields } & Extra = {},
): Call => ({ ...PLAIN, name, method: methodOf(name), path, token, area: 'json', fields, ...extra });

const methodOf = (name: string): string => name.slice(0, name.indexOf(' '));
