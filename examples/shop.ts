/** Opens the coffee shop: the sandbox server and both apps, each a program of its own. Used by start.ts and demo.ts. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = path.resolve(import.meta.dirname, '..');
const WORLD_FILE = path.join(ROOT, 'examples/coffee-shop/world.json');
const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 25;

export type Ports = { readonly baton: number; readonly faqBot: number; readonly liveDesk: number };

export type World = {
  readonly pages: readonly [{ readonly id: string; readonly name: string }];
  readonly apps: readonly [WorldApp, WorldApp];
  readonly customers: readonly { readonly psid: string; readonly name: string }[];
};
type WorldApp = {
  readonly id: string;
  readonly name: string;
  readonly webhook: { readonly callback_url: string };
  readonly pages: readonly [{ readonly access_token: string }];
};

/** A line that a program wrote: `<instant> <text>`. */
export type ProgramLine = { readonly program: string; readonly at: number; readonly text: string };

export type Shop = {
  readonly url: string;
  /** Rejects with `ProgramEnded` when one of the programs ends by itself; never resolves. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
};

/** A mistake of the surroundings, told without a stack. */
export class CannotOpen extends Error {}

export class ProgramEnded extends Error {
  readonly exitCode: number;

  constructor(program: string, code: number | null, signal: string | null) {
    super(`${program} has ended (${signal ?? `exit code ${code}`})`);
    this.exitCode = code === null || code === 0 ? 1 : code;
  }
}

export const readWorld = (): World => JSON.parse(readFileSync(WORLD_FILE, 'utf8')) as World;

/** The ports that the world file gives to the apps. */
export function appPorts({ apps: [faqBot, liveDesk] }: World): Omit<Ports, 'baton'> {
  const portOf = (app: WorldApp): number => Number(new URL(app.webhook.callback_url).port);
  return { faqBot: portOf(faqBot), liveDesk: portOf(liveDesk) };
}

export async function openShop(
  ports: Ports,
  { data, heard }: { readonly data: string; readonly heard: (line: ProgramLine) => void },
): Promise<Shop> {
  for (const port of Object.values(ports)) await mustBeFree(port);
  const world = worldFileFor(ports, data);
  const url = `http://127.0.0.1:${ports.baton}`;
  const children: ChildProcess[] = [];
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  let closing = false;

  function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    child.once('error', ended.reject);
    child.once('exit', (code, signal) => {
      if (!closing) ended.reject(new ProgramEnded(program, code, signal));
    });
    return child;
  }

  /** Starts an app, and waits for its first line: it listens. */
  async function startApp(program: string, file: string, port: number): Promise<void> {
    const env = { BATON_URL: url, PORT: String(port) };
    const { stdout } = start(program, [path.join(ROOT, 'examples/coffee-shop', file)], env);
    const listening = Promise.withResolvers<void>();
    if (stdout === null) throw new Error(`${program} has no standard output`);
    createInterface({ input: stdout }).on('line', (line) => {
      listening.resolve();
      const space = line.indexOf(' ');
      heard({ program, at: Date.parse(line.slice(0, space)), text: line.slice(space + 1) });
    });
    await Promise.race([listening.promise, ended.promise]);
  }

  async function close(): Promise<void> {
    closing = true;
    await Promise.all(children.toReversed().map(stop));
  }

  try {
    const [faqBot, liveDesk] = readWorld().apps;
    // The apps first, so that Baton finds them listening when it verifies their callbacks.
    await Promise.all([
      startApp(faqBot.name, 'faq-bot.ts', ports.faqBot),
      startApp(liveDesk.name, 'live-desk.ts', ports.liveDesk),
    ]);
    const options = [
      '--sandbox',
      '--world',
      world,
      '--data',
      data,
      '--port',
      String(ports.baton),
      '--log',
      'silent',
    ];
    start('Baton', ['src/main.ts', 'serve', ...options]).stdout?.resume();
    await Promise.race([untilReady(url, () => closing), ended.promise]);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, broken: ended.promise, close };
}

/** The world file itself; where the apps listen elsewhere than it says, a copy of it with their addresses. */
function worldFileFor(ports: Ports, data: string): string {
  const world = readWorld();
  const own = appPorts(world);
  if (own.faqBot === ports.faqBot && own.liveDesk === ports.liveDesk) return WORLD_FILE;
  const [faqBot, liveDesk] = world.apps.map((app, index) => ({
    ...app,
    webhook: {
      ...app.webhook,
      callback_url: `http://127.0.0.1:${index === 0 ? ports.faqBot : ports.liveDesk}/webhook`,
    },
  }));
  const file = path.join(data, 'world.json');
  mkdirSync(data, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...world, apps: [faqBot, liveDesk] }, null, 2));
  return file;
}

async function untilReady(url: string, isGivenUp: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && !isGivenUp()) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await sleep(POLL_MS);
  }
  throw new CannotOpen(`Baton was not ready after ${READY_TIMEOUT_MS / 1_000} s`);
}

async function mustBeFree(port: number): Promise<void> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).listen(port, '127.0.0.1', listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CannotOpen(`Port ${port} ${code === 'EADDRINUSE' ? 'is in use' : `cannot be used: ${code}`}.`);
  }
  await new Promise((resolve) => server.close(resolve));
}

/** Ports that nobody listens on now. */
export async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [baton = 0, faqBot = 0, liveDesk = 0] = ports;
  return { baton, faqBot, liveDesk };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(timer);
}
