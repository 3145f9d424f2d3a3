/**
 * Several calls in one request. The calls of a client are made on a caller that only notes them down; when the list is
 * complete it goes out, and each call gets the answer that is its own.
 */

import { type Asker, type Caller, type CallOptions, failureOf, type GraphCall, pathOf } from './calls.ts';
import type { Client } from './client.ts';
import { BatonError } from './errors.ts';
import { callsOn } from './every-call.ts';
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  parseJson,
  textOf,
} from './json.ts';

/** What can stand in a batch: every call that is one request. Files do not go in one. */
export type BatchCalls = Omit<Client, 'appId' | 'control' | 'batch' | 'conversations' | 'messages'>;

/** What became of one call of a batch. */
export type BatchResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: BatonError };

/** What became of each call, in order. */
export type BatchResults<Calls extends readonly Promise<unknown>[]> = {
  readonly [Index in keyof Calls]: BatchResult<Awaited<Calls[Index]>>;
};

/** A call that waits for the batch. */
type Noted = {
  readonly call: GraphCall;
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (reason: unknown) => void;
};

/** Makes batches. */
export function createBatch(ask: Asker): Client['batch'] {
  return async (make, options = {}) => {
    const notes = createNotes();
    const promises = make(callsOn(notes.caller));
    const calls = notes.close(promises.length);
    // Before anything is awaited: a failure must find somebody who listens.
    const settled = Promise.allSettled(promises);
    if (calls.length > 0) await carryOut(ask, calls, options);
    return (await settled).map(resultOf) as BatchResults<typeof promises>;
  };
}

type Notes = {
  readonly caller: Caller;
  /** The calls. @throws TypeError when they are not as they must be, as many as were given among it */
  close(given: number): readonly Noted[];
};

/**
 * A caller that notes down. Where a mistake was made the batch says so, and its calls stay unanswered: one that was not
 * given back has nobody who listens, and its failure would end the process.
 */
function createNotes(): Notes {
  const list: Noted[] = [];
  let isOpen = true;
  let fault: TypeError | null = null;
  return {
    caller(call, options = {}) {
      if (!isOpen) return Promise.reject(new TypeError('the batch has gone out'));
      const wrong = wrongIn(call, options);
      if (wrong !== null) fault ??= new TypeError(wrong);
      return new Promise((resolve, reject) => {
        list.push({ call, resolve, reject });
      });
    },
    close(given) {
      isOpen = false;
      const counted = `a batch must return its calls: ${list.length} made, ${given} given`;
      if (fault !== null) throw fault;
      if (list.length !== given) throw new TypeError(counted);
      return list;
    },
  };
}

function wrongIn({ file }: GraphCall, { signal, idempotencyKey }: CallOptions): string | null {
  if (file !== undefined) return 'a file cannot stand in a batch';
  return signal === undefined && idempotencyKey === undefined
    ? null
    : 'signal and key are those of the batch';
}

/** Every call is answered, with what is its own or with what went wrong with all of them. */
async function carryOut(ask: Asker, calls: readonly Noted[], options: CallOptions): Promise<void> {
  const repeat = calls.some(({ call }) => call.repeat === 'never') ? 'never' : 'keyed';
  const batch = calls.map(({ call }) => itemOf(call));
  try {
    const answers = listOf(await ask({ method: 'POST', path: '/', body: { batch }, repeat }, options));
    for (const [index, { resolve, reject }] of calls.entries()) {
      const answer = answerOf(answers[index]);
      if (answer instanceof BatonError) reject(answer);
      else resolve(answer);
    }
  } catch (error) {
    for (const { reject } of calls) reject(error);
    throw error;
  }
}

/**
 * What the server would take for a reference to another answer, `{result=…}`, is text here, and written so that it stays
 * text. The `e` it is since no escape of JSON ends in the letter before.
 */
const textOnly = (json: string): string => json.replaceAll('result', 'r\\u0065sult');

function itemOf(call: GraphCall): JsonObject {
  const { method, body } = call;
  const item = { method, relative_url: pathOf(call).slice(1) };
  return body === undefined ? item : { ...item, body: textOnly(JSON.stringify(body)) };
}

function answerOf(item: Json | undefined): JsonObject | BatonError {
  const { code, body, headers } = objectOf(item);
  const status = numberOf(code) ?? 0;
  const answer = parseJson(textOf(body) ?? '');
  if (status === 200 && answer !== undefined) return objectOf(answer);
  const named = listOf(headers).find((each) => isObject(each) && each['name'] === 'Retry-After');
  return failureOf({ status, answer, retryAfter: textOf(objectOf(named)['value']), tries: 1 });
}

/** What is no `BatonError` is a mistake in the program, and thrown. */
function resultOf<Value>(settled: PromiseSettledResult<Value>): BatchResult<Value> {
  if (settled.status === 'fulfilled') return { ok: true, value: settled.value };
  if (settled.reason instanceof BatonError) return { ok: false, error: settled.reason };
  throw settled.reason;
}
