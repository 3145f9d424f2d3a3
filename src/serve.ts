/** The composition root: builds clock, store, delivery, runtime and http, and closes them in reverse. */

import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { directoryOf } from './delivery/directory.ts';
import { createDelivery } from './delivery/dispatcher.ts';
import { type AddressRange, anyAddress, publicAddresses } from './delivery/guard.ts';
import { createPoster } from './delivery/poster.ts';
import { CLOCK_OFFSET } from './http/sandbox/clock.ts';
import { createHttp } from './http/server.ts';
import type { Observer } from './observe/observer.ts';
import { parsePageId, parsePsid } from './protocol/ids.ts';
import { movableClock, systemClock } from './runtime/clock.ts';
import { openConfiguration } from './runtime/configuration.ts';
import { reportThread, type ThreadReport } from './runtime/report.ts';
import { createRuntime, type Runtime } from './runtime/runtime.ts';
import { loadWorld, readWorld, type WorldText } from './runtime/world/load.ts';
import type { WorldProblem } from './runtime/world/reader.ts';
import type { Store } from './store/port.ts';
import { lockFolder } from './store/sqlite/lock.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

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
  readonly observer: Observer;
};

export type Served = AsyncDisposable & { readonly url: string; readonly runtime: Runtime };

/** A world file that cannot be loaded; nothing has been. */
export class BadWorld extends Error {
  readonly file: string;
  readonly problems: readonly WorldProblem[];

  constructor(file: string, problems: readonly WorldProblem[]) {
    super(`${file}: ${problems.length} problem(s)`);
    this.name = 'BadWorld';
    this.file = file;
    this.problems = problems;
  }
}

const DATABASE = 'baton.sqlite';
const LOCK = 'server.lock';

/** Starts a server. It listens when this answers. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { observer, sandbox } = options;
  const world = options.world === null ? null : readWorldFile(options.world, sandbox);
  mkdirSync(options.data, { recursive: true });

  await using stack = new AsyncDisposableStack();
  stack.use(lockFolder(options.data, path.join(options.data, LOCK)));
  const machine = systemClock();
  const clock = movableClock(machine);
  const store = stack.use(await openSqliteStore({ path: path.join(options.data, DATABASE), now: clock.now }));
  if (sandbox) clock.advance(Number((await store.setting(CLOCK_OFFSET)) ?? 0));

  const configuration = await openConfiguration(store);
  const directory = directoryOf(configuration.current, (webhook) =>
    runtime.change((config) => {
      const known = config.webhooks.find(
        ({ app, object }) => app === webhook.app && object === webhook.object,
      );
      const same = known?.callbackUrl === webhook.callbackUrl && known.verifyToken === webhook.verifyToken;
      return { put: same ? [{ kind: 'webhook', value: { ...known, verifiedAt: clock.now() } }] : [] };
    }),
  );
  const poster = createPoster(sandbox ? anyAddress : publicAddresses(options.allowedRanges));
  const delivery = stack.use(createDelivery({ store, directory, poster, clock, machine, observer }));
  const runtime: Runtime = stack.use(createRuntime({ store, configuration, clock, observer, delivery }));

  const state = { ready: false };
  const time = sandbox ? { clock, delivery } : null;
  const http = createHttp({ runtime, sandbox: time, isReady: () => state.ready });
  stack.defer(() => http.close());

  if (world !== null) await loadWorld(runtime, world, { sandbox });
  await delivery.start();
  settleBacklog(runtime);
  runtime.sweep.start();
  await http.listen({ port: options.port, host: options.host });
  state.ready = true;

  const address = http.server.address();
  const url = `http://${options.host}:${typeof address === 'object' && address !== null ? address.port : options.port}`;
  observer.note('listening', { url, sandbox, data: options.data });
  const running = stack.move();
  return { url, runtime, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Carries out what fell due while the server was down; the answers would be right without it. */
function settleBacklog({ configuration, sweep, observer }: Runtime): void {
  const ended = configuration.current().connections.filter(({ number }) => number > 0);
  const work = [sweep.run(), ...ended.map(({ page, app }) => sweep.disconnected(page, app))];
  for (const done of work) done.catch((error: unknown) => observer.fault('sweep', error));
}

function readWorldFile(file: string, sandbox: boolean): WorldText {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BadWorld(file, [{ path: '$', message: `cannot be read: ${message}` }]);
  }
  const read = readWorld(text, { sandbox });
  if (!read.ok) throw new BadWorld(file, read.problems);
  return read.world;
}

/** Reads one thread from a data folder, beside a running server or without one. */
export async function readThreadReport(
  data: string,
  ids: { readonly page: string; readonly psid: string },
): Promise<ThreadReport | null> {
  const [page, psid] = [parsePageId(ids.page), parsePsid(ids.psid)];
  if (page === null || psid === null) return null;
  const base = systemClock();
  await using store: Store = await openSqliteStore({
    path: path.join(data, DATABASE),
    now: base.now,
    readOnly: true,
  });
  const offset = Number((await store.setting(CLOCK_OFFSET)) ?? 0);
  const configuration = await openConfiguration(store);
  return await reportThread(store, { configuration, key: { page, psid }, now: base.now() + offset });
}

export { parseRange } from './delivery/guard.ts';
export { LOG_LEVELS, logObserver } from './observe/log.ts';
