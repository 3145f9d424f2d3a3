/**
 * `POST /` with `batch`: up to `MAX_BATCH_ITEMS` calls in one request (CLIENTS 3). Each item goes the way of a call of
 * its own, through the same gates, and fails alone. They are carried out one after the other: those on one thread are
 * in order, and an answer is there when a later item refers to it.
 */

import type { Json, JsonObject } from '../../protocol/message.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type BatchItem, parseBatch } from '../../wire/batch.ts';
import { fillReferences } from '../../wire/batch-references.ts';
import { renderError } from '../../wire/errors.ts';
import { keyOfItem, readIdempotencyKey } from '../../wire/idempotency.ts';
import type { UploadedFile } from '../../wire/multipart.ts';
import type { Lent, Parameters } from '../../wire/parameters.ts';
import { type Problem, problemOf, type Read } from '../../wire/problem.ts';
import { errorOfFault } from '../faults.ts';
import type { RateLimit } from '../rate-limit.ts';
import { newTraceId } from '../trace.ts';
import { type AnyCaller, budgetOf, readCaller, tokenIn } from './access.ts';
import { type Answer, type Failure, failFor, failWith, headersOf } from './answer.ts';
import type { RawCall } from './call.ts';

/** Longest that items of a batch are begun, in machine time; those after that have done nothing and are answered 503. */
export const MAX_BATCH_MS = 20_000;
/** When the answers of a batch have come to this many characters, no further item is begun; they are answered 503. */
export const MAX_BATCH_ANSWER = 4_194_304;

export type BatchTools = {
  readonly runtime: Runtime;
  readonly rateLimit: RateLimit | null;
  /** Milliseconds of the machine's time, from anywhere. */
  readonly stopwatch: () => number;
  /** Carries out one call. */
  readonly carryOut: (call: RawCall) => Promise<Answer>;
};

/** A place in the answer; null: omitted, or there was no item. */
type Result = JsonObject | null;

export async function answerBatch(
  call: RawCall,
  parameters: Parameters,
  tools: BatchTools,
): Promise<{ readonly ok: true; readonly results: readonly Result[] } | Failure> {
  const outer = readOuter(call, parameters, tools);
  if (!outer.ok) return outer;
  const batch = parseBatch(parameters);
  const key = readIdempotencyKey(call.idempotencyKey);
  const refuse = (problem: Problem): Failure => {
    const budget = outer.caller === null ? null : budgetOf(outer.caller);
    return tools.rateLimit?.refusal(call.ip, budget) ?? failFor(problem);
  };
  if (!batch.ok) return refuse(batch.problem);
  if (!key.ok) return refuse(key.problem);
  const run = createRun(call, { ...tools, lent: outer.lent, files: parameters.files, key: key.value });
  const { items, includesHeaders } = batch.value;
  const dependedOn = new Set(items.flatMap((item) => (item?.ok === true ? item.value.dependsOn : [])));
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (item === null) {
      results.push(null);
      continue;
    }
    const done = await run.item(item, index);
    results.push(isOmitted(item, done, dependedOn) ? null : renderDone(done, includesHeaders));
  }
  return { ok: true, results };
}

type Outer =
  | {
      readonly ok: true;
      /** Null: the batch bears no token, and each item must have its own. */
      readonly caller: AnyCaller | null;
      readonly lent: Lent['values'];
    }
  | Failure;

/** A wrong token of the batch itself is refused once for all. What the items do is counted item by item. */
function readOuter(call: RawCall, parameters: Parameters, { runtime, rateLimit }: BatchTools): Outer {
  const token = tokenIn(parameters, call.authorization);
  if (token === '') return { ok: true, caller: null, lent: {} };
  const found = readCaller(runtime, parameters, call.authorization);
  if (!found.ok) return rateLimit?.refusal(call.ip, null) ?? found;
  // Whoever has guessed too often must not see by the answer that this guess was right.
  const strange = rateLimit?.knock(call.ip, budgetOf(found)) ?? null;
  if (strange !== null) return strange;
  const proof = parameters.text('appsecret_proof');
  const lent = { access_token: token, ...(proof === null ? {} : { appsecret_proof: proof }) };
  return { ok: true, caller: found, lent };
}

/** An item that has been answered. */
type Done = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly text: string;
};

