/** [R9] What another mode would change on a page, and the switch. */

import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import type { PageId } from '../../protocol/ids.ts';
import type { Json, JsonObject } from '../../protocol/message.ts';
import { MODES, type Mode } from '../../protocol/modes.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { reportSwitch, type SwitchReport, switchMode } from '../../runtime/switching.ts';
import { fail, readBody } from '../sandbox/body.ts';
import { pageIn, readQuery } from './read.ts';

export function addRouting(
  app: FastifyInstance,
  runtime: Runtime,
  preHandler: preHandlerAsyncHookHandler,
): void {
  app.get('/admin/pages/:page/routing', { preHandler }, async (request) => {
    const { id } = pageIn(runtime, request);
    return report(runtime, id, modeOf(readQuery(request, ['to'])['to'] ?? null));
  });

  app.post('/admin/pages/:page/routing', { preHandler }, async (request) => {
    const { id } = pageIn(runtime, request);
    const to = modeOf(readBody(request, ['to'])['to'] ?? null);
    const before = await report(runtime, id, to);
    await switchMode(runtime, id, to);
    return before;
  });
}

async function report(runtime: Runtime, id: PageId, to: Mode): Promise<JsonObject> {
  const found = await reportSwitch(runtime, id, to);
  return found === null ? fail('page', `There is no page ${id}`) : render(found);
}

const modeOf = (given: Json): Mode =>
  MODES.find((mode) => mode === given) ?? fail('to', `to must be ${MODES.join(' or ')}`);

const render = ({ page, from, to, threads, dropped, leads, apps, shown }: SwitchReport): JsonObject => ({
  page,
  from,
  to,
  threads: threads.all,
  threads_changed: threads.changed,
  requests_dropped: dropped,
  leads_changed: leads,
  apps: apps.map(({ app, name, loses, gains }) => ({ app_id: app, name, loses, gains })),
  examples: shown.map(({ psid, owner, dropped: lost, lead, calls }) => ({
    psid,
    owner_app_id: owner,
    dropped: lost,
    lead,
    calls: calls.map(({ app, loses, gains }) => ({ app_id: app, loses, gains })),
  })),
});
