/** One request to an app's endpoint: bounded in time and size, without redirects. */

import { Agent, type Dispatcher } from 'undici';
import { type AddressRule, guardedConnector } from './guard.ts';

/** An endpoint has this long for its whole answer, in machine time. */
export const TIMEOUT_MS = 5_000;
/** Answers are read up to this size and no further. */
export const MAX_ANSWER_BYTES = 65_536;
/** Most connections to one endpoint. */
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

/** Whom a request goes to. Each name has connections of its own: endpoints on one host do not hold each other up. */
export type Destination = { readonly name: string; readonly url: string };

export type Poster = AsyncDisposable & {
  post(to: Destination, bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Posted>;
  get(from: Destination): Promise<Posted>;
};

type Request = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>;

/** @param rule which addresses may be dialled */
export function createPoster(rule: AddressRule): Poster {
  const agents = new Map<string, Agent>();

  function agentOf(name: string): Agent {
    const known = agents.get(name);
    if (known !== undefined) return known;
    const agent = new Agent({
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: guardedConnector(rule, TIMEOUT_MS),
    });
    agents.set(name, agent);
    return agent;
  }

  async function attempt(
    to: Destination,
    request: Request,
    signal: AbortSignal,
  ): Promise<Omit<Posted, 'durationMs'>> {
    const { origin, pathname, search } = new URL(to.url);
    const answer = await agentOf(to.name).request({ origin, path: pathname + search, signal, ...request });
    const status = answer.statusCode;
    const body = await readUpTo(answer.body, MAX_ANSWER_BYTES);
    return { status, body, error: status >= 200 && status < 300 ? null : `answered ${status}` };
  }

  async function send(to: Destination, request: Request): Promise<Posted> {
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const ended = (): number => performance.now() - startedAt;
    for (let tries = 1; ; tries++) {
      try {
        return { ...(await attempt(to, request, signal)), durationMs: ended() };
      } catch (error) {
        if (tries === 1 && isReset(error) && !signal.aborted) continue;
        return { status: null, body: '', error: reasonOf(error, signal), durationMs: ended() };
      }
    }
  }

  return {
    post: (to, body, headers) => send(to, { method: 'POST', headers, body }),
    get: (from) => send(from, { method: 'GET' }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

/** The answer's first bytes. Its status counts whatever becomes of the rest. */
async function readUpTo(body: Dispatcher.ResponseData['body'], limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // Cut short: what has come is what there is.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/** A kept connection that the endpoint closed just as it was used again: the same attempt, once more. */
const isReset = (error: unknown): boolean =>
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `no answer within ${TIMEOUT_MS} ms`;
  return codeOf(error) || (error instanceof Error ? error.name : 'failed');
}
