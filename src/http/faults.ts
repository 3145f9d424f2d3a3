/** What a call is answered that was ended by something thrown: a bug, broken machinery, or too much of anything. */

import type { FastifyError } from 'fastify';
import { NotWritten, Overloaded } from '../runtime/overloaded.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type GraphError, graphError, problemError } from '../wire/errors.ts';
import { MAX_BODY_BYTES } from '../wire/limits.ts';
import { SandboxProblem } from './sandbox/body.ts';
import { SandboxRefusal } from './sandbox/threads.ts';
import { BodyTooLarge } from './uploads.ts';

/** Of which call it was. */
export type CallName = { readonly method: string; readonly url: string; readonly trace: string };

/** The error of the table; what nobody expected is told to the observer besides. */
export function errorOfFault(runtime: Runtime, fault: Error, { method, url, trace }: CallName): GraphError {
  const found = graphErrorOf(fault);
  if (found.status === 500 || fault instanceof NotWritten) {
    const [path = '/'] = url.split('?');
    runtime.observer.fault('http', fault, { trace, method, path });
  }
  return found;
}

function graphErrorOf(error: Error & Pick<Partial<FastifyError>, 'code' | 'statusCode'>): GraphError {
  if (error instanceof SandboxProblem) return problemError(error.problem);
  if (error instanceof SandboxRefusal) return error.error;
  if (error instanceof Overloaded || error instanceof NotWritten) return graphError('unavailable');
  if (error instanceof BodyTooLarge) return graphError('body_too_large', { limit: String(error.limit) });
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return graphError('body_too_large', { limit: String(MAX_BODY_BYTES) });
  }
  const status = error.statusCode ?? 500;
  return graphError(status >= 400 && status < 500 ? 'malformed_request' : 'internal');
}
