/** Conversations as the operator sees them: who has control, and who was told what. Never what was said. */

import type { FastifyInstance } from 'fastify';
import { isInbox, parseAppId, parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { type EventReport, reportThread, type ThreadReport } from '../../runtime/report.ts';
import { listThreads, type ThreadLine, type Which } from '../../runtime/thread-list.ts';
import { fail, integerAt, readBody, textAt } from '../sandbox/body.ts';
import { carryOut, threadOf } from '../sandbox/threads.ts';
import { appNamed, idAt, MAX_OPERATOR_TEXT, pageIn, readQuery } from './read.ts';
import type { AdminTools } from './tools.ts';

/** Most threads in one part of a list. */
export const MAX_THREADS_LISTED = 500;
/** Most events of one thread that are shown, the latest. */
export const MAX_EVENTS_SHOWN = 500;
const USUAL_THREADS = 50;

export function addThreads(app: FastifyInstance, tools: AdminTools): void {
  const { runtime, preHandler } = tools;
  const { store, configuration, clock } = runtime;

  app.get('/admin/pages/:page/threads', { preHandler }, async (request) => {
    const { id } = pageIn(runtime, request);
    const page = configuration.page(id) ?? fail('page', `There is no page ${id}`);
    const query = readQuery(request, ['limit', 'after', 'owner', 'idle']);
    const after = idAt(query, 'after', parsePsid);
    const part = await listThreads(runtime, page, {
      which: whichOf(tools, query),
      limit: limitOf(query),
      after,
    });
    return { data: part.lines.map(renderLine), after: part.after };
  });

  app.get('/admin/pages/:page/threads/:psid', { preHandler }, async (request) => {
    pageIn(runtime, request);
    const key = threadOf(runtime, request);
    const report = await reportThread(store, { configuration, key, now: clock.now() });
    if (report === null) return fail('psid', `Nothing is known of customer ${key.psid} on page ${key.page}`);
    return { page: key.page, psid: key.psid, ...renderReport(report) };
  });

  app.post('/admin/pages/:page/threads/:psid', { preHandler }, async (request) => {
    const key = threadOf(runtime, request);
    const name = textAt(readBody(request, ['name']), 'name', MAX_OPERATOR_TEXT);
    await carryOut(runtime, key, { type: 'introduce', name });
    return { success: true };
  });
}

function whichOf({ runtime }: AdminTools, query: JsonObject): Which {
  const owner = idAt(query, 'owner', parseAppId);
  const { idle } = query;
  if (idle !== undefined && idle !== 'true' && idle !== 'false') fail('idle', 'idle must be true or false');
  if (owner === null) return { kind: idle === 'true' ? 'idle' : 'all' };
  if (idle === 'true') fail('idle', 'Name one of owner and idle: an idle conversation has no owner');
  return { kind: 'owned', owner: isInbox(owner) ? owner : appNamed(runtime, owner).id };
}

function limitOf({ limit }: JsonObject): number {
  if (limit === undefined) return USUAL_THREADS;
  const number = typeof limit === 'string' && /^\d+$/.test(limit) ? Number(limit) : null;
  return integerAt({ limit: number }, 'limit', 1, MAX_THREADS_LISTED);
}

/** Instants in milliseconds. */
const renderLine = (line: ThreadLine): JsonObject => ({
  psid: line.psid,
  owner_app_id: line.control?.owner ?? null,
  expires_at: line.control?.until ?? null,
  folder: line.folder,
  open_requests: line.requests,
  held_surveys: line.held,
  control_epoch: line.epoch,
  last_act_at: line.lastActAt,
  last_event_at: line.lastEventAt,
});

/** Metadata is what apps tell each other; it is shown, as in the queue and the history that apps read. */
function renderReport({ control, folder, epoch, requests, history, events }: ThreadReport): JsonObject {
  const isHeld = control !== null && 'until' in control;
  return {
    owner_app_id: isHeld ? control.owner : null,
    expires_at: isHeld ? control.until : null,
    ended:
      control === null || isHeld ? null : { app_id: control.owner, at: control.at, cause: control.cause },
    folder,
    control_epoch: epoch,
    open_requests: requests.map(({ app, requestedAt, metadata }) => ({
      app_id: app,
      requested_at: requestedAt,
      metadata,
    })),
    history: history.map(({ seq, at, cause, actor, previous, next, metadata }) => ({
      seq,
      at,
      cause,
      actor_app_id: actor,
      previous_owner_app_id: previous,
      new_owner_app_id: next,
      metadata,
    })),
    earlier_events: Math.max(0, events.length - MAX_EVENTS_SHOWN),
    events: events.slice(-MAX_EVENTS_SHOWN).map(renderEvent),
  };
}

const renderEvent = ({ seq, at, type, audience }: EventReport): JsonObject => ({
  seq,
  at,
  type,
  audience: audience.map(({ app, channel, state, outcome }) => ({
    app_id: app,
    channel,
    state: state === 'not told' ? 'not_told' : state,
    ...(outcome.told ? { lane_seq: outcome.laneSeq } : { reason: outcome.reason, field: outcome.field }),
  })),
});
