/**
 * The Graph: one wildcard route. A call goes through the same gates in the same order: its parameters are read, its
 * token (190), the rate limit (613), its node and edge, the person's task (200), the app's connection (200); then its
 * own route.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppId } from '../../protocol/ids.ts';
import { connectionOf } from '../../protocol/page.ts';
import { Withdrawn } from '../../runtime/overloaded.ts';
import type { DeliveryPort } from '../../runtime/ports.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { renderError } from '../../wire/errors.ts';
import { type Parameters, readParameters } from '../../wire/parameters.ts';
import { originOf } from '../origin.ts';
import type { RateLimit } from '../rate-limit.ts';
import { newTraceId } from '../trace.ts';
import { type AnyCaller, allowedTo, budgetOf, isOwnPage, readCaller, tokenIn } from './access.ts';
import { answerUser } from './accounts.ts';
import { type Answer, type Failure, failFor, failWith, headersOf } from './answer.ts';
import { isAppNode } from './app-node.ts';
import { answerApp } from './app-nodes.ts';
import { answerBatch, type BatchTools } from './batch.ts';
import type { CommonCall, GraphCall, RawCall, Route } from './call.ts';
import { OPEN_ROUTES } from './open-routes.ts';
import { readPath, splitOnce } from './path.ts';
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
import { answerWithin } from './span.ts';

/** How often a call goes through the gates whose caller keeps losing what let it in. */
export const MAX_GATE_TRIES = 5;
const METHODS: readonly Method[] = ['GET', 'POST', 'DELETE'];

export type GraphOptions = {
  /** Under which address this server is reached; null: the one that a call was made to. */
  readonly publicUrl: string | null;
  /** Null: none. */
  readonly rateLimit: RateLimit | null;
  readonly delivery: Pick<DeliveryPort, 'verify'>;
  /** As of `BatchTools`. */
  readonly stopwatch: BatchTools['stopwatch'];
};

export function addGraph(app: FastifyInstance, runtime: Runtime, options: GraphOptions): void {
  const { traces } = runtime.observer;
  const carryOut = (call: RawCall, { headers }: FastifyRequest): Promise<Answer> =>
    traces === null
      ? answerAtLast(runtime, call, options)
      : answerWithin(traces, { call, headers }, () => answerAtLast(runtime, call, options));

  app.all('*', async (request, reply) => {
    const call = rawCallOf(request, options.publicUrl);
    const batch = readBatchCall(call);
    const answer = await (batch === null
      ? carryOut(call, request)
      : answerBatch(call, batch, { ...options, runtime, carryOut: (item) => carryOut(item, request) }));
    reply.headers(headersOf(answer));
    if (answer.ok) return reply.send('results' in answer ? answer.results : answer.body);
    return reply.code(answer.error.status).send(renderError(answer.error, newTraceId()));
  });
}

/** Calls whose wrong token was counted before their body had been read. */
const countedBefore = new WeakSet<FastifyRequest>();

function rawCallOf(request: FastifyRequest, publicUrl: string | null): RawCall {
  const { method, url, headers, body, ip } = request;
  return {
    method,
    url,
    contentType: headers['content-type'],
    body: Buffer.isBuffer(body) ? body : NO_BODY,
    authorization: headers.authorization,
    idempotencyKey: headers['idempotency-key'],
    ip,
    origin: originOf(request, publicUrl),
    isCounted: countedBefore.has(request),
  };
}

const NO_BODY = Buffer.alloc(0);

/** Where a batch is posted to: the root, or a node. */
const BATCH_URL = /^\/(?:v[\d.]+\/)?[^/?]*\/?(?:\?|$)/;

/** The parameters of a batch; null for any other call. */
function readBatchCall(call: RawCall): Parameters | null {
  if (call.method !== 'POST' || !BATCH_URL.test(call.url)) return null;
  const [, query] = splitOnce(call.url, '?');
  const read = readParameters({ ...call, query });
  return read.ok && read.parameters.has('batch') ? read.parameters : null;
}

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
async function answerAtLast(runtime: Runtime, call: RawCall, options: GraphOptions): Promise<Answer> {
  for (let tries = 1; tries <= MAX_GATE_TRIES; tries++) {
    try {
      // However often it is tried, it is one call to the rate limit.
      return await answerCall(runtime, call, tries === 1 ? options : { ...options, rateLimit: null });
    } catch (error) {
      if (!(error instanceof Withdrawn)) throw error;
    }
  }
  return failWith('unavailable');
}

function answerCall(
  runtime: Runtime,
  call: RawCall,
  { rateLimit, delivery }: GraphOptions,
): Answer | Promise<Answer> {
  const [path, query] = splitOnce(call.url, '?');
  const segments = readPath(path);
  if (segments === null) return failWith('unknown_edge', { path });
  const { contentType, body, lent, authorization, ip, origin, idempotencyKey } = call;
  const read = readParameters({ method: call.method, query, contentType, body, lent });
  if (!read.ok) return failFor(read.problem);
  const { parameters } = read;
  const method = readMethod(call.method, parameters);
  const open = OPEN_ROUTES.get(segments.join('/'));
  if (open !== undefined) {
    const shut = rateLimit?.knock(ip, null) ?? null;
    const spend = (app: AppId): Failure | null => rateLimit?.refusal(ip, app) ?? null;
    return shut ?? counted(open({ runtime, parameters, authorization, spend }, method), ip, rateLimit);
  }
  const found = readCaller(runtime, parameters, authorization);
  const isCounted = !found.ok && call.isCounted === true;
  const limited = isCounted ? null : rateLimit?.refusal(ip, found.ok ? budgetOf(found) : null);
  if (limited) return limited;
  if (!found.ok) return found;
  noteCaller(runtime, found);
  if (method === null) return failWith('unknown_method', { path, method: call.method });
  const [node, edge = null, ...rest] = segments;
  if (node === undefined || rest.length > 0) return failWith('unknown_edge', { path });
  const common = { runtime, delivery, parameters, origin, idempotencyKey };
  return answerCaller(found, common, { node, edge, method });
}

/** Whose call it is, for traces. */
function noteCaller({ observer }: Runtime, { kind, caller }: AnyCaller): void {
  observer.traces?.note(
    kind === 'page'
      ? { 'baton.app': caller.app.id, 'baton.page': caller.page.id }
      : { 'baton.app': caller.app.id },
  );
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

/** What a call is about: a node, or with an edge what hangs on it. */
export type Place = { readonly node: string; readonly edge: string | null; readonly method: Method };

/** Each kind of token has routes of its own; those of pages want a Page token. */
function answerCaller(by: AnyCaller, common: CommonCall, place: Place): Answer | Promise<Answer> {
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
  if (routes === undefined) {
    const isOfApps = edge === 'subscriptions' && isAppNode(call, node);
    return isOfApps ? failWith('app_token_required') : failWith('unknown_edge', { path });
  }
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

/** The method, or the one that a POST puts in its place. */
function readMethod(method: string, parameters: Parameters): Method | null {
  const override = method === 'POST' ? parameters.text('method') : null;
  const wanted = (override ?? method).toUpperCase();
  return METHODS.find((each) => each === wanted) ?? null;
}
