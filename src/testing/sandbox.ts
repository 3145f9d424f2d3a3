/** A whole Baton for a test: a sandbox server on a free port and a folder of its own, driven over HTTP only. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Observer, silentObserver } from '../observe/observer.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { serve } from '../serve.ts';

export type HttpAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** Speaks to a running server as apps, customers and the inbox do. */
export type Driver = {
  readonly url: string;
  /** A Graph call with a JSON body. */
  graph(
    method: string,
    path: string,
    options: { readonly token: string; readonly body?: unknown },
  ): Promise<HttpAnswer>;
  /** A call of the sandbox; one that is not answered 200 is an error. */
  sandbox(method: string, path: string, body?: unknown): Promise<HttpAnswer['body']>;
  /** Any request. */
  call(method: string, path: string, init?: RequestInit): Promise<HttpAnswer>;
};

export function driverOf(url: string): Driver {
  async function call(method: string, target: string, init: RequestInit = {}): Promise<HttpAnswer> {
    const answer = await fetch(url + target, { method, ...init });
    return { status: answer.status, body: (await answer.json()) as HttpAnswer['body'] };
  }
  const withJson = (body: unknown): RequestInit =>
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return {
    url,
    call,
    graph(method, target, { token, body }) {
      const query = target.includes('?') ? '&' : '?';
      return call(method, `${target}${query}access_token=${token}`, withJson(body));
    },
    async sandbox(method, target, body) {
      const answer = await call(method, `/sandbox${target}`, withJson(body));
      if (answer.status === 200) return answer.body;
      throw new Error(
        `${method} /sandbox${target} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
    },
  };
}

export type Sandbox = Driver & AsyncDisposable & { readonly data: string; readonly runtime: Runtime };

/** Starts a server on a world; the folder goes with it. */
export async function openSandbox(
  world: unknown,
  { observer = silentObserver }: { readonly observer?: Observer } = {},
): Promise<Sandbox> {
  const data = await mkdtemp(path.join(tmpdir(), 'baton-'));
  const file = path.join(data, 'world.json');
  await writeFile(file, JSON.stringify(world));
  const served = await serve({
    port: 0,
    host: '127.0.0.1',
    data,
    world: file,
    sandbox: true,
    allowedRanges: [],
    observer,
  });
  return {
    ...driverOf(served.url),
    data,
    runtime: served.runtime,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}
