/**
 * The Graph: one wildcard route. A call goes through the same gates in the same order: its parameters are read, its
 * token (190), the rate limit (613), its node and edge, the person's task (200), the app's connection (200); then its
 * own route.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppId } from '../../protocol/ids.ts';
import { connectionOf } from '../../protocol/page.ts';
import { RETRY_AFTER_SECONDS, Withdrawn } from '../../runtime/overloaded.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { renderError } from '../../wire/errors.ts';
import { type Parameters, readParameters } from '../../wire/parameters.ts';
import { originOf } from '../origin.ts';
import type { RateLimit } from '../rate-limit.ts';
import { newTraceId } from '../trace.ts';
import { type AnyCaller, allowedTo, isOwnPage, readCaller, tokenIn } from './access.ts';
import { answerUser } from './accounts.ts';
import { type Answer, type Failure, failFor, failWith } from './answer.ts';
import { isAppNode } from './app-node.ts';
import { answerApp } from './app-nodes.ts';
import type { GraphCall, Route } from './call.ts';
import { OPEN_ROUTES } from './open-routes.ts';
import {
  APP_NODE,
  type Edge,
  edgesOfConversation,
  type Method,
  nodeNamed,
  PAGE_EDGES,
  PAGE_NODE,
  PERSONA_NODE,
} from './routes.ts';

const VERSION = /^v\d{1,3}\.\d{1,3}$/;
/** How often a call goes through the gates whose caller keeps losing what let it in. */
export const MAX_GATE_TRIES = 5;
const METHODS: readonly Method[] = ['GET', 'POST', 'DELETE'];

export type GraphOptions = {
  /** Under which address this server is reached; null: the one that a call was made to. */
  readonly publicUrl: string | null;
  /** Null: none. */
  readonly rateLimit: RateLimit | null;
};

export function addGraph(app: FastifyInstance, runtime: Runtime, options: GraphOptions): void {
  app.all('*', async (request, reply) => {
    const answer = await answerAtLast(runtime, request, options);
    if (answer.ok && answer.isRepeated) reply.header('idempotent-replayed', 'true');
    if (answer.ok) return reply.send(answer.body);
    const { error, retryAfterSeconds = RETRY_AFTER_SECONDS } = answer;
    if (error.status === 429 || error.status === 503) reply.header('retry-after', String(retryAfterSeconds));
    return reply.code(error.status).send(renderError(error, newTraceId()));
  });
}

/** Calls whose wrong token was counted before their body had been read. */
const countedBefore = new WeakSet<FastifyRequest>();

/**
 * Whether the query or the header of a request holds a good token; its body is not looked at. A wrong one counts: what
 * follows from it can be told from outside. Where too many were tried, none is good.
 */
export function hasToken(runtime: Runtime, request: FastifyRequest, rateLimit: RateLimit | null): boolean {
  const [, query = ''] = splitOnce(request.url, '?');
  const { authorization } = request.headers;
  const read = readParameters({ method: 'GET', query, contentType: undefined, body: Buffer.alloc(0) });
  if (!read.ok || tokenIn(read.parameters, authorization) === '') return false;
  const found = readCaller(runtime, read.parameters, authorization);
  const shut = rateLimit?.knock(request.ip, found.ok ? budgetOf(found) : null) ?? null;
  if (found.ok || shut !== null) return shut === null;
  rateLimit?.refusal(request.ip, null);
  countedBefore.add(request);
  return false;
}

/** [A1] A call whose caller has lost meanwhile what let it in goes through the gates once more. */
async function answerAtLast(
  runtime: Runtime,
  request: FastifyRequest,
  options: GraphOptions,
): Promise<Answer> {
  for (let tries = 1; tries <= MAX_GATE_TRIES; tries++) {
    try {
      // However often it is tried, it is one call to the rate limit.
      return await answerCall(runtime, request, tries === 1 ? options : { ...options, rateLimit: null });
    } catch (error) {
      if (!(error instanceof Withdrawn)) throw error;
    }
  }
  return failWith('unavailable');
}

