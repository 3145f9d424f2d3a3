/** `/admin` itself, what is not there, and the check of the configuration. */

import type { FastifyInstance } from 'fastify';
import { countFindings } from '../../runtime/check/check.ts';
import { graphError, renderError } from '../../wire/errors.ts';
import { newTraceId } from '../trace.ts';
import type { AdminTools } from './tools.ts';

/** Most findings that are told one by one, the worst first; all are counted. */
export const MAX_FINDINGS_TOLD = 1_000;

/** What there is under `/admin`. */
const LINKS = {
  check: '/admin/check',
  pages: '/admin/pages',
  apps: '/admin/apps',
  people: '/admin/people',
  tokens: '/admin/tokens',
  metrics: '/metrics',
  docs: '/docs',
};

export function addCheck(
  app: FastifyInstance,
  { runtime, preHandler, findings }: AdminTools,
  about: { readonly version: string; readonly sandbox: boolean },
): void {
  app.get('/admin', { preHandler }, async () => {
    const { pages, apps, people, tokens } = runtime.configuration.current();
    return {
      version: about.version,
      sandbox: about.sandbox,
      now: runtime.clock.now(),
      pages: pages.length,
      apps: apps.length,
      people: people.length,
      tokens: tokens.length,
      findings: countFindings(findings()),
      links: LINKS,
    };
  });

  app.get('/admin/check', { preHandler }, async () => {
    const all = findings();
    return { counts: countFindings(all), findings: all.slice(0, MAX_FINDINGS_TOLD) };
  });

  app.all('/admin/*', { preHandler }, async ({ method, url }, reply) => {
    const [path = '/'] = url.split('?');
    const error = graphError('unknown_admin_call', { path, method });
    return reply.code(error.status).send(renderError(error, newTraceId()));
  });
}
