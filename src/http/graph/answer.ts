/** What a Graph call comes to: a body, or an error of the table. */

import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Page } from '../../protocol/page.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { nameOf } from '../../protocol/scene.ts';
import { RETRY_AFTER_SECONDS } from '../../runtime/overloaded.ts';
import { type ErrorName, type GraphError, graphError, problemError } from '../../wire/errors.ts';
import type { Problem } from '../../wire/problem.ts';
import { refusalError } from '../../wire/refusals.ts';

export type Failure = {
  readonly ok: false;
  readonly error: GraphError;
  /** How long the caller is asked to wait, where the error asks for that. */
  readonly retryAfterSeconds?: number;
  /** Whether a secret was tried that is not the right one. */
  readonly isGuess?: boolean;
};
export type Answer =
  | {
      readonly ok: true;
      readonly body: JsonObject;
      /** What was answered before, to the same call. */
      readonly isRepeated: boolean;
    }
  | Failure;

export const answerWith = (body: JsonObject): Answer => ({ ok: true, body, isRepeated: false });
export const repeatedAnswer = (body: JsonObject): Answer => ({ ok: true, body, isRepeated: true });
/** @param fill what stands in braces in the message of the table */
export const failWith = (name: ErrorName, fill?: Readonly<Record<string, string>>): Failure => ({
  ok: false,
  error: graphError(name, fill),
});
export const failFor = (problem: Problem): Failure => ({ ok: false, error: problemError(problem) });
export const refusedTo = (caller: AppId, page: Page, refusal: Refusal): Failure => ({
  ok: false,
  error: refusalError(refusal, { caller, callerName: nameOf(page, caller), platform: page.platform }),
});

/** The headers that an answer bears besides its type. */
export function headersOf(
  answer: { readonly ok: true; readonly isRepeated?: boolean } | Failure,
): Readonly<Record<string, string>> {
  if (answer.ok) return answer.isRepeated === true ? { 'idempotent-replayed': 'true' } : {};
  const { error, retryAfterSeconds = RETRY_AFTER_SECONDS } = answer;
  const mayRetry = error.status === 429 || error.status === 503;
  return mayRetry ? { 'retry-after': String(retryAfterSeconds) } : {};
}
