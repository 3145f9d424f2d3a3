/** Apps as the operator sees and changes them: what they are, who has a role on them, what pages allow them. */

import type { FastifyInstance } from 'fastify';
import { type AppId, isInbox, parseAppId, parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { newSecret } from '../../runtime/secrets.ts';
import { connectionIn } from '../../runtime/subscribing.ts';
import { isRedirectUri } from '../../runtime/world/urls.ts';
import { APP_ROLES } from '../../store/access.ts';
import { type AppRecord, type ConnectionRecord, NEW_APP, PERMISSION_NAMES } from '../../store/config.ts';
import { fail, readBody, textAt } from '../sandbox/body.ts';
import {
  appIn,
  appNamed,
  flagAt,
  freshId,
  idAt,
  MAX_OPERATOR_TEXT,
  pageIn,
  personIdIn,
  personNamed,
  textsAt,
  wordsAt,
} from './read.ts';
import { renderApp } from './render-app.ts';
import type { AdminTools } from './tools.ts';

export function addApps(app: FastifyInstance, tools: AdminTools): void {
  const { runtime, preHandler, findings } = tools;
  const show = (id: AppId): JsonObject => renderApp(runtime, appNamed(runtime, id));

  app.get('/admin/apps', { preHandler }, async () => ({
    data: runtime.configuration.current().apps.map((each) => renderApp(runtime, each)),
  }));
  app.get('/admin/apps/:app', { preHandler }, async (request) => {
    const found = appIn(runtime, request);
    return { ...renderApp(runtime, found), findings: findings({ app: found.id }) };
  });

  app.post('/admin/apps', { preHandler }, async (request) => {
    const body = readBody(request, ['id', ...SETTINGS]);
    const settings = readSettings(body);
    const id = idAt(body, 'id', parseAppId) ?? freshId(parseAppId);
    const name = settings.name ?? fail('name', 'name is required');
    const secret = newSecret();
    const value: AppRecord = { ...NEW_APP, live: false, advancedAccess: [], ...settings, id, name, secret };
    await runtime.change(({ apps }) => {
      if (isInbox(id)) fail('id', `${id} is the inbox of every page of its kind, and no app that is made`);
      if (apps.some((each) => each.id === id)) fail('id', `There is an app ${id} already`);
      return { put: [{ kind: 'app', value }] };
    });
    return { ...show(id), secret };
  });

  app.post('/admin/apps/:app', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const settings = readSettings(readBody(request, SETTINGS));
    await changeApp(runtime, id, (value) => ({ ...value, ...settings }));
    return show(id);
  });

  addStandings(app, tools);
}

/** Who has a role on an app, and what pages allow it. */
function addStandings(app: FastifyInstance, { runtime, preHandler }: AdminTools): void {
  app.post('/admin/apps/:app/roles/:person', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const { id: person } = personNamed(runtime, personIdIn(request));
    const { role: given } = readBody(request, ['role']);
    const role = APP_ROLES.find((each) => each === given) ?? null;
    if (role === null && given !== null) fail('role', `role must be null or one of ${APP_ROLES.join(', ')}`);
    await changeApp(runtime, id, (value) => {
      const others = value.roles.filter((each) => each.person !== person);
      return { ...value, roles: role === null ? others : [...others, { person, role }] };
    });
    return renderApp(runtime, appNamed(runtime, id));
  });

  app.post('/admin/apps/:app/pages/:page', { preHandler }, async (request) => {
    const { id } = appIn(runtime, request);
    const { id: page } = pageIn(runtime, request);
    const allowed = readAllowed(readBody(request, ['permissions', 'take_control', 'standby_access']));
    await runtime.change((config) => {
      const known = connectionIn(config, { page, app: id });
      if (known === undefined) return fail('app', `App ${id} has never been on page ${page}`);
      return { put: [{ kind: 'connection', value: { ...known, ...allowed } }] };
    });
    return renderApp(runtime, appNamed(runtime, id));
  });
}

type Allowed = { -readonly [Key in 'permissions' | 'takeControl' | 'standbyAccess']?: ConnectionRecord[Key] };

/** [A2, R3] What of it was given, at least one. */
function readAllowed(body: JsonObject): Allowed {
  const allowed: Allowed = {};
  const permissions = wordsAt(body, 'permissions', PERMISSION_NAMES);
  if (permissions !== null) allowed.permissions = permissions;
  const takeControl = flagAt(body, 'take_control');
  if (takeControl !== null) allowed.takeControl = takeControl;
  const standbyAccess = flagAt(body, 'standby_access');
  if (standbyAccess !== null) allowed.standbyAccess = standbyAccess;
  if (Object.keys(allowed).length === 0)
    fail('permissions', 'permissions, take_control or standby_access is required');
  return allowed;
}

/** Changes one app. */
export const changeApp = (runtime: Runtime, id: AppId, next: (app: AppRecord) => AppRecord): Promise<void> =>
  runtime.change(({ apps }) => ({
    put: apps.filter((each) => each.id === id).map((value) => ({ kind: 'app', value: next(value) })),
  }));

const SETTINGS = ['name', 'live', 'testers', 'redirect_uris'];

type Settings = { -readonly [Key in 'name' | 'live' | 'testers' | 'redirectUris']?: AppRecord[Key] };

/** Those that were given. */
function readSettings(body: JsonObject): Settings {
  const settings: Settings = {};
  const name = textAt(body, 'name', MAX_OPERATOR_TEXT);
  if (name !== null) settings.name = name;
  const live = flagAt(body, 'live');
  if (live !== null) settings.live = live;
  const testers = textsAt(body, 'testers', { parse: parsePsid, fault: 'must be ids of 1 to 32 digits' });
  if (testers !== null) settings.testers = testers;
  const redirectUris = textsAt(body, 'redirect_uris', {
    parse: (text) => (isRedirectUri(text) ? text : null),
    fault: 'must be http or https URLs without a fragment',
  });
  if (redirectUris !== null) settings.redirectUris = redirectUris;
  return settings;
}
