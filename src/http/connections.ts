/**
 * How many connections there are at once. Some beyond the limit are still heard and told to come back: 503, and closed.
 * Beyond those there is nothing but to close them unheard.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Overloaded } from '../runtime/overloaded.ts';

/** Most connections that are served at once. */
export const MAX_SERVED_CONNECTIONS = 10_000;
/** Most connections beyond those that are answered 503; further ones are closed. */
export const MAX_SURPLUS_CONNECTIONS = 1_000;

export type ConnectionLimits = { readonly served: number; readonly surplus: number };

const LIMITS: ConnectionLimits = { served: MAX_SERVED_CONNECTIONS, surplus: MAX_SURPLUS_CONNECTIONS };

export function limitConnections(app: FastifyInstance, { served, surplus } = LIMITS): void {
  const refused = new Set<FastifyRequest['raw']['socket']>();
  let open = 0;
  app.server.maxConnections = served + surplus;
  app.server.on('connection', (socket) => {
    open += 1;
    if (open > served) refused.add(socket);
    socket.once('close', () => {
      open -= 1;
      refused.delete(socket);
    });
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (refused.size === 0 || !refused.has(request.raw.socket)) return done();
    reply.header('connection', 'close');
    done(new Overloaded('connections'));
  });
}
