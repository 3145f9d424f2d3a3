/** Programs written for Messenger, as they are published: nothing of them is changed but the address of the Graph. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const BOT_FOLDER = path.join(import.meta.dirname, 'faq-bot');
/** Longer than anything here takes; a test fails by then. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 20;

type Answered = Readonly<Record<string, unknown>>;

/** What is used of the client; the package has types, and is itself not to be needed by the product's type check. */
export type MessengerClient = {
  readonly axios: { post(path: string, body: object): Promise<{ readonly data: Answered }> };
  sendText(psid: string, text: string): Promise<Answered>;
  sendImage(psid: string, image: Buffer, options: { readonly filename: string }): Promise<Answered>;
  requestThreadControl(psid: string, metadata: string): Promise<Answered>;
  passThreadControl(psid: string, app: number, metadata: string): Promise<Answered>;
  takeThreadControl(psid: string, metadata: string): Promise<Answered>;
  getThreadOwner(psid: string): Promise<{ readonly appId?: string }>;
  getSecondaryReceivers(): Promise<readonly Answered[]>;
  getPageInfo(): Promise<Answered>;
  getUserProfile(psid: string): Promise<Answered>;
  debugToken(): Promise<Answered>;
  createSubscription(options: object): Promise<Answered>;
  getSubscriptions(): Promise<readonly Answered[]>;
  getPersistentMenu(): Promise<unknown>;
  sendBatch(items: readonly object[]): Promise<readonly { readonly code: number; readonly body: Answered }[]>;
};

type Package = {
  readonly MessengerClient: new (options: object) => MessengerClient;
  readonly MessengerBatch: Readonly<Record<'sendText' | 'getThreadOwner', (...asked: unknown[]) => object>> &
    Readonly<Record<'passThreadControl', (...asked: unknown[]) => object>>;
};

/** Where a file of a client lies. */
function installed(file: string): string {
  try {
    return require.resolve(file);
  } catch (cause) {
    throw new Error(`${file} is not installed: npm ci installs the clients with everything else`, { cause });
  }
}

export const loadMessagingApi = (): Package => require(installed('messaging-api-messenger'));

const bottender = (): string => path.join(path.dirname(installed('bottender/package.json')), 'bin', 'cli.js');

export type Ran = { readonly code: number | null; readonly output: string };

type Settings = Readonly<Record<string, string>>;

function start(args: readonly string[], env: Settings): ChildProcess {
  const quiet = { NO_COLOR: '1', FORCE_COLOR: '0', NO_UPDATE_NOTIFIER: '1' };
  return spawn(process.execPath, [bottender(), ...args], {
    cwd: BOT_FOLDER,
    env: { ...process.env, ...quiet, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function outputOf(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/**
 * Runs bottender's command and says yes to what it asks. It knows one address only, that of Meta's Graph: so Baton is
 * its proxy.
 */
export async function runBottender(args: readonly string[], baton: string, env: Settings = {}): Promise<Ran> {
  const child = start(args, { HTTPS_PROXY: baton, https_proxy: baton, NO_PROXY: '', no_proxy: '', ...env });
  const output = outputOf(child);
  child.stdin?.end('y\n');
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { code, output: output() };
}

export type Bot = AsyncDisposable & { readonly url: string };

/** Starts the bot of `faq-bot/` and answers when it listens. */
export async function startBot(env: Settings): Promise<Bot> {
  const port = await freePort();
  const child = start(['start', '--port', String(port)], env);
  const output = outputOf(child);
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(() => {
    if (child.exitCode !== null) throw new Error(`the bot has ended: ${output()}`);
    return output().includes('server is running');
  });
  return {
    url: `http://127.0.0.1:${port}/webhooks/messenger`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers once something holds: what another process does is seen by looking. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`not so within ${PATIENCE_MS} ms: ${holds}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}
