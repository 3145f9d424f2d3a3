/** [W1, W6] Where an app hears of pages, and of what, as the operator sets it: by the same handshake as in the Graph. */

import type { FastifyInstance } from 'fastify';
import { EVERY_FIELD, FIELDS, isFieldOf } from '../../protocol/fields.ts';
import type { AppId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { Overloaded } from '../../runtime/overloaded.ts';
import {
  callbackOf,
  connectionIn,
  setCallback,
  subscribed,
  unsubscribed,
  type WantedCallback,
  withoutCallbacks,
} from '../../runtime/subscribing.ts';
import { MAX_BATCH } from '../../runtime/world/parse.ts';
import { PERMISSION_NAMES, type WebhookObject } from '../../store/config.ts';
import { checkText, checkUrl } from '../../wire/checks.ts';
import { graphError, renderError } from '../../wire/errors.ts';
import { MAX_VERIFY_TOKEN } from '../../wire/limits.ts';
import { fail, integerAt, readBody } from '../sandbox/body.ts';
import { newTraceId } from '../trace.ts';
import { appIn, fieldsAt, pageIn, readQuery, wordAt } from './read.ts';
import { renderConnection } from './render-page.ts';
import type { AdminTools } from './tools.ts';

const OBJECTS: readonly WebhookObject[] = ['page', 'instagram'];
const PATH = '/admin/apps/:app/subscriptions';

export function addSubscriptions(app: FastifyInstance, tools: AdminTools): void {
  const { runtime, preHandler } = tools;

  app.get(PATH, { preHandler }, async (request) => render(tools, appIn(runtime, request).id));

  app.post(PATH, { preHandler }, async (request, reply) => {
    const { id } = appIn(runtime, request);
    const body = readBody(request, ['object', 'callback_url', 'verify_token', 'fields', 'max_batch']);
    const verified = await setCallback(tools, readCallback(tools, id, body), (plan) => runtime.change(plan));
    if (verified.kind === 'busy') throw new Overloaded('handshakes');
    if (verified.kind === 'verified') return render(tools, id);
    const error = graphError('callback_not_verified', { reason: explain(verified.reason) });
    return reply.code(error.status).send(renderError(error, newTraceId()));
  });

  app.delete(PATH, { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const object = wordAt(readQuery(request, ['object']), 'object', OBJECTS);
    await runtime.change((config) => {
      const gone = withoutCallbacks(config, id, { object, less: null });
      if (gone.remove?.length === 0)
        fail('object', `App ${id} has no callback${object === null ? '' : ` for ${object}`}`);
      return gone;
    });
    return render(tools, id);
  });

  addConnections(app, tools);
}

/** [W1, C17] Subscribing an app to a page, and ending that. */
function addConnections(app: FastifyInstance, tools: AdminTools): void {
  const { runtime, preHandler } = tools;

  app.post(`${PATH}/:page`, { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const { id: page, platform } = pageIn(runtime, request);
    const kind = platform === 'instagram' ? 'an Instagram account' : 'a page';
    const isField = (name: string): boolean => isFieldOf(platform, name);
    const fields = fieldsAt(readBody(request, ['subscribed_fields']), 'subscribed_fields', { isField, kind });
    await runtime.change((config) => {
      // As in a world file: what an operator does not choose is everything.
      const chosen = fields ?? connectionIn(config, { page, app: id })?.fields ?? EVERY_FIELD;
      return subscribed(config, { page, app: id }, { fields: chosen, permissions: PERMISSION_NAMES });
    });
    return render(tools, id);
  });

  app.delete(`${PATH}/:page`, { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const { id: page } = pageIn(runtime, request);
    await runtime.change((config) => {
      if (connectionIn(config, { page, app: id })?.subscribed !== true)
        fail('page', `App ${id} is not subscribed to page ${page}`);
      return unsubscribed(config, { page, app: id });
    });
    return render(tools, id);
  });
}

/** The operator can do something about an address that the guard refuses. */
const explain = (reason: string): string =>
  reason === 'ADDRESS_REFUSED'
    ? `${reason}: the address is not public, and in no range that the server was started with (--allow)`
    : reason;

/** What is not given of a callback stays; a new one hears everything. */
function readCallback({ runtime }: AdminTools, app: AppId, body: JsonObject): WantedCallback {
  const object = wordAt(body, 'object', OBJECTS) ?? 'page';
  const known = callbackOf(runtime, app, object);
  const callbackUrl = body['callback_url'] ?? known?.callbackUrl ?? null;
  const verifyToken = body['verify_token'] ?? known?.verifyToken ?? null;
  const problem =
    checkUrl(callbackUrl, 'callback_url') ??
    checkText(verifyToken, 'verify_token', { max: MAX_VERIFY_TOKEN });
  if (problem !== null) fail(problem.parameter, problem.message);
  const isField = (name: string): boolean => FIELDS.has(name);
  const fields = fieldsAt(body, 'fields', { isField, kind: 'a page or an Instagram account' });
  const maxBatch = body['max_batch'] === undefined ? null : integerAt(body, 'max_batch', 1, MAX_BATCH);
  return {
    app,
    object,
    callbackUrl: String(callbackUrl),
    verifyToken: String(verifyToken),
    fields,
    maxBatch,
    restsOn: isWhole(body) ? null : (known ?? null),
  };
}

/** Whether a body says by itself which callback it means. */
const isWhole = (body: JsonObject): boolean =>
  (body['callback_url'] ?? null) !== null && (body['verify_token'] ?? null) !== null;

/** An app's subscriptions, without verify tokens. Instants in milliseconds. */
function render({ runtime: { configuration }, findings }: AdminTools, app: AppId): JsonObject {
  const { webhooks, connections } = configuration.current();
  return {
    app_id: app,
    name: configuration.app(app)?.name ?? '',
    callbacks: webhooks
      .filter((each) => each.app === app)
      .map((each) => ({
        object: each.object,
        callback_url: each.callbackUrl,
        fields: each.fields,
        max_batch: each.maxBatch,
        verified_at: each.verifiedAt,
        warned_at: each.warnedAt,
        switched_off_at: each.switchedOffAt,
      })),
    pages: connections
      .filter((each) => each.app === app)
      .map((each) => ({
        id: each.page,
        name: configuration.pageRecord(each.page)?.name ?? '',
        ...renderConnection(each),
      })),
    findings: findings({ app }),
  };
}
