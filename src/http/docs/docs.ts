/** `/docs`: every call, to read and to try. It says nothing of this installation, so it is open to all. */

import type { FastifyInstance } from 'fastify';
import { graphError, renderError } from '../../wire/errors.ts';
import { newTraceId } from '../trace.ts';

const PREFIX = '/docs';
/** Headers that this server sets itself. */
const OF_THE_CONNECTION = ['connection', 'date', 'transfer-encoding', 'keep-alive'];

export function addDocs(app: FastifyInstance, options: { readonly isSandbox: boolean }): void {
  let opening: Promise<FastifyInstance> | null = null;

  async function open(): Promise<FastifyInstance> {
    const { openPage } = await import('./page.ts');
    return openPage(options, PREFIX);
  }

  app.addHook('onClose', async () => {
    await (await opening)?.close();
  });
  for (const url of [PREFIX, `${PREFIX}/*`]) {
    app.get(url, async (request, reply) => {
      opening ??= open();
      const page = await opening;
      const { url: target, headers } = request;
      const answer = await page.inject({ method: 'GET', url: target, headers });
      if (answer.statusCode >= 500) throw new Error(`the page of the document answered ${answer.statusCode}`);
      if (answer.statusCode >= 400) {
        const [path = ''] = target.split('?');
        return reply.code(404).send(renderError(graphError('unknown_edge', { path }), newTraceId()));
      }
      for (const name of OF_THE_CONNECTION) delete answer.headers[name];
      return reply.code(answer.statusCode).headers(answer.headers).send(answer.rawPayload);
    });
  }
}
