/**
 * One call of the Graph: tried until it is answered, refused, or has been tried often enough. All tries of a call bear
 * the same `Idempotency-Key`, so a message whose answer was lost on the way is not sent twice.
 */

import { BatonError, type FailureKind } from './errors.ts';
import { type Json, type JsonObject, numberOf, objectOf, parseJson, textOf } from './json.ts';
import { pause } from './pause.ts';

/** Most tries of one call, the first one included. */
export const MAX_CALL_TRIES = 5;
/** Longest pause between two tries, in milliseconds; a server that asks for a longer one is not tried again. */
export const MAX_CALL_PAUSE_MS = 10_000;

/** What every call takes. */
export type CallOptions = {
  /** Aborts the call, its pauses too; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** A key of your own in the place of a random one: 1 to 255 visible ASCII characters, kept for 24 hours. */
  readonly idempotencyKey?: string | undefined;
};

/**
 * Which failures are tried again. `keyed`, `safe`: 429, 502, 503, 504, no answer, none in time; `keyed` calls bear an
 * `Idempotency-Key`. `never`: only 429, since a second try could do the thing twice.
 */
export type Repeat = 'keyed' | 'safe' | 'never';

/** A call as it goes out. */
export type GraphCall = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After the version, with its slash: `/me/messages`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: JsonObject | undefined;
  /** Goes as `filedata` beside the parameters of `body`, which are then fields of a form. */
  readonly file?: Upload | undefined;
  readonly repeat: Repeat;
};

/** A file as it goes out: up to 25 MiB, as the server allows. */
export type Upload = {
  readonly bytes: Uint8Array<ArrayBuffer> | Blob;
  /** What is beyond 200 characters is cut off. */
  readonly filename: string;
  /** `image/png`. What is no type of content is kept as `application/octet-stream`. */
  readonly contentType: string;
};

/** Whom a caller calls, and as whom. */
export type CallerOptions = {
  /** Where the server is, with the version: `http://127.0.0.1:4000/v24.0`. */
  readonly base: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The first pause, in milliseconds; each further one is twice as long, less a random part of up to a half. */
  readonly firstPauseMs: number;
};

/**
 * The body of the answer.
 * Rejects with a `BatonError`, or with the reason of the signal.
 */
export type Caller = (call: GraphCall, options?: CallOptions) => Promise<JsonObject>;
/** As a `Caller`, of whatever JSON is answered: a batch is answered with a list. */
export type Asker = (call: GraphCall, options?: CallOptions) => Promise<Json>;

const REPEATED_STATUSES: readonly (number | null)[] = [502, 503, 504];
const KEY_BYTES = 16;

/** Takes every answer for an object, as all are but those of a batch. */
export const callerOf =
  (ask: Asker): Caller =>
  async (call, options) =>
    objectOf(await ask(call, options));

/** Makes calls with one token. */
export function createAsker(settings: CallerOptions): Asker {
  return async (call, { signal, idempotencyKey } = {}) => {
    const key = call.repeat === 'keyed' ? (idempotencyKey ?? randomKey()) : undefined;
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      const answer = await tryOnce(settings, call, { signal, key, tries });
      if (!(answer instanceof BatonError)) return answer;
      const pauseMs = pauseBefore(answer, call.repeat, settings.firstPauseMs);
      if (pauseMs === null) throw answer;
      await pause(pauseMs, signal);
    }
  };
}

/** How long to wait for the next try, in milliseconds; null: there is none. */
function pauseBefore(failure: BatonError, repeat: Repeat, firstPauseMs: number): number | null {
  const mayRepeat =
    failure.kind === 'limited' ||
    (repeat !== 'never' && (failure.kind === 'unreachable' || REPEATED_STATUSES.includes(failure.status)));
  if (!mayRepeat || failure.tries >= MAX_CALL_TRIES) return null;
  const askedMs = (failure.retryAfterSeconds ?? 0) * 1_000;
  if (askedMs > MAX_CALL_PAUSE_MS) return null;
  const growingMs = firstPauseMs * 2 ** (failure.tries - 1) * (1 - Math.random() / 2);
  return Math.min(MAX_CALL_PAUSE_MS, Math.max(askedMs, growingMs));
}

type Try = {
  readonly signal: AbortSignal | undefined;
  readonly key: string | undefined;
  readonly tries: number;
};

/** The body of a successful answer, or what went wrong. Throws only when the call was aborted. */
async function tryOnce(
  { base, token, fetch, timeoutMs }: CallerOptions,
  call: GraphCall,
  { signal, key, tries }: Try,
): Promise<Json | BatonError> {
  const url = new URL(base + pathOf(call));
  const late = AbortSignal.timeout(timeoutMs);
  const { body, headers } = contentOf(call);
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: {
        authorization: `Bearer ${token}`,
        ...headers,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    const { ok, status } = response;
    const answer = parseJson(await response.text());
    if (ok && answer !== undefined) return answer;
    return failureOf({ status, answer, retryAfter: response.headers.get('retry-after'), tries });
  } catch (cause) {
    signal?.throwIfAborted();
    const message = late.aborted ? `no answer within ${timeoutMs} ms` : 'the server cannot be reached';
    const what = `${call.method} ${call.path}: ${message}`;
    return new BatonError({ kind: 'unreachable', message: what, tries, cause });
  }
}

/** The path of a call with its query. */
export function pathOf({ path, query = {} }: Pick<GraphCall, 'path' | 'query'>): string {
  const parameters = new URLSearchParams(query).toString();
  return parameters === '' ? path : `${path}?${parameters}`;
}

const FILE_PART = 'filedata';

function contentOf({ body, file }: GraphCall): {
  readonly body: string | FormData | null;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (file === undefined) {
    return body === undefined
      ? { body: null, headers: {} }
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(body ?? {})) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.set(FILE_PART, new Blob([file.bytes], { type: file.contentType }), file.filename);
  // The type of content is left to `fetch`, which makes up the boundary.
  return { body: form, headers: {} };
}

/** An answer that is no success. */
export type FailedAnswer = {
  readonly status: number;
  /** Undefined: it is not JSON. */
  readonly answer: Json | undefined;
  /** The header of that name; null: there is none. */
  readonly retryAfter: string | null;
  readonly tries: number;
};

/** What an answer that is no success says. */
export function failureOf({ status, answer, retryAfter, tries }: FailedAnswer): BatonError {
  const error = objectOf(objectOf(answer)['error']);
  const code = numberOf(error['code']) ?? undefined;
  const kind = kindOf(status, code);
  return new BatonError({
    kind,
    message: textOf(error['message']) ?? `the server answered ${status}, and not in Graph's words`,
    status,
    code,
    subcode: numberOf(error['error_subcode']) ?? undefined,
    userTitle: textOf(error['error_user_title']) ?? undefined,
    userMsg: textOf(error['error_user_msg']) ?? undefined,
    traceId: textOf(error['fbtrace_id']) ?? undefined,
    retryAfterSeconds: secondsIn(retryAfter),
    tries,
  });
}

function kindOf(status: number, code: number | undefined): FailureKind {
  if (status === 429) return 'limited';
  if (status >= 500) return 'unavailable';
  return code === undefined ? 'malformed' : 'refused';
}

function secondsIn(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** `crypto.randomUUID` is missing from pages that were not loaded over TLS. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
