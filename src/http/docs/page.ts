/**
 * The page that shows the OpenAPI document: a small app of its own, which never listens, so that its libraries are
 * loaded when somebody looks at it first and not before.
 */

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance } from 'fastify';
import { openApiDocument } from './document.ts';

/** Everything comes from this server; nothing is framed, posted or embedded. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function openPage(
  options: { readonly isSandbox: boolean },
  prefix: string,
): Promise<FastifyInstance> {
  const app = Fastify({ logger: false });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });
  await app.register(swagger, {
    mode: 'static',
    specification: { document: openApiDocument(options) as never },
  });
  await app.register(swaggerUi, {
    routePrefix: prefix,
    uiConfig: { docExpansion: 'list', layout: 'BaseLayout', deepLinking: true, defaultModelsExpandDepth: -1 },
    theme: { title: 'Baton' },
  });
  await app.ready();
  return app;
}
