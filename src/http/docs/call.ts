/** A call as its description says it; document.ts makes OpenAPI of it. */

import type { Json, JsonObject } from '../../protocol/message.ts';

/** One parameter, or one key of a body. */
export type Field = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'object' | 'array';
  readonly text: string;
  readonly required?: boolean;
  /** Longest, in characters. */
  readonly max?: number;
  readonly words?: readonly string[];
  readonly example?: Json;
};

export type CallText = {
  /** A few words. */
  readonly summary: string;
  /** Markdown. */
  readonly text: string;
  /** Of the query. */
  readonly query?: readonly Field[];
  readonly headers?: readonly Field[];
  readonly body?: readonly Field[];
  /** An answer of status 200: JSON, or text. */
  readonly answer: JsonObject | string;
};

/** `POST /path`, or in the Graph `POST edge` → what it is. */
export type CallTexts = Readonly<Record<string, CallText>>;