type Run = { item(item: Read<BatchItem>, index: number): Promise<Done> };

type RunOptions = BatchTools & {
  readonly lent: Lent['values'];
  readonly files: ReadonlyMap<string, UploadedFile>;
  readonly key: string | null;
};

/** What a batch has come to so far. */
function createRun(outer: RawCall, options: RunOptions): Run {
  const { runtime, stopwatch, carryOut } = options;
  const endsAt = stopwatch() + MAX_BATCH_MS;
  /** The bodies of what has succeeded, by name; null: it has failed. */
  const answers = new Map<string, JsonObject | null>();
  let answered = 0;

  async function answerItem(item: BatchItem, index: number): Promise<Answer> {
    if (stopwatch() > endsAt || answered > MAX_BATCH_ANSWER) return failWith('unavailable');
    if (item.method === 'POST' && ROOT.test(item.url)) return failWith('batch_in_batch');
    for (const name of item.dependsOn) {
      const fault = faultOf(answers.get(name));
      if (fault !== null) return failFor(problemOf(`batch[${index}]`, `depends on ${name}, ${fault}`));
    }
    const filled = fillReferences(item, answers as ReadonlyMap<string, Json>);
    if (!filled.ok) return failFor(filled.problem);
    const { url, body } = filled.value;
    return carryOut({
      ...outer,
      method: item.method,
      url: `/${url}`,
      contentType: undefined,
      body: Buffer.from(body),
      authorization: undefined,
      idempotencyKey: options.key === null ? undefined : keyOfItem(options.key, index),
      lent: lentTo(item, options),
    });
  }

  async function answerSafely(item: BatchItem, index: number): Promise<Done> {
    try {
      return doneOf(await answerItem(item, index), newTraceId());
    } catch (fault) {
      const trace = newTraceId();
      const name = { method: item.method, url: `/${item.url}`, trace };
      const error = errorOfFault(runtime, fault instanceof Error ? fault : new Error(String(fault)), name);
      return doneOf({ ok: false, error }, trace);
    }
  }

  return {
    async item(item, index) {
      const done = item.ok
        ? await answerSafely(item.value, index)
        : doneOf(failFor(item.problem), newTraceId());
      answered += done.text.length;
      if (item.ok && item.value.name !== null) {
        answers.set(item.value.name, done.status === 200 ? done.body : null);
      }
      return done;
    },
  };
}

/** The path of a batch. */
const ROOT = /^(?:v\d{1,3}\.\d{1,3}\/*)?(?:\?|$)/;

function faultOf(answer: JsonObject | null | undefined): string | null {
  if (answer === undefined) return 'which is not the name of an earlier item';
  return answer === null ? 'which has failed' : null;
}

function lentTo({ token, files }: BatchItem, outer: RunOptions): Lent {
  const attached = files.flatMap((name): [string, UploadedFile][] => {
    const file = outer.files.get(name);
    return file === undefined ? [] : [[name, file]];
  });
  return { values: token === null ? outer.lent : { access_token: token }, files: new Map(attached) };
}

function doneOf(answer: Answer, trace: string): Done {
  const body = answer.ok ? answer.body : renderError(answer.error, trace);
  const status = answer.ok ? 200 : answer.error.status;
  return { status, headers: headersOf(answer), body, text: JSON.stringify(body) };
}

/** What others depend on is left out when it has succeeded, unless it says otherwise, as Graph does. */
function isOmitted(item: Read<BatchItem>, { status }: Done, dependedOn: ReadonlySet<string>): boolean {
  if (!item.ok || status !== 200) return false;
  const { name, omitsSuccess } = item.value;
  return omitsSuccess ?? (name !== null && dependedOn.has(name));
}

const CONTENT_TYPE = { 'content-type': 'application/json; charset=utf-8' };
/** Names of headers are compared letter by letter by some who read a batch: they stand as the Graph writes them. */
const titled = (name: string): string => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

function renderDone({ status, headers, text }: Done, includesHeaders: boolean): JsonObject {
  if (!includesHeaders) return { code: status, body: text };
  const all = Object.entries({ ...CONTENT_TYPE, ...headers });
  return { code: status, headers: all.map(([name, value]) => ({ name: titled(name), value })), body: text };
}
