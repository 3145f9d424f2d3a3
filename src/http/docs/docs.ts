/** `/docs`: every call, to read and to try. It says nothing of this installation, so it is open to all. */

import type { FastifyInstance } from 'fastify';

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
      for (const name of OF_THE_CONNECTION) delete answer.headers[name];
      return reply.code(answer.statusCode).headers(answer.headers).send(answer.rawPayload);
    });
  }
}
