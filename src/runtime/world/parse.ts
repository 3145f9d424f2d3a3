/** The world file: people, pages, apps and customers in one JSON text (DESIGN 5). */

import { EVERY_FIELD, FIELDS } from '../../protocol/fields.ts';
import {
  type AppId,
  type PageId,
  type PersonId,
  type Psid,
  parseAppId,
  parsePageId,
  parsePersonId,
  parsePsid,
} from '../../protocol/ids.ts';
import { MODES, type Mode } from '../../protocol/modes.ts';
import type { EntryPoint, Platform } from '../../protocol/page.ts';
import { APP_ROLES, type AppRole } from '../../store/access.ts';
import {
  ALL_FEATURES,
  type Feature,
  PERMISSION_NAMES,
  type Permission,
  type Task,
  type WebhookObject,
} from '../../store/config.ts';
import { checkWorld } from './check.ts';
import { type Reader, readerOf, type WorldProblem } from './reader.ts';
import { isHttpUrl, isRedirectUri } from './urls.ts';

export type WorldPerson = {
  readonly path: string;
  readonly id: PersonId;
  readonly name: string;
  readonly password: string | null;
};

export type WorldPage = {
  readonly path: string;
  readonly id: PageId;
  readonly name: string;
  readonly platform: Platform;
  readonly mode: Mode;
  /** [P1] For `handover` mode. */
  readonly primaryReceiver: AppId | null;
  /** [R1] For `conversation_routing` mode. */
  readonly defaultApp: AppId | null;
  readonly idleChannel: 'messages' | 'standby' | null;
  readonly retentionDays: number | null;
  readonly people: readonly {
    readonly path: string;
    readonly person: PersonId;
    readonly tasks: readonly Task[];
  }[];
  readonly entryPoints: readonly (EntryPoint & { readonly path: string })[];
};

export type WorldApp = {
  readonly path: string;
  readonly id: AppId;
  readonly name: string;
  /** Of these, null: not given, and what an app has that is known already stays. */
  readonly secret: string | null;
  readonly live: boolean | null;
  readonly advancedAccess: readonly Feature[] | null;
  readonly testers: readonly Psid[] | null;
  readonly roles: readonly WorldRole[] | null;
  readonly redirectUris: readonly string[] | null;
  readonly webhook: WorldWebhook | null;
  readonly pages: readonly WorldConnection[];
};

export type WorldRole = { readonly path: string; readonly person: PersonId; readonly role: AppRole };

export type WorldWebhook = {
  readonly object: WebhookObject;
  readonly callbackUrl: string;
  readonly verifyToken: string;
  readonly fields: readonly string[];
  readonly maxBatch: number;
};

export type WorldConnection = {
  readonly path: string;
  readonly page: PageId;
  readonly person: PersonId | null;
  readonly accessToken: string | null;
  readonly fields: readonly string[];
  readonly permissions: readonly Permission[];
  readonly takeControl: boolean;
  readonly standbyAccess: boolean;
};

export type WorldCustomer = {
  readonly path: string;
  readonly page: PageId;
  readonly psid: Psid;
  readonly name: string | null;
};

export type WorldOptions = {
  /** In a sandbox what the world leaves out is made or granted. */
  readonly sandbox: boolean;
};

export type World = {
  readonly people: readonly WorldPerson[];
  readonly pages: readonly WorldPage[];
  readonly apps: readonly WorldApp[];
  readonly customers: readonly WorldCustomer[];
};

/** Most events in one request to an app that wants several. */
export const MAX_BATCH = 1_000;

const TASKS: readonly Task[] = ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'];
/** Longest term of an entry point, in days. */
export const MAX_ENTRY_POINT_DAYS = 30;
/** Longest that a page can have its texts kept and then blanked, in days. */
export const MAX_RETENTION_DAYS = 3_650;

/** The world, or everything that is wrong with it. */
export function parseWorld(
  text: string,
):
  | { readonly ok: true; readonly world: World }
  | { readonly ok: false; readonly problems: readonly WorldProblem[] } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ path: '$', message: `is not JSON: ${message}` }] };
  }
  const problems: WorldProblem[] = [];
  const root = readerOf(json, '$', problems);
  if (root === null) return { ok: false, problems };
  const world: World = {
    people: root.objects('people', readPerson),
    pages: root.objects('pages', readPage),
    apps: root.objects('apps', readApp),
    customers: root.objects('customers', readCustomer),
  };
  root.end();
  if (problems.length === 0) problems.push(...checkWorld(world));
  return problems.length === 0 ? { ok: true, world } : { ok: false, problems };
}

/** Stands in for an id that has been reported already; such a world is never used. */
const bad = <Id extends string>(id: Id | null): Id => id ?? ('' as Id);

function readPerson(reader: Reader): WorldPerson {
  return {
    path: reader.path,
    id: bad(reader.id('id', parsePersonId)),
    name: reader.text('name'),
    password: reader.has('password') ? reader.text('password') : null,
  };
}

