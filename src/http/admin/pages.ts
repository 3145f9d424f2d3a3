/** Pages as the operator makes and changes them. The mode of one is switched elsewhere (routing.ts). */

import type { FastifyInstance } from 'fastify';
import { type AppId, isInbox, parseAppId, parsePageId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { MODES, type Mode } from '../../protocol/modes.ts';
import { inboxOf } from '../../protocol/page.ts';
import { isConnected } from '../../runtime/subscribing.ts';
import { MAX_RETENTION_DAYS } from '../../runtime/world/parse.ts';
import type { Config, PageRecord } from '../../store/config.ts';
import { fail, integerAt, readBody, textAt } from '../sandbox/body.ts';
import { freshId, idAt, MAX_OPERATOR_TEXT, pageIn, pageNamed, wordAt } from './read.ts';
import { renderPage, summarizePage } from './render-page.ts';
import type { AdminTools } from './tools.ts';

export function addPages(app: FastifyInstance, { runtime, preHandler, findings }: AdminTools): void {
  app.get('/admin/pages', { preHandler }, async () => ({
    data: runtime.configuration.current().pages.map((page) => summarizePage(runtime, page)),
  }));

  app.get('/admin/pages/:page', { preHandler }, async (request) => {
    const page = pageIn(runtime, request);
    return { ...renderPage(runtime, page), findings: findings({ page: page.id }) };
  });

  addChanges(app, { runtime, preHandler, findings });
}

function addChanges(
  app: FastifyInstance,
  { runtime, preHandler, findings }: Omit<AdminTools, 'delivery'>,
): void {
  const show = (id: PageRecord['id']): JsonObject => ({
    ...renderPage(runtime, pageNamed(runtime, id)),
    findings: findings({ page: id }),
  });

  app.post('/admin/pages', { preHandler }, async (request) => {
    const body = readBody(request, ['id', 'platform', 'mode', ...SETTINGS]);
    const id = idAt(body, 'id', parsePageId) ?? freshId(parsePageId);
    if (body['name'] === undefined) fail('name', 'name is required');
    const made: PageRecord = {
      ...NEW_PAGE,
      id,
      name: nameAt(body),
      platform: wordAt(body, 'platform', ['messenger', 'instagram']) ?? 'messenger',
      mode: wordAt(body, 'mode', MODES) ?? 'handover',
    };
    await runtime.change((config) => {
      if (config.pages.some((each) => each.id === id)) fail('id', `There is a page ${id} already`);
      return { put: [{ kind: 'page', value: changed(made, body, config) }] };
    });
    return show(id);
  });

  app.post('/admin/pages/:page', { preHandler }, async (request) => {
    const { id } = pageIn(runtime, request);
    const body = readBody(request, ['mode', ...SETTINGS]);
    if (body['mode'] !== undefined)
      fail('mode', `mode is switched, and told what that changes, at POST /admin/pages/${id}/routing`);
    await runtime.change((config) => ({
      put: config.pages
        .filter((page) => page.id === id)
        .map((page) => ({ kind: 'page', value: changed(page, body, config) })),
    }));
    return show(id);
  });
}

/** What a page is that nothing is said of. */
const NEW_PAGE = {
  switches: { number: 0, at: 0 },
  lead: null,
  idleChannel: null,
  retentionDays: null,
  entryPoints: [],
  people: [],
  version: 0,
} as const;

const SETTINGS = ['name', 'primary_receiver', 'default_app', 'idle_channel', 'retention_days'];

/** The page with what the body says of it; what it does not say stays. */
function changed(page: PageRecord, body: JsonObject, config: Config): PageRecord {
  const says = (key: string): boolean => body[key] !== undefined;
  return {
    ...page,
    name: says('name') ? nameAt(body) : page.name,
    lead: leadAt(page, body, config),
    idleChannel: says('idle_channel') ? channelAt(body) : page.idleChannel,
    retentionDays: says('retention_days') ? daysAt(body) : page.retentionDays,
  };
}

const nameAt = (body: JsonObject): string =>
  textAt(body, 'name', MAX_OPERATOR_TEXT) ?? fail('name', 'name must not be null');

/** [W4] Null: the default. */
function channelAt(body: JsonObject): PageRecord['idleChannel'] {
  const given = wordAt(body, 'idle_channel', ['standby', 'messaging']);
  return given === 'messaging' ? 'messages' : given;
}

/** Null: texts are kept. */
const daysAt = (body: JsonObject): number | null =>
  body['retention_days'] === null ? null : integerAt(body, 'retention_days', 1, MAX_RETENTION_DAYS);

/** [P1, R1] What the app that answers first is called in each mode. */
const LEADS: Readonly<Record<Mode, 'primary_receiver' | 'default_app'>> = {
  handover: 'primary_receiver',
  conversation_routing: 'default_app',
};

/** [P1, P2, R1, R10] Who answers first then: a connected app, under Conversation Routing the inbox too. */
function leadAt(page: PageRecord, body: JsonObject, config: Config): AppId | null {
  const key = LEADS[page.mode];
  const other = key === 'default_app' ? 'primary_receiver' : 'default_app';
  if (body[other] !== undefined)
    fail(other, `${other} is not for a page in ${page.mode} mode: name its ${key}, or switch the mode first`);
  if (body[key] === undefined) return page.lead;
  const app = idAt(body, key, parseAppId);
  if (app === null || (key === 'default_app' && app === inboxOf(page))) return null;
  if (isInbox(app))
    fail(key, `${key} cannot be ${key === 'default_app' ? 'the inbox of another kind' : 'an inbox'}`);
  if (!config.apps.some(({ id }) => id === app)) fail(key, `There is no app ${app} to be the ${key}`);
  if (isConnected(config, { page: page.id, app })) return app;
  return fail(
    key,
    `${key} must be connected: subscribe app ${app} to page ${page.id} with pages_messaging first`,
  );
}
