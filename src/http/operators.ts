/** Routes that only the operator's token opens. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observer } from '../observe/observer.ts';
import { isSameSecret } from '../wire/bytes.ts';
import { graphError, renderError } from '../wire/errors.ts';
import { bearerToken } from '../wire/parameters.ts';
import { newTraceId } from './trace.ts';

/** A hook before the route: answers whoever does not bear the token, and writes down what is to change something. */
export function onlyOperators(token: string, observer: Pick<Observer, 'note'>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') noteCall(observer, request, reply);
    const given = bearerToken(request.headers.authorization) ?? '';
    if (isSameSecret(given, token)) return undefined;
    const error = graphError(given === '' ? 'operator_token_missing' : 'operator_token_invalid');
    reply.header('www-authenticate', 'Bearer');
    return reply.code(error.status).send(renderError(error, newTraceId()));
  };
}

/** Once it has been answered: which call, about whom, and how. What was asked for may hold secrets, and is left out. */
function noteCall(observer: Pick<Observer, 'note'>, request: FastifyRequest, reply: FastifyReply): void {
  const { method, params, routeOptions } = request;
  reply.raw.once('close', () => {
    const fields = { call: `${method} ${routeOptions.url}`, ...(params as object), status: reply.statusCode };
    observer.note('operator', fields);
  });
}
