/** Carrying a world into the store. What a world names is made as it says; what it does not name is left alone. */

import { createHash } from 'node:crypto';
import type { AppId, PersonId } from '../../protocol/ids.ts';
import { type Config, type ConfigRow, NEW_WEBHOOK, type Person } from '../../store/config.ts';
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
  const parsed = parseWorld(text, { sandbox });
  if (!parsed.ok) return parsed;
  const problems = sandbox ? [] : missingSecrets(parsed.world);
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
  const problems = takenTokens(text.world, runtime.configuration.current());
  if (problems.length > 0) return problems;
  await runtime.change((config) => wantedBy(text.world, config, options));
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

/** What a world outside a sandbox must not leave out. */
function missingSecrets(world: World): readonly WorldProblem[] {
  return world.apps.flatMap((app) => [
    ...(app.secret === null
      ? [{ path: `${app.path}.secret`, message: 'is missing; only a sandbox makes one' }]
      : []),
    ...app.pages.flatMap(({ path, accessToken, person }) =>
      accessToken !== null && person === null
        ? [{ path: `${path}.person`, message: 'is missing; only a sandbox stands in for one' }]
        : [],
    ),
  ]);
}

/** The rows that a world asks for, on top of a configuration. */
function wantedBy(world: World, config: Config, options: WorldOptions): Wanted {
  const { sandbox } = options;
  const standIn = sandbox && world.apps.some(({ pages }) => pages.some(({ person }) => person === null));
  const people = world.people.map((person): ConfigRow => {
    const known = config.people.find(({ id }) => id === person.id);
    const passwordHash = person.password === null ? null : hashPassword(person.password, known?.passwordHash);
    return { kind: 'person', value: { id: person.id, name: person.name, passwordHash } };
  });
  const put: ConfigRow[] = [
    ...(standIn ? [{ kind: 'person', value: SANDBOX_PERSON } as const] : []),
    ...people,
    ...world.pages.map((page) => pageRow(world, page, config)),
    ...world.apps.flatMap((app) => appRows(app, config, sandbox)),
  ];
  return { put, remove: superseded(world, config, put) };
}

/** [A5] Tokens of the apps that the world names, but does not give: worth nothing from now on. */
function superseded(world: World, config: Config, put: readonly ConfigRow[]): NonNullable<Wanted['remove']> {
  const given = new Set(put.flatMap((row) => (row.kind === 'token' ? [row.value.hash] : [])));
  const named = new Set(world.apps.map(({ id }) => id));
  return config.tokens
    .filter(({ hash, app }) => named.has(app) && !given.has(hash))
    .map(({ hash }) => ({ kind: 'token', key: hash }));
}

function pageRow(world: World, page: WorldPage, config: Config): ConfigRow {
  const { id, name, platform, primaryReceiver, idleChannel, retentionDays } = page;
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
      mode: 'handover',
      primaryReceiver,
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

function appRows(app: WorldApp, config: Config, sandbox: boolean): readonly ConfigRow[] {
  const { id, name, live, advancedAccess, testers, webhook } = app;
  const secret = app.secret ?? sandboxSecret(id);
  const rows: ConfigRow[] = [{ kind: 'app', value: { id, name, secret, live, advancedAccess, testers } }];
  if (webhook !== null) {
    const known = config.webhooks.find((each) => each.app === id && each.object === webhook.object);
    const same = known?.callbackUrl === webhook.callbackUrl && known.verifyToken === webhook.verifyToken;
    rows.push({
      kind: 'webhook',
      value: { app: id, ...(same ? known : NEW_WEBHOOK), ...webhook },
    });
  }
  for (const connection of app.pages) rows.push(...connectionRows(app, connection, sandbox));
  for (const old of config.connections) {
    const kept = app.pages.some(({ page }) => page === old.page);
    if (old.app === id && !kept) rows.push({ kind: 'connection', value: { ...old, subscribed: false } });
  }
  return rows;
}

function connectionRows(app: WorldApp, connection: WorldConnection, sandbox: boolean): readonly ConfigRow[] {
  const { page, fields, person } = connection;
  const rows: ConfigRow[] = [
    { kind: 'connection', value: { page, app: app.id, subscribed: true, fields, number: 0, losses: [] } },
  ];
  const token = connection.accessToken ?? (sandbox ? sandboxToken(app.id, page) : null);
  if (token === null) return rows;
  const hash = hashToken(token);
  rows.push({ kind: 'token', value: { hash, app: app.id, page, person: person ?? SANDBOX_PERSON.id } });
  return rows;
}
