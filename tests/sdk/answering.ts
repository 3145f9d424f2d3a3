/** A `fetch` that answers from a list, for what no real server can be made to do. */

export type Asked = {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
};

/** What the next try is answered with; an error: it never arrives. */
export type Answering =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | Error;

/** The last answer of the list is given again and again. */
export function answering(...answers: readonly Answering[]): {
  readonly asked: readonly Asked[];
  readonly fetch: typeof fetch;
} {
  const asked: Asked[] = [];
  return {
    asked,
    async fetch(input, init) {
      init?.signal?.throwIfAborted();
      const { method = 'GET', headers, body } = init ?? {};
      asked.push({ url: String(input), method, headers: new Headers(headers), body: String(body ?? '') });
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('nothing to answer');
      return new Response(JSON.stringify(answer.body ?? {}), {
        status: answer.status,
        ...(answer.headers === undefined ? {} : { headers: answer.headers }),
      });
    },
  };
}

export const UNAVAILABLE: Answering = {
  status: 503,
  body: { error: { message: '(#2) An unexpected error has occurred.', type: 'OAuthException', code: 2 } },
};
