/** `/metrics`, for Prometheus: the operator's, unless it is left open. */

import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';

export type MetricsOptions = {
  /** The metrics as they stand, in text. */
  readonly read: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether anybody may read them. */
  readonly isOpen: boolean;
};

export function addMetrics(
  app: FastifyInstance,
  onlyOperator: preHandlerAsyncHookHandler,
  { read, isOpen }: MetricsOptions,
): void {
  const preHandler = isOpen ? [] : [onlyOperator];
  app.get('/metrics', { preHandler }, async (_request, reply) => {
    const { contentType, text } = await read();
    return reply.type(contentType).send(text);
  });
}
