/** The HTTP app in memory: no socket, no disk, a clock that stands still. For tests that stop its machinery. */

import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import type { ConnectionLimits } from '../../src/http/connections.ts';
import { createRateLimit } from '../../src/http/rate-limit.ts';
import { createHttp } from '../../src/http/server.ts';
import { type Observer, silentObserver } from '../../src/observe/observer.ts';
import type { PageId, Psid } from '../../src/protocol/ids.ts';
import { type MovableClock, simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import type { DeliveryPort } from '../../src/runtime/ports.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import type { Files } from '../../src/store/attachments.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store } from '../../src/store/port.ts';
import { PAGE, type ShopOptions, shopWorld } from './shop.ts';

export const OPERATOR = 'operator';

export type Asked = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
};
export type AskOptions = {
  readonly token?: string;
  readonly body?: unknown;
  /** Where the call comes from. */
  readonly address?: string;
};

export type App = {
  readonly clock: MovableClock;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly http: FastifyInstance;
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, options?: AskOptions): Promise<Asked>;
  /** The texts that a customer was sent, oldest first. */
  sentTo(psid: string): Promise<readonly string[]>;
};

export type AppOptions = ShopOptions & {
  /** Calls a second of one app on one page; 0: any number. */
  readonly rateLimit?: number;
  readonly connections?: ConnectionLimits;
  /** What the server is to work on in the place of the store. */
  readonly change?: (store: Store) => Store;
  readonly world?: unknown;
  readonly files?: Files;
  readonly observer?: Observer;
  /** How a handshake goes; it is made with nobody. */
  readonly verify?: DeliveryPort['verify'];
  readonly stopwatch?: () => number;
};

export async function openApp(options: AppOptions = {}): Promise<App> {
  const { rateLimit = 0, connections, change = (store: Store) => store } = options;
  const clock = simulatedClock(1_800_000_000_000);
  const memory = createMemoryStore({ now: clock.now });
  const store = change(memory);
  const delivery = {
    wake: () => undefined,
    reconfigure: () => undefined,
    catchUp: () => undefined,
    idle: async () => undefined,
    verify: options.verify ?? (async () => ({ kind: 'verified' }) as const),
  };
  const configuration = await openConfiguration(store);
  const runtime = createRuntime({
    store,
    configuration,
    clock,
    observer: options.observer ?? silentObserver,
    delivery,
    files: options.files ?? createFiles('/nowhere/baton'),
  });
  const read = readWorld(JSON.stringify(options.world ?? shopWorld({}, options)), { sandbox: true });
  assert.ok(read.ok);
  assert.deepEqual(await loadWorld(runtime, read.world, { sandbox: true }), []);
  const http = createHttp({
    runtime,
    delivery,
    operatorToken: OPERATOR,
    metrics: { isOpen: false, read: async () => ({ contentType: 'text/plain', text: '' }) },
    sandbox: { clock, delivery },
    isReady: () => true,
    version: '0.0.0',
    circumstances: () => ({
      now: clock.now(),
      sandbox: true,
      mayDial: () => true,
      openBreakers: new Set(),
    }),
    publicUrl: null,
    rateLimit: createRateLimit(rateLimit, clock),
    ...(connections === undefined ? {} : { connections }),
    ...(options.stopwatch === undefined ? {} : { stopwatch: options.stopwatch }),
  });
  return {
    clock,
    store,
    runtime,
    http,
    async ask(method, url, { token, body, address = '203.0.113.1' } = {}) {
      const answer = await http.inject({
        method,
        url,
        remoteAddress: address,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
    },
    async sentTo(psid) {
      const key = { page: PAGE as PageId, psid: psid as Psid };
      const events = await memory.events(key, { after: 0, limit: 1_000_000 });
      return events.flatMap(({ event }) => (event.type === 'message_sent' ? [event.message.text ?? ''] : []));
    },
  };
}

export type ErrorBody = { readonly message: string; readonly type: string; readonly code: number };
export const errorOf = ({ body }: Asked): ErrorBody => body['error'] as ErrorBody;
