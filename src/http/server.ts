/** The HTTP app: bytes in, Graph-shaped JSON out, whatever happens. */

import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Circumstances } from '../runtime/check/finding.ts';
import { RETRY_AFTER_SECONDS } from '../runtime/overloaded.ts';
import type { DeliveryPort } from '../runtime/ports.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { graphError, renderError } from '../wire/errors.ts';
import { MAX_BODY_BYTES } from '../wire/limits.ts';
import { addAdmin } from './admin/routes.ts';
import { type ConnectionLimits, limitConnections } from './connections.ts';
import { addDialog } from './dialog/routes.ts';
import { addDocs } from './docs/docs.ts';
import { errorOfFault } from './faults.ts';
import { addFiles } from './files.ts';
import { addGraph, hasToken } from './graph/graph.ts';
import { addHealth } from './health.ts';
import { addMetrics, type MetricsOptions } from './metrics.ts';
import { onlyOperators } from './operators.ts';
import type { RateLimit } from './rate-limit.ts';
import { kindOf, tellOfRequests } from './requests.ts';
import type { SandboxTime } from './sandbox/clock.ts';
import { addSandbox } from './sandbox/routes.ts';
import { newTraceId } from './trace.ts';
import { answerUnasked, UNASKED_OPTIONS } from './unasked.ts';
import { addUploads } from './uploads.ts';

/** Largest request line and headers together, in bytes. */
export const MAX_HEADER_BYTES = 65_536;
/** Longest part of a path, in characters. */
export const MAX_PATH_PART = 1_000;
/** A request has this long to arrive whole, in machine time. */
const REQUEST_TIMEOUT_MS = 30_000;
/** While closing, calls under way have this long to end; then their connections are cut. */
const CLOSE_GRACE_MS = 5_000;

/** Nothing is validated or written by a schema here: `wire` parses. Fastify's own compilers cost 5 MB at every start. */
const NO_COMPILERS = { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema };

export type HttpOptions = {
  readonly runtime: Runtime;
  readonly delivery: DeliveryPort;
  readonly operatorToken: string;
  /** Null outside a sandbox. */
  readonly sandbox: SandboxTime | null;
  readonly isReady: () => boolean;
  /** Under which address customers reach this server; null: the one that a call was made to. */
  readonly publicUrl: string | null;
  /** Null: none. */
  readonly rateLimit: RateLimit | null;
  readonly metrics: MetricsOptions;
  /** Of the program. */
  readonly version: string;
  /** What the check of the configuration looks at besides. */
  readonly circumstances: () => Circumstances;
  /** Others than the usual ones, for tests. */
  readonly connections?: ConnectionLimits;
  /** The machine's milliseconds, for tests. */
  readonly stopwatch?: () => number;
};

export function createHttp(options: HttpOptions): FastifyInstance {
  const { runtime, sandbox, isReady, rateLimit } = options;
  const app = createApp(runtime);
  limitConnections(app, options.connections);
  answerUnasked(app);
  tellOfRequests(app, runtime.observer);
  readBytes(app);
  addUploads(app, (request) => hasToken(runtime, request, rateLimit));
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(runtime, error, { request, reply }),
  );
  app.setNotFoundHandler((request, reply) => {
    const [path = '/'] = request.url.split('?');
    const error = graphError('unknown_method', { path, method: request.method });
    return reply.code(error.status).send(renderError(error, newTraceId()));
  });
  addHealth(app, isReady);
  const onlyOperator = onlyOperators(options.operatorToken, runtime.observer);
  addMetrics(app, onlyOperator, options.metrics);
  const { version, circumstances } = options;
  addAdmin(app, { runtime, delivery: options.delivery, onlyOperator, version, circumstances });
  addDocs(app, { isSandbox: sandbox !== null });
  if (sandbox !== null) addSandbox(app, runtime, sandbox);
  addDialog(app, runtime, options.publicUrl);
  addFiles(app, runtime);
  const { publicUrl, delivery, stopwatch = () => performance.now() } = options;
  addGraph(app, runtime, { publicUrl, rateLimit, delivery, stopwatch });
  return app;
}

function refuseSchema(): never {
  throw new Error('a route has a schema, and nothing here compiles it');
}

/** The bare server: what it bears, and what it answers to what is no call. */
const createApp = (runtime: Runtime): FastifyInstance =>
  Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    rewriteUrl: ({ url = '/' }) => (url.startsWith('/') ? url : withoutHost(url)),
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PATH_PART },
    schemaController: { compilersFactory: NO_COMPILERS },
    http: { maxHeaderSize: MAX_HEADER_BYTES, ...UNASKED_OPTIONS },
    forceCloseConnections: 'idle',
    frameworkErrors(error, request, reply) {
      answerError(runtime, error, { request, reply });
      // No hook hears of these.
      runtime.observer.request({ route: kindOf(request.url), status: reply.statusCode });
    },
    clientErrorHandler(_error, socket) {
      if (!socket.writable) return void socket.destroy();
      socket.end(malformedAnswer(), () => socket.destroy());
    },
  });

/** Bodies arrive as bytes, whatever they call themselves: what they are is for the floor of the wire to say. */
function readBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // JSON is named although `*` covers it: Fastify finds a parser by its name much faster.
  for (const type of ['application/json', '*']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
}

/** Stops listening, lets calls under way end, and cuts what is still open after the grace period. */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}

/** A proxied call names its host in front of the path (RFC 9112, 3.2.2): whatever it is, this server is meant. */
const withoutHost = (url: string): string => url.replace(/^https?:\/\/[^/?#]*\/?/i, '/');

/** To bytes that are no HTTP request. */
function malformedAnswer(): string {
  const body = JSON.stringify(renderError(graphError('malformed_request'), newTraceId()));
  const headers = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

function answerError(
  runtime: Runtime,
  error: FastifyError,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  const trace = newTraceId();
  const { method, url } = request;
  const found = errorOfFault(runtime, error, { method, url, trace });
  if (found.status === 413) reply.header('connection', 'close');
  if (found.status === 503) reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  return reply.code(found.status).send(renderError(found, trace));
}
