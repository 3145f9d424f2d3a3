/** The composition root: builds clock, store, delivery, runtime and http, and closes them in reverse. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createDelivery } from './delivery/dispatcher.ts';
import { type AddressRange, anyAddress, publicAddresses } from './delivery/guard.ts';
import { createPoster } from './delivery/poster.ts';
import { createRateLimit, DEFAULT_RATE_LIMIT } from './http/rate-limit.ts';
import { closeHttp, createHttp } from './http/server.ts';
import { createMetrics } from './observe/metrics.ts';
import { type Observer, tellBoth } from './observe/observer.ts';
import { openTraces } from './observe/traces.ts';
import { lackingSets } from './protocol/fields.ts';
import { BadWorld, readWorldFile } from './read-world.ts';
import { readReadings } from './readings.ts';
import { checkConfiguration, countFindings } from './runtime/check/check.ts';
import type { Circumstances, Severity } from './runtime/check/finding.ts';
import { movableClock, savedOffsetMs, systemClock } from './runtime/clock.ts';
import { openConfiguration } from './runtime/configuration.ts';
import { directoryOf } from './runtime/directory.ts';
import { createRuntime, type Runtime } from './runtime/runtime.ts';
import { loadWorld } from './runtime/world/load.ts';
import { createFiles, filesIn } from './store/files.ts';
import type { Store } from './store/port.ts';
import { databaseIn, FOLDER_KIND, lockFolder } from './store/sqlite/folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { type KeySource, openVault } from './vault-key.ts';

export type ServeOptions = {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** A folder, made when missing. */
  readonly data: string;
  /** The path of a world file, or null. */
  readonly world: string | null;
  readonly sandbox: boolean;
  /** Ranges of addresses that are not public and may be posted to all the same; a sandbox posts to any. */
  readonly allowedRanges: readonly AddressRange[];
  /** Under which address customers reach this server, without a slash at its end; absent: the one that a call was made to. */
  readonly publicUrl?: string;
  /** Where the key of the secrets is; absent: in the data folder, made when missing. */
  readonly key?: Pick<KeySource, 'keyFile' | 'variable'>;
  /** Most calls a second of one app on one page; 0: any number. Null: the default, which is none in a sandbox. */
  readonly rateLimit?: number | null;
  /** Whether anybody may read the metrics; else the operator only. */
  readonly metricsOpen?: boolean;
  readonly observer: Observer;
};

export type Served = AsyncDisposable & {
  readonly url: string;
  readonly runtime: Runtime;
  /** What the check of the configuration found when it listened. Callbacks that are just being verified do not count. */
  readonly findings: Readonly<Record<Severity, number>>;
};

/** Of the operator's token, which is made anew at each start and kept in the data folder. */
const TOKEN_BYTES = 24;
const NO_KEY = { keyFile: null, variable: undefined };

