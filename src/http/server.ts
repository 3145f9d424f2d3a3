/** The HTTP app: bytes in, Graph-shaped JSON out, whatever happens. */

import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Runtime } from '../runtime/runtime.ts';
import { type GraphError, graphError, problemError, renderError } from '../wire/errors.ts';
import { MAX_BODY_BYTES } from '../wire/limits.ts';
import { addGraph } from './graph/graph.ts';
import { addHealth } from './health.ts';
import { SandboxProblem } from './sandbox/body.ts';
import type { SandboxTime } from './sandbox/clock.ts';
import { addSandbox } from './sandbox/routes.ts';
import { SandboxRefusal } from './sandbox/threads.ts';
import { newTraceId } from './trace.ts';

/** Largest request line and headers together, in bytes. */
export const MAX_HEADER_BYTES = 65_536;
/** Longest part of a path, in characters. */
const MAX_PATH_PART = 1_000;
/** A request has this long to arrive whole, in machine time. */
const REQUEST_TIMEOUT_MS = 30_000;

export type HttpOptions = {
  readonly runtime: Runtime;
  /** Null outside a sandbox. */
  readonly sandbox: SandboxTime | null;
  readonly isReady: () => boolean;
};

export function createHttp({ runtime, sandbox, isReady }: HttpOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PATH_PART },
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => void answerError(runtime, error, reply),
    clientErrorHandler(_error, socket) {
      const body = JSON.stringify(renderError(graphError('malformed_request'), newTraceId()));
      if (!socket.writable) return;
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(runtime, error, reply));
  addHealth(app, isReady);
  if (sandbox !== null) addSandbox(app, runtime, sandbox);
  addGraph(app, runtime);
  return app;
}

function answerError(runtime: Runtime, error: FastifyError, reply: FastifyReply): FastifyReply {
  const graphError = graphErrorOf(error);
  if (graphError.status >= 500) runtime.observer.fault('http', error);
  return reply.code(graphError.status).send(renderError(graphError, newTraceId()));
}

function graphErrorOf(error: FastifyError): GraphError {
  if (error instanceof SandboxProblem) return problemError(error.problem);
  if (error instanceof SandboxRefusal) return error.error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return graphError('body_too_large', { limit: String(MAX_BODY_BYTES) });
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? graphError('malformed_request') : graphError('internal');
}
