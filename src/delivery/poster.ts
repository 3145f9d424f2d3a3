/** One request to an app's endpoint: bounded in time and size, without redirects. */

import { type Dispatcher, Pool } from 'undici';
import { createDeadlines } from './deadlines.ts';
import { exchange } from './exchange.ts';
import { type AddressRule, guardedConnector } from './guard.ts';

/** An endpoint has this long for its whole answer, in machine time. */
export const TIMEOUT_MS = 5_000;
/** Answers are read up to this size and no further. */
export const MAX_ANSWER_BYTES = 65_536;
/** Most connections to one endpoint. */
export const MAX_CONNECTIONS = 64;
const KEEP_ALIVE_MS = 30_000;
const LATE = `no answer within ${TIMEOUT_MS} ms`;

export type Posted = {
  /** The HTTP status, or null when none came. */
  readonly status: number | null;
  /** Why it failed; null when the endpoint answered 2xx. */
  readonly error: string | null;
  readonly durationMs: number;
};

/** An answer, and its first bytes. */
export type Got = Posted & { readonly body: string };

/** Whom a request goes to. Each name has connections of its own: endpoints on one host do not hold each other up. */
export type Destination = { readonly name: string; readonly url: string };

export type Poster = AsyncDisposable & {
  post(to: Destination, bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Posted>;
  get(from: Destination): Promise<Got>;
};

/** Where the latest request of a name went, and the connections it has there. */
type Target = {
  readonly url: string;
  readonly origin: string;
  readonly path: string;
  readonly pool: Pool;
  /** Whether the latest answer left its connection good for another request. */
  isKept: boolean;
};

type Request = Pick<Dispatcher.DispatchOptions, 'method' | 'headers' | 'body'>;

/** @param rule which addresses may be dialled */
export function createPoster(rule: AddressRule): Poster {
  const targets = new Map<string, Target>();
  const deadlines = createDeadlines(TIMEOUT_MS);

  function openPool(origin: string): Pool {
    return new Pool(origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The deadline of the attempt bounds all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnector(rule, TIMEOUT_MS),
    });
  }

  function targetOf({ name, url }: Destination): Target {
    const known = targets.get(name);
    if (known?.url === url) return known;
    const { origin, pathname, search } = new URL(url);
    const isMoved = known?.origin !== origin;
    const pool = isMoved ? openPool(origin) : known.pool;
    const target = { url, origin, path: pathname + search, pool, isKept: true };
    targets.set(name, target);
    // What is in flight there is let end.
    if (isMoved) known?.pool.close().catch(() => undefined);
    return target;
  }

  async function send(to: Destination, request: Request, keepsBody: boolean): Promise<Got> {
    const target = targetOf(to);
    if (!target.isKept) await others();
    const startedAt = performance.now();
    let isLate = false;
    const { path, pool } = target;
    const attempt = () =>
      exchange({
        dispatcher: pool,
        request: { path, ...request },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        keepsBody,
      });
    let latest = attempt();
    const deadline = deadlines.begin(() => {
      isLate = true;
      latest.abort(new Error(LATE));
    });
    let exchanged = await latest.ended;
    if (exchanged.status === null && !isLate && isReset(exchanged.fault)) {
      latest = attempt();
      exchanged = await latest.ended;
    }
    deadline.clear();
    target.isKept = exchanged.isKept;
    const { status, body, fault } = exchanged;
    const error = status === null ? (isLate ? LATE : reasonOf(fault)) : reasonOfStatus(status);
    return { status, body, error, durationMs: performance.now() - startedAt };
  }

  return {
    post: (to, body, headers) => send(to, { method: 'POST', headers, body }, false),
    get: (from) => send(from, { method: 'GET' }, true),
    async [Symbol.asyncDispose]() {
      await Promise.all([...targets.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Who has to be dialled for each request goes behind those who need not be. These wait a turn as well: so long undici
 * looks whether a connection that was idle still stands.
 */
async function others(): Promise<void> {
  await turnOfLoop();
  await turnOfLoop();
}

/** The status counts whatever became of the rest of the answer. */
const reasonOfStatus = (status: number): string | null =>
  status >= 200 && status < 300 ? null : `answered ${status}`;

/** A kept connection that the endpoint closed just as it was used again: the same attempt, once more. */
const isReset = (fault: Error | null): boolean =>
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(fault));

function codeOf(fault: Error | null): string {
  return fault !== null && 'code' in fault && typeof fault.code === 'string' ? fault.code : '';
}

const reasonOf = (fault: Error | null): string => codeOf(fault) || (fault?.name ?? 'failed');
