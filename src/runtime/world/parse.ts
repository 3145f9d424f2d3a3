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
import type { EntryPoint, Platform } from '../../protocol/page.ts';
import type { Feature, Task, WebhookObject } from '../../store/config.ts';
import { checkWorld } from './check.ts';
import { type Reader, readerOf, type WorldProblem } from './reader.ts';

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
  readonly primaryReceiver: AppId | null;
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
  /** Null: not given. */
  readonly secret: string | null;
  readonly live: boolean;
  readonly advancedAccess: readonly Feature[];
  readonly testers: readonly Psid[];
  readonly webhook: WorldWebhook | null;
  readonly pages: readonly WorldConnection[];
};

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
const FEATURES: readonly Feature[] = ['pages_messaging', 'human_agent'];
/** Longest term of an entry point, in days. */
export const MAX_ENTRY_POINT_DAYS = 30;
/** Longest that a page can have its texts kept and then blanked, in days. */
export const MAX_RETENTION_DAYS = 3_650;

/** The world, or everything that is wrong with it. */
export function parseWorld(
  text: string,
  { sandbox }: WorldOptions,
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
    apps: root.objects('apps', (reader) => readApp(reader, sandbox)),
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
  reader.choice('mode', ['handover'], 'handover');
  // [R1] Of Conversation Routing: read, so that a mistake is told, and without effect under `handover`.
  if (reader.has('default_app')) reader.id('default_app', parseAppId);
  const idle = reader.choice('idle_channel', ['standby', 'messaging'], null);
  return {
    path: reader.path,
    id: bad(reader.id('id', parsePageId)),
    name: reader.text('name'),
    platform: reader.choice('platform', ['messenger', 'instagram'], 'messenger') ?? 'messenger',
    primaryReceiver: reader.has('primary_receiver') ? reader.id('primary_receiver', parseAppId) : null,
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

/** Outside a sandbox nothing is granted by saying nothing: not to be live, nor a feature. */
function readApp(reader: Reader, sandbox: boolean): WorldApp {
  const webhook = reader.object('webhook');
  return {
    path: reader.path,
    id: bad(reader.id('id', parseAppId)),
    name: reader.text('name'),
    secret: reader.has('secret') ? reader.text('secret') : null,
    live: reader.flag('live', sandbox),
    advancedAccess: oneOf(reader, 'advanced_access', FEATURES, sandbox ? FEATURES : []),
    testers: readPsids(reader, 'testers'),
    webhook: webhook === null ? null : readWebhook(webhook),
    pages: reader.objects('pages', readConnection),
  };
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
  // [R3] The same.
  reader.flag('take_control', true);
  reader.flag('standby_access', true);
  return {
    path: reader.path,
    page: bad(reader.id('id', parsePageId)),
    person: reader.has('person') ? reader.id('person', parsePersonId) : null,
    accessToken: reader.has('access_token') ? reader.text('access_token') : null,
    fields: readFields(reader, 'subscribed_fields'),
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

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