function answerCall(
  runtime: Runtime,
  request: FastifyRequest,
  { publicUrl, rateLimit }: GraphOptions,
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
  const method = readMethod(request.method, parameters);
  const open = OPEN_ROUTES.get(segments.join('/'));
  const { authorization } = request.headers;
  if (open !== undefined) {
    const shut = rateLimit?.knock(request.ip, null) ?? null;
    const spend = (app: AppId): Failure | null => rateLimit?.refusal(request.ip, app) ?? null;
    const call = { runtime, parameters, authorization, spend };
    return shut ?? counted(open(call, method), request.ip, rateLimit);
  }
  const found = readCaller(runtime, parameters, authorization);
  const isCounted = !found.ok && countedBefore.has(request);
  const limited = isCounted ? null : rateLimit?.refusal(request.ip, found.ok ? budgetOf(found) : null);
  if (limited) return limited;
  if (!found.ok) return found;
  if (method === null) return failWith('unknown_method', { path, method: request.method });
  const [node, edge = null, ...rest] = segments;
  if (node === undefined || rest.length > 0) return failWith('unknown_edge', { path });
  const origin = originOf(request, publicUrl);
  const common = { runtime, parameters, origin, idempotencyKey: request.headers['idempotency-key'] };
  return answerCaller(found, common, { node, edge, method });
}

/** A path that wants no token of its own is still none to guess tokens and secrets at. */
async function counted(
  answering: Promise<Answer>,
  address: string | undefined,
  rateLimit: RateLimit | null,
): Promise<Answer> {
  const answer = await answering;
  if (answer.ok || (answer.error.code !== 190 && answer.isGuess !== true)) return answer;
  return rateLimit?.refusal(address, null) ?? answer;
}

/** [A5] Whose calls are counted together: those of an app on a page, for a person, or for itself. */
function budgetOf({ kind, caller }: AnyCaller): string {
  if (kind === 'page') return `${caller.app.id}/${caller.page.id}`;
  return kind === 'user' ? `${caller.app.id}/person/${caller.person.id}` : caller.app.id;
}

/** What a call is about: a node, or with an edge what hangs on it. */
export type Place = { readonly node: string; readonly edge: string | null; readonly method: Method };

/** Each kind of token has routes of its own; those of pages want a Page token. */
function answerCaller(
  by: AnyCaller,
  common: Omit<GraphCall, 'caller'>,
  place: Place,
): Answer | Promise<Answer> {
  if (by.kind === 'user') return answerUser({ ...common, caller: by.caller }, place);
  if (by.kind === 'app') return answerApp({ ...common, caller: by.caller }, place);
  const call: GraphCall = { ...common, caller: by.caller };
  const { node, edge, method } = place;
  return edge === null ? answerNode(call, node, method) : answerEdge(call, { node, edge, method });
}

function answerNode(call: GraphCall, node: string, method: Method): Answer | Promise<Answer> {
  const routes = nodeRoutes(call, node);
  const route = routes[method];
  if (route === undefined) return failWith('unknown_method', { path: `/${node}`, method });
  return forbidden(call, route) ?? route.run(call, node);
}

function nodeRoutes(call: GraphCall, node: string): Edge {
  if (isOwnPage(call.caller, node)) return PAGE_NODE;
  if (call.runtime.configuration.persona(node) !== null) return PERSONA_NODE;
  return isAppNode(call, node) ? APP_NODE : nodeNamed(node);
}

function answerEdge(
  call: GraphCall,
  { node, edge, method }: { readonly node: string; readonly edge: string; readonly method: Method },
): Answer | Promise<Answer> {
  const own = edgesOfConversation(node);
  const routes = (own ?? PAGE_EDGES).get(edge);
  const path = `/${node}/${edge}`;
  if (routes === undefined) return failWith('unknown_edge', { path });
  if (own === null && !isOwnPage(call.caller, node)) return failWith('page_not_permitted');
  const route = routes[method];
  if (route === undefined) return failWith('unknown_method', { path, method });
  return forbidden(call, route) ?? route.run(call, node);
}

/** [A1, A2, C16] Why the caller may not use the route; null when it may. */
function forbidden({ runtime, caller }: GraphCall, route: Route): Answer | null {
  const { tasks, page, app, token } = caller;
  if (route.tasks.length > 0 && !route.tasks.some((task) => tasks.includes(task))) {
    return failWith('task_missing', { task: route.tasks.join(' or ') });
  }
  const { permission } = route;
  if (permission !== undefined && !allowedTo(runtime, token).includes(permission)) {
    return failWith('permission_missing', { permission });
  }
  if (!route.connected) return null;
  if (!token.scopes.includes('pages_messaging')) {
    return failWith('permission_missing', { permission: 'pages_messaging' });
  }
  if (connectionOf(page, app.id)?.subscribed !== true) return failWith('caller_not_connected');
  return null;
}

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