function readPage(reader: Reader): WorldPage {
  const idle = reader.choice('idle_channel', ['standby', 'messaging'], null);
  return {
    path: reader.path,
    id: bad(reader.id('id', parsePageId)),
    name: reader.text('name'),
    platform: reader.choice('platform', ['messenger', 'instagram'], 'messenger') ?? 'messenger',
    mode: reader.choice('mode', MODES, 'handover') ?? 'handover',
    primaryReceiver: reader.has('primary_receiver') ? reader.id('primary_receiver', parseAppId) : null,
    defaultApp: reader.has('default_app') ? reader.id('default_app', parseAppId) : null,
    idleChannel: idle === 'messaging' ? 'messages' : idle,
    retentionDays: reader.has('retention_days')
      ? reader.integer('retention_days', { from: 1, to: MAX_RETENTION_DAYS, fallback: 0 })
      : null,
    people: reader.objects('people', (item) => ({
      path: item.path,
      person: bad(item.id('id', parsePersonId)),
      tasks: oneOf(item, 'tasks', TASKS, TASKS),
    })),
    entryPoints: reader.objects('entry_points', readEntryPoint),
  };
}

function readEntryPoint(reader: Reader): EntryPoint & { readonly path: string } {
  const adId = reader.has('ad_id') ? reader.text('ad_id') : null;
  const ref = reader.has('ref') ? reader.text('ref') : null;
  if ((adId === null) === (ref === null)) reader.problem('', 'needs either ad_id or ref');
  return {
    path: reader.path,
    source: adId === null ? 'SHORTLINK' : 'ADS',
    key: adId ?? ref ?? '',
    app: bad(reader.id('app', parseAppId)),
    days: reader.integer('expiration_days', { from: 1, to: MAX_ENTRY_POINT_DAYS, fallback: 1 }),
  };
}

function readApp(reader: Reader): WorldApp {
  const webhook = reader.object('webhook');
  return {
    path: reader.path,
    id: bad(reader.id('id', parseAppId)),
    name: reader.text('name'),
    secret: reader.has('secret') ? reader.text('secret') : null,
    live: reader.has('live') ? reader.flag('live', false) : null,
    advancedAccess: reader.has('advanced_access') ? oneOf(reader, 'advanced_access', ALL_FEATURES, []) : null,
    testers: reader.has('testers') ? readPsids(reader, 'testers') : null,
    roles: reader.has('roles') ? reader.objects('roles', readRole) : null,
    redirectUris: reader.has('redirect_uris') ? readRedirectUris(reader) : null,
    webhook: webhook === null ? null : readWebhook(webhook),
    pages: reader.objects('pages', readConnection),
  };
}

function readRole(reader: Reader): WorldRole {
  return {
    path: reader.path,
    person: bad(reader.id('person', parsePersonId)),
    role: reader.choice('role', APP_ROLES, null) ?? 'tester',
  };
}

function readRedirectUris(reader: Reader): readonly string[] {
  const uris = reader.texts('redirect_uris');
  for (const [index, uri] of uris.entries()) {
    if (uri !== '' && !isRedirectUri(uri))
      reader.problem(`redirect_uris[${index}]`, 'must be an http or https URL without a fragment');
  }
  return uris;
}

function readWebhook(reader: Reader): WorldWebhook {
  const callbackUrl = reader.text('callback_url');
  if (callbackUrl !== '' && !isHttpUrl(callbackUrl))
    reader.problem('callback_url', 'must be an http or https URL');
  const webhook: WorldWebhook = {
    object: reader.choice('object', ['page', 'instagram'], 'page') ?? 'page',
    callbackUrl,
    verifyToken: reader.text('verify_token', 'baton'),
    fields: readFields(reader, 'fields'),
    maxBatch: reader.integer('max_batch', { from: 1, to: MAX_BATCH, fallback: 1 }),
  };
  reader.end();
  return webhook;
}

function readConnection(reader: Reader): WorldConnection {
  return {
    path: reader.path,
    page: bad(reader.id('id', parsePageId)),
    person: reader.has('person') ? reader.id('person', parsePersonId) : null,
    accessToken: reader.has('access_token') ? reader.text('access_token') : null,
    fields: readFields(reader, 'subscribed_fields'),
    permissions: oneOf(reader, 'permissions', PERMISSION_NAMES, PERMISSION_NAMES),
    takeControl: reader.flag('take_control', true),
    standbyAccess: reader.flag('standby_access', true),
  };
}

function readCustomer(reader: Reader): WorldCustomer {
  return {
    path: reader.path,
    page: bad(reader.id('page', parsePageId)),
    psid: bad(reader.id('psid', parsePsid)),
    name: reader.has('name') ? reader.text('name') : null,
  };
}

function oneOf<Value extends string>(
  reader: Reader,
  key: string,
  values: readonly Value[],
  fallback: readonly Value[],
): readonly Value[] {
  if (!reader.has(key)) return fallback;
  return reader.texts(key).flatMap((text, index) => {
    const value = values.find((each) => each === text);
    if (value === undefined && text !== '') {
      reader.problem(`${key}[${index}]`, `must be one of ${values.join(', ')}`);
    }
    return value === undefined ? [] : [value];
  });
}

/** [W1] A name that is no field would never bring anything: it is a mistake. */
function readFields(reader: Reader, key: string): readonly string[] {
  if (!reader.has(key)) return EVERY_FIELD;
  const fields = reader.texts(key);
  for (const [index, field] of fields.entries()) {
    if (field !== '' && !FIELDS.has(field)) reader.problem(`${key}[${index}]`, 'is not a field of a page');
  }
  return [...new Set(fields)];
}

function readPsids(reader: Reader, key: string): readonly Psid[] {
  return reader.texts(key).flatMap((text, index) => {
    const psid = parsePsid(text);
    if (psid === null && text !== '')
      reader.problem(`${key}[${index}]`, 'must be an id: a text of 1 to 32 digits');
    return psid === null ? [] : [psid];
  });
}
