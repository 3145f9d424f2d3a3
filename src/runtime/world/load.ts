/** Carrying a world into the store. What a world names is made as it says; what it does not name is left alone. */

import { createHash } from 'node:crypto';
import { type AppId, isInbox, type PageId, type PersonId } from '../../protocol/ids.ts';
import type { Instant } from '../../protocol/time.ts';
import type { PageToken } from '../../store/access.ts';
import {
  ALL_FEATURES,
  type AppRecord,
  type Config,
  type ConfigRow,
  NEW_APP,
  NEW_WEBHOOK,
  PERMISSION_NAMES,
  type Person,
} from '../../store/config.ts';
import { hashPassword } from '../passwords.ts';
import type { Wanted } from '../plan.ts';
import type { Runtime } from '../runtime.ts';
import { hashToken } from '../tokens.ts';
import {
  parseWorld,
  type World,
  type WorldApp,
  type WorldConnection,
  type WorldOptions,
  type WorldPage,
} from './parse.ts';
import type { WorldProblem } from './reader.ts';

/** What a sandbox gives to an app that the world says nothing of. */
const sandboxSecret = (app: AppId): string => `sandbox-secret-${app}`;
const sandboxToken = (app: AppId, page: string): string => `sandbox-token-${app}-${page}`;
/** [A1] The person who stands behind a token for which the world names nobody: any task on the page. */
const SANDBOX_PERSON: Person = {
  id: '100000000000001' as PersonId,
  name: 'Sandbox operator',
  passwordHash: null,
};

/** A world that has been read, and a short name for its text. */
export type WorldText = { readonly world: World; readonly fingerprint: string };

/** The world in a text, or everything that is wrong with it. */
export function readWorld(
  text: string,
  { sandbox }: WorldOptions,
):
  | { readonly ok: true; readonly world: WorldText }
  | { readonly ok: false; readonly problems: readonly WorldProblem[] } {
  const parsed = parseWorld(text);
  if (!parsed.ok) return parsed;
  const problems = sandbox ? [] : missingPeople(parsed.world);
  if (problems.length > 0) return { ok: false, problems };
  const fingerprint = createHash('sha256').update(text).digest('hex');
  return { ok: true, world: { world: parsed.world, fingerprint } };
}

/** The setting that names the world loaded last. */
const LOADED_WORLD = 'loaded_world';
const CUSTOMERS_AT_ONCE = 64;

/**
 * Loads a world. The text that was loaded last changes nothing: what has been changed since by calls stays changed.
 * A crash half-way is made good by the next start. Answers what is wrong with it, here and now; then nothing is loaded.
 */
export async function loadWorld(
  runtime: Runtime,
  text: WorldText,
  options: WorldOptions,
): Promise<readonly WorldProblem[]> {
  if ((await runtime.store.setting(LOADED_WORLD)) === text.fingerprint) return [];
  const current = runtime.configuration.current();
  const problems = [
    ...takenTokens(text.world, current),
    ...(options.sandbox ? [] : missingSecrets(text.world, current)),
  ];
  if (problems.length > 0) return problems;
  await runtime.change((config) => wantedBy(text.world, config, { ...options, now: runtime.clock.now() }));
  for (let from = 0; from < text.world.customers.length; from += CUSTOMERS_AT_ONCE) {
    const group = text.world.customers.slice(from, from + CUSTOMERS_AT_ONCE);
    await Promise.all(
      group.map(({ page, psid, name }) =>
        runtime.threads.handle({ page, psid }, { type: 'introduce', name }),
      ),
    );
  }
  await runtime.store.saveSetting(LOADED_WORLD, text.fingerprint);
  return [];
}

/** [A5] Tokens that an app has which the world does not name: they cannot become another's. */
function takenTokens(world: World, config: Config): readonly WorldProblem[] {
  const named = new Set(world.apps.map(({ id }) => id));
  return world.apps.flatMap(({ pages }) =>
    pages.flatMap(({ path, accessToken }) => {
      const hash = accessToken === null ? null : hashToken(accessToken);
      const holder = config.tokens.find((token) => token.hash === hash);
      if (holder === undefined || named.has(holder.app)) return [];
      return [{ path: `${path}.access_token`, message: `is the token of app ${holder.app} already` }];
    }),
  );
}

/** What a world outside a sandbox must not leave out: people behind tokens, and secrets of apps that are new. */
const missingPeople = (world: World): readonly WorldProblem[] =>
  world.apps.flatMap(({ pages }) =>
    pages.flatMap(({ path, accessToken, person }) =>
      accessToken !== null && person === null
        ? [{ path: `${path}.person`, message: 'is missing; only a sandbox stands in for one' }]
        : [],
    ),
  );
const missingSecrets = (world: World, { apps }: Config): readonly WorldProblem[] =>
  world.apps
    .filter(({ id, secret }) => secret === null && !apps.some((app) => app.id === id))
    .map(({ path }) => ({ path: `${path}.secret`, message: 'is missing; only a sandbox makes one' }));

/** The rows that a world asks for, on top of a configuration. */
export async function wantedBy(
  world: World,
  config: Config,
  { sandbox, now }: WorldOptions & Now,
): Promise<Wanted> {
  const standIn = sandbox && world.apps.some(({ pages }) => pages.some(({ person }) => person === null));
  const people = await Promise.all(world.people.map((person) => personRow(person, config)));
  const put: ConfigRow[] = [
    ...(standIn ? [{ kind: 'person', value: SANDBOX_PERSON } as const] : []),
    ...people,
    ...world.pages.map((page) => pageRow(world, page, config)),
    ...world.apps.flatMap((app) => appRows(app, config, { sandbox, now })),
  ];
  return { put, remove: superseded(world, config, put) };
}

