/**
 * The Graph: one wildcard route. A call goes through the same gates in the same order: its parameters are read, its
 * token (190), the rate limit (613), its node and edge, the person's task (200), the app's connection (200); then its
 * own route.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { connectionOf } from '../../protocol/page.ts';
import { RETRY_AFTER_SECONDS } from '../../runtime/overloaded.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { renderError } from '../../wire/errors.ts';
import { type Parameters, readParameters } from '../../wire/parameters.ts';
import type { RateLimit } from '../rate-limit.ts';
import { newTraceId } from '../trace.ts';
import { readCaller } from './access.ts';
import { type Answer, failFor, failWith } from './answer.ts';
import type { GraphCall, Route } from './call.ts';
import { CUSTOMER_NODE, type Method, PAGE_EDGES, PAGE_NODE, PERSONA_NODE } from './routes.ts';

const VERSION = /^v\d{1,3}\.\d{1,3}$/;
const METHODS: readonly Method[] = ['GET', 'POST', 'DELETE'];

export function addGraph(app: FastifyInstance, runtime: Runtime, rateLimit: RateLimit | null): void {
  app.all('*', async (request, reply) => {
    const answer = await answerCall(runtime, request, rateLimit);
    if (answer.ok && answer.isRepeated) reply.header('idempotent-replayed', 'true');
    if (answer.ok) return reply.send(answer.body);
    const { error, retryAfterSeconds = RETRY_AFTER_SECONDS } = answer;
    if (error.status === 429 || error.status === 503) reply.header('retry-after', String(retryAfterSeconds));
    return reply.code(error.status).send(renderError(error, newTraceId()));
  });
}

function answerCall(
  runtime: Runtime,
  request: FastifyRequest,
  rateLimit: RateLimit | null,
): Answer | Promise<Answer> {
  const [path = '', query = ''] = splitOnce(request.url, '?');
  const segments = readPath(path);
  if (segments === null) return failWith('unknown_edge', { path });
  const read = readParameters({
    method: request.method,
    query,
    contentType: request.headers['content-type'],
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  });
  if (!read.ok) return failFor(read.problem);
  const { parameters } = read;
  const found = readCaller(runtime, parameters, request.headers.authorization);
  const limited = rateLimit?.refusal(request.ip, found.ok ? found.caller : null) ?? null;
  if (limited !== null) return limited;
  if (!found.ok) return found;
  const method = readMethod(request.method, parameters);
  if (method === null) return failWith('unknown_method', { path, method: request.method });
  const idempotencyKey = request.headers['idempotency-key'];
  const call: GraphCall = { runtime, caller: found.caller, parameters, idempotencyKey };
  const [node, edge, ...rest] = segments;
  if (node === undefined || rest.length > 0) return failWith('unknown_edge', { path });
  return edge === undefined ? answerNode(call, node, method) : answerEdge(call, { node, edge, method });
}

function answerNode(call: GraphCall, node: string, method: Method): Answer | Promise<Answer> {
  const routes = isCallersPage(call, node)
    ? PAGE_NODE
    : call.runtime.configuration.persona(node) === null
      ? CUSTOMER_NODE
      : PERSONA_NODE;
  const route = routes[method];
  if (route === undefined) return failWith('unknown_method', { path: `/${node}`, method });
  return forbidden(call, route) ?? route.run(call, node);
}

function answerEdge(
  call: GraphCall,
  { node, edge, method }: { readonly node: string; readonly edge: string; readonly method: Method },
): Answer | Promise<Answer> {
  const routes = PAGE_EDGES.get(edge);
  const path = `/${node}/${edge}`;
  if (routes === undefined) return failWith('unknown_edge', { path });
  if (!isCallersPage(call, node)) return failWith('page_not_permitted');
  const route = routes[method];
  if (route === undefined) return failWith('unknown_method', { path, method });
  return forbidden(call, route) ?? route.run(call, node);
}

/** [A1, C16] Why the caller may not use the route; null when it may. */
function forbidden({ caller }: GraphCall, route: Route): Answer | null {
  const { tasks, page, app } = caller;
  if (route.tasks.length > 0 && !route.tasks.some((task) => tasks.includes(task))) {
    return failWith('task_missing', { task: route.tasks.join(' or ') });
  }
  if (route.connected && connectionOf(page, app.id)?.subscribed !== true)
    return failWith('caller_not_connected');
  return null;
}

const isCallersPage = ({ caller }: GraphCall, node: string): boolean =>
  node === 'me' || node === caller.page.id;

/** The path's parts without the version and a trailing slash; null when it cannot be decoded. */
function readPath(path: string): readonly string[] | null {
  try {
    const parts = path.split('/').slice(1);
    const segments = path.includes('%') ? parts.map(decodeURIComponent) : parts;
    const [first = ''] = segments;
    const unversioned = VERSION.test(first) ? segments.slice(1) : segments;
    return unversioned.at(-1) === '' ? unversioned.slice(0, -1) : unversioned;
  } catch {
    return null;
  }
}

/** The method, or the one that a POST puts in its place. */
function readMethod(method: string, parameters: Parameters): Method | null {
  const override = method === 'POST' ? parameters.text('method') : null;
  const wanted = (override ?? method).toUpperCase();
  return METHODS.find((each) => each === wanted) ?? null;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
