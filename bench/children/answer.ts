/** The limit of calls: bare Fastify routes that parse the same JSON and answer the same bytes. */

import Fastify from 'fastify';
import { answerParent } from '../tools/child.ts';

const MID = 'm_AZqoXAAAVvVxZ2lQbXNhZ2VfaWRfb2ZfYQ';

const app = Fastify({ logger: false });
app.post('/sandbox/pages/:page/customers/:psid/message', async () => ({ message_id: MID }));
app.post('/v20.0/me/:edge', async () => ({ success: true }));
answerParent([await app.listen({ port: 0, host: '127.0.0.1' })], () => null);
