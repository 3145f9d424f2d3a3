/** Apps as the operator sees and changes them: what they are, who has a role on them, what pages allow them. */

import { randomInt } from 'node:crypto';
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { type AppId, isInbox, parseAppId, parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { newSecret } from '../../runtime/secrets.ts';
import { isRedirectUri } from '../../runtime/world/urls.ts';
import { APP_ROLES } from '../../store/access.ts';
import { type AppRecord, NEW_APP, PERMISSION_NAMES } from '../../store/config.ts';
import { fail, readBody, textAt } from '../sandbox/body.ts';
import {
  appIn,
  appNamed,
  idAt,
  MAX_OPERATOR_TEXT,
  pageIn,
  personIdIn,
  personNamed,
  textsAt,
  wordsAt,
} from './read.ts';
import { renderApp } from './render-app.ts';

const FIRST_ID = 100_000_000_000_000;
const ID_RANGE = 2 ** 47;

export function addApps(
  app: FastifyInstance,
  runtime: Runtime,
  preHandler: preHandlerAsyncHookHandler,
): void {
  const show = (id: AppId): JsonObject => renderApp(runtime, appNamed(runtime, id));

  app.get('/admin/apps', { preHandler }, async () => ({
    data: runtime.configuration.current().apps.map((each) => renderApp(runtime, each)),
  }));
  app.get('/admin/apps/:app', { preHandler }, async (request) => renderApp(runtime, appIn(runtime, request)));

  app.post('/admin/apps', { preHandler }, async (request) => {
    const body = readBody(request, ['id', ...SETTINGS]);
    const settings = readSettings(body);
    const id = idAt(body, 'id', parseAppId) ?? (String(FIRST_ID + randomInt(ID_RANGE)) as AppId);
    const name = settings.name ?? fail('name', 'name is required');
    const secret = newSecret();
    const value: AppRecord = { ...NEW_APP, live: false, advancedAccess: [], ...settings, id, name, secret };
    await runtime.change(({ apps }) => {
      if (isInbox(id) || apps.some((each) => each.id === id)) fail('id', `There is an app ${id} already`);
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

  addStandings(app, runtime, preHandler);
}

/** Who has a role on an app, and what pages allow it. */
function addStandings(app: FastifyInstance, runtime: Runtime, preHandler: preHandlerAsyncHookHandler): void {
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
    const given = wordsAt(readBody(request, ['permissions']), 'permissions', PERMISSION_NAMES);
    const permissions = given ?? fail('permissions', 'permissions is required');
    await runtime.change(({ connections }) => {
      const known = connections.find((each) => each.page === page && each.app === id);
      if (known === undefined) return fail('app', `App ${id} has never been on page ${page}`);
      return { put: [{ kind: 'connection', value: { ...known, permissions } }] };
    });
    return renderApp(runtime, appNamed(runtime, id));
  });
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
  const { live } = body;
  if (typeof live === 'boolean') settings.live = live;
  else if (live !== undefined) fail('live', 'live must be true or false');
  const testers = textsAt(body, 'testers', { parse: parsePsid, fault: 'must be ids of 1 to 32 digits' });
  if (testers !== null) settings.testers = testers;
  const redirectUris = textsAt(body, 'redirect_uris', {
    parse: (text) => (isRedirectUri(text) ? text : null),
    fault: 'must be http or https URLs without a fragment',
  });
  if (redirectUris !== null) settings.redirectUris = redirectUris;
  return settings;
}