async function personRow(
  { id, name, password }: World['people'][number],
  config: Config,
): Promise<ConfigRow> {
  const hash = config.people.find((each) => each.id === id)?.passwordHash ?? null;
  const passwordHash = password === null ? hash : await hashPassword(password, hash);
  return { kind: 'person', value: { id, name, passwordHash } };
}

/** [A5] Tokens that a world gave to apps which this one names, and does not give: worth nothing from now on. */
function superseded(world: World, config: Config, put: readonly ConfigRow[]): NonNullable<Wanted['remove']> {
  const given = new Set(put.flatMap((row) => (row.kind === 'token' ? [row.value.hash] : [])));
  const named = new Set(world.apps.map(({ id }) => id));
  return config.tokens
    .filter((token) => token.kind === 'page' && token.source === 'world' && named.has(token.app))
    .filter(({ hash }) => !given.has(hash))
    .map(({ hash }) => ({ kind: 'token', key: hash }));
}

function pageRow(world: World, page: WorldPage, config: Config): ConfigRow {
  const { id, name, platform, mode, idleChannel, retentionDays } = page;
  const version = config.pages.find((each) => each.id === id)?.version ?? 0;
  const needsStandIn = world.apps.some(({ pages }) =>
    pages.some((connection) => connection.page === id && connection.person === null),
  );
  const people = page.people.map(({ person, tasks }) => ({ person, tasks }));
  return {
    kind: 'page',
    value: {
      id,
      name,
      platform,
      mode,
      switches: { number: 0, at: 0 },
      lead: leadOf(page),
      idleChannel,
      entryPoints: page.entryPoints.map(({ source, key, app, days }) => ({ source, key, app, days })),
      people: needsStandIn
        ? [...people, { person: SANDBOX_PERSON.id, tasks: ['MESSAGING', 'MODERATE', 'MANAGE'] }]
        : people,
      retentionDays,
      version,
    },
  };
}

/**
 * [P1, R1] A page may name the primary receiver for one mode and the default app for the other; that of its mode
 * counts. The inbox as default app is what naming none means.
 */
function leadOf({ mode, primaryReceiver, defaultApp }: WorldPage): AppId | null {
  if (mode === 'handover') return primaryReceiver;
  return defaultApp !== null && isInbox(defaultApp) ? null : defaultApp;
}

type Now = { readonly now: Instant };

/**
 * What an app is that the world says little of: as it was; else in a sandbox everything is granted, and elsewhere
 * nothing by saying nothing, not to be live, nor a feature.
 */
function appRow(app: WorldApp, { apps }: Config, sandbox: boolean): AppRecord {
  const { id, name, roles } = app;
  const known = apps.find((each) => each.id === id);
  const before = known ?? { ...NEW_APP, live: sandbox, advancedAccess: sandbox ? ALL_FEATURES : [] };
  const secret = app.secret ?? known?.secret ?? sandboxSecret(id);
  return {
    id,
    name,
    secret,
    previousSecret: secret === known?.secret ? known.previousSecret : null,
    live: app.live ?? before.live,
    advancedAccess: app.advancedAccess ?? before.advancedAccess,
    testers: app.testers ?? before.testers,
    roles: roles?.map(({ person, role }) => ({ person, role })) ?? before.roles,
    redirectUris: app.redirectUris ?? before.redirectUris,
  };
}

function appRows(app: WorldApp, config: Config, options: WorldOptions & Now): readonly ConfigRow[] {
  const { id, webhook } = app;
  const rows: ConfigRow[] = [{ kind: 'app', value: appRow(app, config, options.sandbox) }];
  if (webhook !== null) {
    const known = config.webhooks.find((each) => each.app === id && each.object === webhook.object);
    const same = known?.callbackUrl === webhook.callbackUrl && known.verifyToken === webhook.verifyToken;
    rows.push({
      kind: 'webhook',
      value: { app: id, ...(same ? known : NEW_WEBHOOK), ...webhook },
    });
  }
  for (const connection of app.pages) rows.push(...connectionRows(app, connection, { config, ...options }));
  for (const old of config.connections) {
    const kept = app.pages.some(({ page }) => page === old.page);
    if (old.app === id && !kept) rows.push({ kind: 'connection', value: { ...old, subscribed: false } });
  }
  return rows;
}

function connectionRows(
  app: WorldApp,
  connection: WorldConnection,
  { config, sandbox, now }: { readonly config: Config } & WorldOptions & Now,
): readonly ConfigRow[] {
  const { page, fields, person, permissions, takeControl, standbyAccess } = connection;
  const rows: ConfigRow[] = [
    {
      kind: 'connection',
      value: {
        page,
        app: app.id,
        subscribed: true,
        permissions,
        takeControl,
        standbyAccess,
        fields,
        number: 0,
        losses: [],
      },
    },
  ];
  const token = connection.accessToken ?? (sandbox ? sandboxToken(app.id, page) : null);
  if (token === null) return rows;
  const value = worldToken(token, config, { app: app.id, page, person: person ?? SANDBOX_PERSON.id, now });
  return [...rows, { kind: 'token', value }];
}

/** A token that the world gives, with all permissions; those of the connection say what it is good for. */
function worldToken(
  text: string,
  config: Config,
  { now, ...of }: { readonly app: AppId; readonly page: PageId; readonly person: PersonId } & Now,
): PageToken {
  const hash = hashToken(text);
  const issuedAt = config.tokens.find((each) => each.hash === hash)?.issuedAt ?? now;
  const source = { source: 'world', parent: null } as const;
  return { kind: 'page', hash, ...of, scopes: PERMISSION_NAMES, issuedAt, expiresAt: null, ...source };
}
