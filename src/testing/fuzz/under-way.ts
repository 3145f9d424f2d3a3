/** What a server still works on when its caller has hung up: nobody else can tell. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

/** Counts what servers of this process work on that are made meanwhile, also for those who have hung up. */
export function countUnderWay(): Disposable & { over(): Promise<void> } {
  let underWay = 0;
  const begin = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRequest', (_request, _reply, done) => {
      underWay += 1;
      done();
    });
    // Told of every answer, be there anybody left to hear it or not.
    fastify.addHook('onSend', (_request, _reply, _payload, done) => {
      underWay -= 1;
      done();
    });
  };
  subscribe('fastify.initialization', begin);
  return {
    async over() {
      while (underWay > 0) await new Promise(setImmediate);
    },
    [Symbol.dispose]: () => void unsubscribe('fastify.initialization', begin),
  };
}
