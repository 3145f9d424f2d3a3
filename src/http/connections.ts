/**
 * How many connections there are at once, and how many calls wait on one of them for the answer to the call before
 * (HTTP pipelining). Some connections beyond the limit are still heard and told to come back: 503, and closed. Beyond
 * those there is nothing but to close them unheard.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Overloaded } from '../runtime/overloaded.ts';

/** Most connections that are served at once. */
export const MAX_SERVED_CONNECTIONS = 10_000;
/** Most connections beyond those that are answered 503; further ones are closed. */
export const MAX_SURPLUS_CONNECTIONS = 1_000;

/** Most calls on one connection that wait for the answer to the call before; the next is answered 503, and is the last. */
export const MAX_PIPELINED = 100;

export type ConnectionLimits = { readonly served: number; readonly surplus: number };

type Socket = FastifyRequest['raw']['socket'];

const LIMITS: ConnectionLimits = { served: MAX_SERVED_CONNECTIONS, surplus: MAX_SURPLUS_CONNECTIONS };

export function limitConnections(app: FastifyInstance, { served, surplus } = LIMITS): void {
  const refused = new Set<Socket>();
  const isOverrun = createPipelines();
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
    const { socket } = request.raw;
    const isRefused = refused.size > 0 && refused.has(socket);
    if (!isRefused && !isOverrun(request, reply)) return done();
    // The connection ends with this answer: what comes behind it must not be carried out (RFC 9112, 9.6).
    refused.add(socket);
    reply.header('connection', 'close');
    done(new Overloaded(isRefused ? 'connections' : 'calls of one connection'));
  });
}

/** Tells whether a call is one too many of those that wait on its connection. */
function createPipelines(): (request: FastifyRequest, reply: FastifyReply) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return ({ raw: { socket } }, { raw: answer }) => {
    // An answer is given its socket when it is its turn: most are at once.
    if (answer.socket !== null) return false;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    answer.once('finish', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return count > MAX_PIPELINED;
  };
}
