/** Routes that only the operator's token opens. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSameSecret } from '../wire/bytes.ts';
import { graphError, renderError } from '../wire/errors.ts';
import { bearerToken } from '../wire/parameters.ts';
import { newTraceId } from './trace.ts';

/** A hook before the route: answers whoever does not bear the token. */
export function onlyOperators(token: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const given = bearerToken(request.headers.authorization) ?? '';
    if (isSameSecret(given, token)) return undefined;
    const error = graphError(given === '' ? 'operator_token_missing' : 'operator_token_invalid');
    reply.header('www-authenticate', 'Bearer');
    return reply.code(error.status).send(renderError(error, newTraceId()));
  };
}
