/** `/metrics`, for Prometheus: the operator's, unless it is left open. */

import type { FastifyInstance } from 'fastify';
import { onlyOperators } from './operators.ts';

export type MetricsOptions = {
  /** The metrics as they stand, in text. */
  readonly read: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether anybody may read them. */
  readonly isOpen: boolean;
};

export function addMetrics(app: FastifyInstance, token: string, { read, isOpen }: MetricsOptions): void {
  const preHandler = isOpen ? [] : [onlyOperators(token)];
  app.get('/metrics', { preHandler }, async (_request, reply) => {
    const { contentType, text } = await read();
    return reply.type(contentType).send(text);
  });
}
