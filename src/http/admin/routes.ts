/** What an operator asks of a running server; every call bears the operator's token. */

import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { DAY_MS } from '../../protocol/time.ts';
import { checkConfiguration } from '../../runtime/check/check.ts';
import type { Circumstances } from '../../runtime/check/finding.ts';
import type { DeliveryPort } from '../../runtime/ports.ts';
import { withEras } from '../../runtime/report.ts';
import {
  parseEventId,
  RESEND_WITHIN_MS,
  resend,
  TooMuchToResend,
  type Wanted,
} from '../../runtime/resend.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { switchedOn } from '../../runtime/subscribing.ts';
import { eventId } from '../../wire/bytes.ts';
import { fail, readBody } from '../sandbox/body.ts';
import { addApps } from './apps.ts';
import { addCheck } from './check.ts';
import { addEntryPoints } from './entry-points.ts';
import { addPages } from './pages.ts';
import { addPeople } from './people.ts';
import { appIn } from './read.ts';
import { addRouting } from './routing.ts';
import { addSecrets } from './secrets.ts';
import { addSubscriptions } from './subscriptions.ts';
import { addThreads } from './threads.ts';
import { addTokens } from './tokens.ts';
import type { AdminTools } from './tools.ts';

/** Most of the latest attempts and set-asides that are shown. */
export const MAX_SHOWN = 50;

const RESEND_WITHIN_DAYS = RESEND_WITHIN_MS / DAY_MS;

export type AdminOptions = {
  readonly runtime: Runtime;
  readonly delivery: DeliveryPort;
  /** Lets in whoever bears the operator's token. */
  readonly onlyOperator: preHandlerAsyncHookHandler;
  readonly version: string;
  /** What the check looks at beside the configuration. */
  readonly circumstances: () => Circumstances;
};

export function addAdmin(app: FastifyInstance, options: AdminOptions): void {
  const { runtime, delivery } = options;
  const { store, configuration, clock } = runtime;
  const preHandler = options.onlyOperator;

  const findings: AdminTools['findings'] = (about = {}) =>
    checkConfiguration(configuration.current(), options.circumstances()).filter(
      (each) => (about.app ?? each.app) === each.app && (about.page ?? each.page) === each.page,
    );
  const tools: AdminTools = { runtime, delivery, preHandler, findings };

  addCheck(app, tools, { version: options.version, sandbox: options.circumstances().sandbox });
  addPages(app, tools);
  addEntryPoints(app, tools);
  addSubscriptions(app, tools);
  addThreads(app, tools);
  addRouting(app, runtime, preHandler);
  addPeople(app, runtime, preHandler);
  addApps(app, tools);
  addSecrets(app, runtime, preHandler);
  addTokens(app, runtime, preHandler);

  app.get('/admin/apps/:app/deliveries', { preHandler }, async (request) =>
    describe(runtime, appIn(runtime, request).id),
  );

  app.post('/admin/apps/:app/resend', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const wanted = readWanted(id, readBody(request, ['event_id', 'missed', 'set_aside', 'since']));
    try {
      const queued = await resend(id, wanted, { store, configuration, clock, delivery });
      if (wanted.kind === 'event' && queued === 0)
        fail('event_id', `App ${id} has been told of no such event in the last ${RESEND_WITHIN_DAYS} days`);
      return { queued };
    } catch (error) {
      if (!(error instanceof TooMuchToResend)) throw error;
      return fail('since', `${error.message}: name a later instant as since`);
    }
  });

  app.post('/admin/apps/:app/switch_on', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    readBody(request, []);
    let switched = 0;
    await runtime.change((config) => {
      if (!config.webhooks.some((each) => each.app === id))
        fail('app', `App ${id} has no callback: there is nothing to switch on`);
      const put = switchedOn(config, id);
      switched = put.length;
      return { put };
    });
    return { success: true, switched_on: switched };
  });
}

function readWanted(app: AppId, body: JsonObject): Wanted {
  const given = Object.keys(body);
  if (given.length !== 1) return fail('event_id', 'Name one of event_id, missed, set_aside and since');
  if (body['missed'] === true) return { kind: 'missed' };
  if (body['set_aside'] === true) return { kind: 'set_aside' };
  const { event_id: id, since } = body;
  if (typeof since === 'number' && Number.isSafeInteger(since)) return { kind: 'since', at: since };
  if (typeof id !== 'string') return fail(given[0] ?? 'event_id', `${given[0]} is not what it must be`);
  const event = parseEventId(app, id) ?? fail('event_id', `event_id is not of an event of app ${app}`);
  return { kind: 'event', ...event };
}

async function describe(runtime: Runtime, app: AppId): Promise<JsonObject> {
  const { store, configuration } = runtime;
  const webhooks = configuration.current().webhooks.filter((webhook) => webhook.app === app);
  const asides = await withEras(runtime, await store.asides({ app, limit: MAX_SHOWN }));
  const attempts = await withEras(runtime, await store.attempts({ app, limit: MAX_SHOWN }));
  return {
    app_id: app,
    name: configuration.app(app)?.name ?? '',
    webhooks: webhooks.map((webhook) => ({
      object: webhook.object,
      callback_url: webhook.callbackUrl,
      verified_at: webhook.verifiedAt,
      warned_at: webhook.warnedAt,
      switched_off_at: webhook.switchedOffAt,
      max_batch: webhook.maxBatch,
    })),
    waiting: await store.countWaiting(app),
    set_aside: asides.map((each) => ({
      event_id: eventId(each, each),
      at: each.at,
      reason: each.reason,
    })),
    attempts: attempts.map((each) => ({
      event_id: eventId(each, each),
      at: each.at,
      status: each.status,
      error: each.error,
      duration_ms: each.durationMs,
    })),
  };
}
