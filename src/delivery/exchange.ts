/**
 * One request and its answer over undici's bare interface: its streams and promises cost as much again as the request.
 */

import type { Dispatcher } from 'undici';

/** What came of it, when it ended. */
export type Exchanged = {
  /** The HTTP status, or null when none came. */
  readonly status: number | null;
  /** The first bytes of the answer, as many as were asked for. */
  readonly body: string;
  /** Why it broke off; null when the answer was read to its end, or as far as it is read at all. */
  readonly fault: Error | null;
  /** Whether its connection is good for another request. */
  readonly isKept: boolean;
};

export type Exchange = {
  readonly ended: Promise<Exchanged>;
  /** Breaks it off, wherever it is. What has come by then counts. */
  abort(reason: Error): void;
};

export type ExchangeOptions = {
  readonly dispatcher: Dispatcher;
  readonly request: Dispatcher.DispatchOptions;
  /** Answers are read up to this size and no further. */
  readonly maxAnswerBytes: number;
  /** Whether anybody wants to know what the answer says. */
  readonly keepsBody: boolean;
};

export function exchange(options: ExchangeOptions): Exchange {
  const { dispatcher, request, maxAnswerBytes, keepsBody } = options;
  const { promise: ended, resolve } = Promise.withResolvers<Exchanged>();
  const chunks: Buffer[] = [];
  let status: number | null = null;
  let size = 0;
  let controller: Dispatcher.DispatchController | null = null;
  let isOver = false;
  let aborted: Error | null = null;

  function end(fault: Error | null, isKept = false): void {
    if (isOver) return;
    isOver = true;
    const body = keepsBody ? Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes) : '';
    resolve({ status, body, fault, isKept });
  }

  function abort(reason: Error): void {
    aborted = reason;
    controller?.abort(reason);
    end(reason);
  }

  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started;
      // It waited for a connection until its time was over: it must not go out any more.
      if (aborted !== null) started.abort(aborted);
    },
    onResponseStart(_, code) {
      // 1xx: the answer itself is still to come.
      if (code >= 200) status = code;
    },
    onResponseData(reading, chunk) {
      if (keepsBody) chunks.push(chunk);
      size += chunk.length;
      if (size < maxAnswerBytes) return;
      end(null);
      reading.abort(new Error('the answer is longer than it is read'));
    },
    onResponseEnd: () => end(null, true),
    onResponseError: (_, error) => end(error),
  });
  return { ended, abort };
}
