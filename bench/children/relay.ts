/** The limit of messages with apps: a bare Fastify route that answers and posts a body to each endpoint. */

import Fastify from 'fastify';
import { Pool } from 'undici';
import { answerParent } from '../tools/child.ts';
import type { Posting } from '../tools/posting.ts';

const CONNECTIONS = 64;
const MID = 'm_AZqoXAAAVvVxZ2lQbXNhZ2VfaWRfb2ZfYQ';

let routes: readonly { readonly pool: Pool; readonly posting: Posting }[] = [];

const app = Fastify({ logger: false });
app.post('/sandbox/pages/:page/customers/:psid/message', async () => {
  for (const { pool, posting } of routes) void post(pool, posting);
  return { message_id: MID };
});

async function post(pool: Pool, { path, headers, bytes }: Posting): Promise<void> {
  const answer = await pool.request({ method: 'POST', path, headers, body: bytes });
  await answer.body.dump();
}

answerParent([await app.listen({ port: 0, host: '127.0.0.1' })], (postings: readonly Posting[]) => {
  routes = postings.map((posting) => ({
    pool: new Pool(posting.origin, { connections: CONNECTIONS }),
    posting: { ...posting, bytes: Buffer.from(posting.bytes) },
  }));
});
