/**
 * Calls that bear a key are carried out once. A success is kept with its answer, in one commit; a repetition is given
 * that answer and does nothing. A refusal changed nothing and is not kept: the same call may succeed later.
 *
 * Of calls with one key that come together, the later wait for the earlier in this process; of two processes, the
 * store refuses the later commit.
 */

import type { Command } from '../protocol/command.ts';
import type { JsonObject } from '../protocol/message.ts';
import type { AnswerName, Store, ThreadKey } from '../store/port.ts';
import { Overloaded } from './overloaded.ts';
import { type Handled, MAX_TRIES, type Once, type Threads } from './threads.ts';

/** Most calls of one key that may be under way. */
export const MAX_WAITING_PER_KEY = 1_000;

/** What stands under a key. */
export type Before =
  /** The answer of this very call: it has been carried out. */
  | { readonly kind: 'repeated'; readonly body: JsonObject }
  /** That of another call. */
  | { readonly kind: 'key_taken' };

/** `handled`: carried out or refused, for the first time; otherwise nothing was done. */
export type Answered = { readonly kind: 'handled'; readonly handled: Handled } | Before;

export type Answers = {
  /** What stands under a key; null when nothing does. */
  find(name: AnswerName, fingerprint: string): Promise<Before | null>;
  /** Carries a command out, unless an answer is kept under its key. @param answer what a success is answered with */
  handle(key: ThreadKey, command: Command, answer: Once): Promise<Answered>;
};

export type AnswersOptions = {
  readonly store: Pick<Store, 'answer'>;
  readonly threads: Pick<Threads, 'handleOnce'>;
};

export function createAnswers({ store, threads }: AnswersOptions): Answers {
  const lines = createLines();

  async function find(name: AnswerName, fingerprint: string): Promise<Before | null> {
    const kept = await store.answer(name);
    if (kept === null) return null;
    return kept.fingerprint === fingerprint ? { kind: 'repeated', body: kept.body } : { kind: 'key_taken' };
  }

  async function carryOut(key: ThreadKey, command: Command, answer: Once): Promise<Answered> {
    const name = { app: answer.app, page: key.page, key: answer.key };
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const kept = await find(name, answer.fingerprint);
      if (kept !== null) return kept;
      const handled = await threads.handleOnce(key, command, answer);
      if (handled === 'repeated') continue;
      // Another process may have been first, and its success be the reason why this one was refused.
      const first = handled.ok ? null : await find(name, answer.fingerprint);
      return first ?? { kind: 'handled', handled };
    }
    throw new Error(`an answer was kept and gone again ${MAX_TRIES} times`);
  }

  return {
    find,
    handle: (key, command, answer) =>
      lines.inTurn(`${answer.app}/${key.page}/${answer.key}`, () => carryOut(key, command, answer)),
  };
}

/** Does the work of one name one after the other, and forgets names that nobody waits for. */
function createLines(): { inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> } {
  const lines = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return {
    async inTurn(name, work) {
      const line = lines.get(name) ?? { waiting: 0, last: Promise.resolve() };
      if (line.waiting >= MAX_WAITING_PER_KEY) throw new Overloaded('calls of one key');
      lines.set(name, line);
      line.waiting += 1;
      const turn = line.last.then(work);
      line.last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        line.waiting -= 1;
        if (line.waiting === 0) lines.delete(name);
      }
    },
  };
}
