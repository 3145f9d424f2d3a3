/** Under which address this server is reached: what stands in front of the paths that it hands out. */

import type { FastifyRequest } from 'fastify';

/** A host with its port, as a request names it. */
const HOST = /^(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/** @param publicUrl what the operator has said; null: what the request says of itself */
export function originOf(request: FastifyRequest, publicUrl: string | null): string {
  if (publicUrl !== null) return publicUrl;
  const host = request.headers.host ?? '';
  return `${request.protocol}://${HOST.test(host) ? host : 'localhost'}`;
}
