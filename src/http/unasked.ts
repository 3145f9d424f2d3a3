/** What Node would answer by itself, and without a body, or at the wrong place. */

import type { FastifyInstance } from 'fastify';
import { graphError, renderError } from '../wire/errors.ts';
import { newTraceId } from './trace.ts';

/** For the server below Fastify: `answerUnasked` does in its place what is switched off here. */
export const UNASKED_OPTIONS = { requireHostHeader: false } as const;

export function answerUnasked(app: FastifyInstance): void {
  // Whoever expects something else than `100-continue` is served like anybody (RFC 9110, 10.1.1 leaves it open).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.on('checkContinue', (request, response) => {
    const serveIt = (): void => {
      response.writeContinue();
      app.server.emit('request', request, response);
    };
    // Behind a call that is still being answered Node would write it between head and body of an answer.
    if (response.socket === null) response.once('socket', serveIt);
    else serveIt();
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { httpVersion, headers } = request.raw;
    if (headers.host !== undefined || httpVersion === '1.0') return done();
    const error = graphError('malformed_request');
    reply.code(error.status).header('connection', 'close').send(renderError(error, newTraceId()));
  });
}