/** Starts a server. It listens when this answers. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { sandbox } = options;
  const metrics = createMetrics();
  const observer = { ...tellBoth(metrics.observer, options.observer), traces: await openTraces() };
  const world = options.world === null ? null : readWorldFile(options.world, sandbox);
  mkdirSync(options.data, { recursive: true });

  await using stack = new AsyncDisposableStack();
  stack.use(lockFolder(options.data));
  const machine = systemClock();
  const clock = movableClock(machine);
  const { vault, isBesideData } = openVault({ data: options.data, ...(options.key ?? NO_KEY) });
  const store = stack.use(await openSqliteStore({ path: databaseIn(options.data), now: clock.now, vault }));
  await claimFolder(store, options);
  clock.advance(await savedOffsetMs(store));

  const configuration = await openConfiguration(store);
  const directory = directoryOf(() => runtime);
  const mayDial = sandbox ? anyAddress : publicAddresses(options.allowedRanges);
  const poster = createPoster(mayDial);
  const delivery = stack.use(createDelivery({ store, directory, poster, clock, machine, observer }));
  const files = createFiles(filesIn(options.data));
  const runtime: Runtime = stack.use(
    createRuntime({ store, configuration, clock, observer, delivery, files }),
  );

  const circumstances = (): Circumstances => {
    const open = delivery.standing().filter(({ isBreakerOpen }) => isBreakerOpen);
    return { now: clock.now(), sandbox, mayDial, openBreakers: new Set(open.map(({ name }) => name)) };
  };
  const state = { ready: false };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const callsPerSecond = options.rateLimit ?? (sandbox ? 0 : DEFAULT_RATE_LIMIT);
  const http = createHttp({
    runtime,
    delivery,
    operatorToken: token,
    sandbox: sandbox ? { clock, delivery } : null,
    isReady: () => state.ready,
    version: readVersion(),
    circumstances,
    publicUrl: options.publicUrl ?? null,
    rateLimit: createRateLimit(callsPerSecond, machine, observer),
    metrics: {
      isOpen: options.metricsOpen === true,
      async read() {
        const families = metrics.families(await readReadings({ runtime, delivery, clock, machine }));
        const { expose } = await import('./observe/exposition.ts');
        return expose(families);
      },
    },
  });
  stack.defer(() => closeHttp(http));

  if (world !== null && options.world !== null) {
    const problems = await loadWorld(runtime, world, { sandbox });
    if (problems.length > 0) throw new BadWorld(options.world, problems);
  }
  // Nobody is told anything before it is known that this server can be reached.
  await http.listen({ port: options.port, host: options.host });
  await delivery.start();
  runtime.sweep.start();
  await runtime.resume();
  warnOfSubscriptions(runtime);
  if (isBesideData && !sandbox) warnOfKey(options);
  state.ready = true;
  const url = announce(options, http.server.address(), { token, observer });
  const findings = checkConfiguration(configuration.current(), circumstances());
  const running = stack.move();
  return {
    url,
    runtime,
    findings: countFindings(findings.filter(({ code }) => code !== 'callback_not_verified')),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Writes down where the server is, for the operator's commands. */
function announce(
  { host, port, data, sandbox }: ServeOptions,
  bound: AddressInfo | string | null,
  { token, observer }: { readonly token: string; readonly observer: Observer },
): string {
  const url = `http://${host}:${typeof bound === 'object' && bound !== null ? bound.port : port}`;
  writeFileSync(path.join(data, 'operator.json'), JSON.stringify({ url, token }), { mode: 0o600 });
  observer.note('listening', { url, sandbox, data });
  return url;
}

/** What a folder is for is settled at its first start: a sandbox's clock, tokens and secrets are not for production. */
async function claimFolder(store: Store, { data, sandbox }: ServeOptions): Promise<void> {
  const kind = sandbox ? 'sandbox' : 'production';
  const known = await store.setting(FOLDER_KIND);
  if (known === null) await store.saveSetting(FOLDER_KIND, kind);
  else if (known !== kind) {
    throw new Error(`the data folder ${data} is one for ${known}: give this server another with --data`);
  }
}

function warnOfKey({ data, observer }: ServeOptions): void {
  const message = 'the key of the secrets lies in the data folder: keep it apart from backups, or move it';
  observer.warning(message, { key: path.join(data, 'key') });
}

/** [W1] An app that lacks a set of webhooks is told of in the log. */
function warnOfSubscriptions({ configuration, observer }: Runtime): void {
  for (const { id } of configuration.current().pages) {
    for (const connection of configuration.page(id)?.connections ?? []) {
      const lacks = lackingSets(connection);
      if (lacks.length === 0) continue;
      observer.warning('an app will not hear everything', { page: id, app: connection.app, lacks });
    }
  }
}

/** As `package.json` names it, beside `src` and beside what is built of it. */
function readVersion(): string {
  const text = readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8');
  return String((JSON.parse(text) as { readonly version?: unknown }).version);
}

export { parseRange } from './delivery/guard.ts';
export { LOG_LEVELS, logObserver } from './observe/log.ts';
export { BadWorld } from './read-world.ts';
export { BadKey, KEY_VARIABLE } from './vault-key.ts';
