/** The endpoints in their own process, as the benchmark speaks to them. */

import { startChild } from './child.ts';
import { type Posting, postingOf } from './posting.ts';
import type { Posted } from './sink.ts';

export type SinkQuestion =
  | { readonly kind: 'fail'; readonly failing: boolean }
  /** Starts counting anew. */
  | { readonly kind: 'expect'; readonly events: number }
  | { readonly kind: 'reached' };

export type SinkAnswer = { readonly heard: number; readonly latest: readonly (Posted | null)[] };

export type Sinks = AsyncDisposable & {
  readonly pid: number;
  readonly urls: readonly string[];
  /** Whether POSTs are answered 503; at first they are not. */
  fail(failing: boolean): Promise<void>;
  expect(events: number): Promise<void>;
  /** Answers when as many events as expected have come. */
  reached(): Promise<void>;
  /** What was posted last to each, to be posted again by others. */
  latest(): Promise<readonly Posting[]>;
};

export async function startSinks(count: number): Promise<Sinks> {
  const child = await startChild('sinks', [String(count)]);
  const ask = (question: SinkQuestion): Promise<SinkAnswer> => child.ask<SinkAnswer>(question);
  return {
    pid: child.pid,
    urls: child.urls,
    async fail(failing) {
      await ask({ kind: 'fail', failing });
    },
    async expect(events) {
      await ask({ kind: 'expect', events });
    },
    async reached() {
      await ask({ kind: 'reached' });
    },
    async latest() {
      const { latest } = await ask({ kind: 'expect', events: 0 });
      return latest.flatMap((posted, index) => {
        const url = child.urls[index];
        return posted === null || url === undefined ? [] : [postingOf(url, posted)];
      });
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
