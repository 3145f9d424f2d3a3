/** Carrying out what a call asks of a thread: once, when it bears an `Idempotency-Key`. */

import type { Command } from '../../protocol/command.ts';
import type { Psid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Before } from '../../runtime/answers.ts';
import type { Handled } from '../../runtime/threads.ts';
import { fingerprintOf, IDEMPOTENCY_KEY, readIdempotencyKey } from '../../wire/idempotency.ts';
import { problemOf } from '../../wire/problem.ts';
import { stillHolds } from './access.ts';
import { type Answer, answerWith, failFor, failWith, refusedTo, repeatedAnswer } from './answer.ts';
import type { GraphCall } from './call.ts';

/** What a call asks of a thread. */
export type Asked = {
  readonly edge: string;
  readonly psid: Psid;
  readonly command: Command;
  /** What it is answered with when it succeeds. */
  readonly body: JsonObject;
};

/** A sender action changes nothing: its key is read and stands for nothing. */
export async function carryOut(call: GraphCall, { edge, psid, command, body }: Asked): Promise<Answer> {
  const { runtime, caller, parameters } = call;
  const thread = { page: caller.page.id, psid };
  const isAllowed = (): boolean => stillHolds(runtime, caller);
  const key = readIdempotencyKey(call.idempotencyKey);
  if (!key.ok) return failFor(key.problem);
  if (key.value === null || command.type === 'signal') {
    return answerTo(call, await runtime.threads.handle(thread, command, isAllowed), body);
  }
  const fingerprint = fingerprintOf(edge, parameters);
  const answer = { app: caller.app.id, key: key.value, fingerprint, body, isAllowed };
  const answered = await runtime.answers.handle(thread, command, answer);
  return answered.kind === 'handled' ? answerTo(call, answered.handled, body) : answerAgain(answered);
}

/**
 * The answer that is kept for a call which cannot be carried out any more, since something that it names has gone;
 * null when there is none.
 */
export async function answerBefore(call: GraphCall, edge: string): Promise<Answer | null> {
  const { runtime, caller, parameters } = call;
  const key = readIdempotencyKey(call.idempotencyKey);
  if (!key.ok || key.value === null) return null;
  const name = { app: caller.app.id, page: caller.page.id, key: key.value };
  const before = await runtime.answers.find(name, fingerprintOf(edge, parameters));
  return before === null ? null : answerAgain(before);
}

function answerTo({ caller }: GraphCall, handled: Handled, body: JsonObject): Answer {
  if (handled.ok) return answerWith(body);
  if (handled.refusal === null) return failWith('unavailable');
  return refusedTo(caller.app.id, caller.page, handled.refusal);
}

const answerAgain = (before: Before): Answer =>
  before.kind === 'repeated'
    ? repeatedAnswer(before.body)
    : failFor(
        problemOf(
          IDEMPOTENCY_KEY,
          'was used for another call within 24 hours: give each call a key of its own',
        ),
      );
