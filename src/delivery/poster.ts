/** One request to an app's endpoint: bounded in time and size, without redirects. */

import { Agent, type Dispatcher } from 'undici';
import { type AddressRule, guardedConnector } from './guard.ts';

/** An endpoint has this long for its whole answer, in machine time. */
export const TIMEOUT_MS = 5_000;
/** Answers are read up to this size and no further. */
export const MAX_ANSWER_BYTES = 65_536;
/** Most connections to one origin. */
export const MAX_CONNECTIONS = 64;
const KEEP_ALIVE_MS = 30_000;

export type Posted = {
  /** The HTTP status, or null when none came. */
  readonly status: number | null;
  /** Why it failed; null when the endpoint answered 2xx. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The first bytes of the answer. */
  readonly body: string;
};

export type Poster = AsyncDisposable & {
  post(url: string, bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Posted>;
  get(url: string): Promise<Posted>;
};

type Request = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>;

/** @param rule which addresses may be dialled */
export function createPoster(rule: AddressRule): Poster {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: guardedConnector(rule, TIMEOUT_MS),
  });

  async function attempt(
    url: string,
    request: Request,
    signal: AbortSignal,
  ): Promise<Omit<Posted, 'durationMs'>> {
    const { origin, pathname, search } = new URL(url);
    const answer = await agent.request({ origin, path: pathname + search, signal, ...request });
    const body = await readUpTo(answer.body, MAX_ANSWER_BYTES);
    const status = answer.statusCode;
    return { status, body, error: status >= 200 && status < 300 ? null : `answered ${status}` };
  }

  async function send(url: string, request: Request): Promise<Posted> {
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const ended = (): number => performance.now() - startedAt;
    for (let tries = 1; ; tries++) {
      try {
        return { ...(await attempt(url, request, signal)), durationMs: ended() };
      } catch (error) {
        if (tries === 1 && isReset(error) && !signal.aborted) continue;
        return { status: null, body: '', error: nameOf(error, signal), durationMs: ended() };
      }
    }
  }

  return {
    post: (url, body, headers) => send(url, { method: 'POST', headers, body }),
    get: (url) => send(url, { method: 'GET' }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

async function readUpTo(body: Dispatcher.ResponseData['body'], limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/** A kept connection that the endpoint closed just as it was used again: the same attempt, once more. */
const isReset = (error: unknown): boolean =>
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function nameOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `no answer within ${TIMEOUT_MS} ms`;
  return codeOf(error) || (error instanceof Error ? error.name : 'failed');
}
