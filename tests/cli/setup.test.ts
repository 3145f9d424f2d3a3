/** A server for production that is set up by commands alone: those of docs/operating/setup.md, as they stand there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Endpoint, openEndpoint } from '../../src/testing/endpoint.ts';
import { runBaton, type ServerProcess, startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';

const PAGE = '1001';
const [BOT, DESK] = ['2001', '2002'];

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baton-setup-'));
  await writeFile(path.join(folder, 'verify.txt'), 'coffee\n');
});
after(() => rm(folder, { recursive: true, force: true }));

/** The commands of the manual's page, as lists of arguments. */
function commandsOfManual(): readonly (readonly string[])[] {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/operating/setup.md'), 'utf8');
  const lines = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  return lines.map((line) => {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    assert.equal(words[0], 'baton', line);
    return words.slice(1);
  });
}

type Played = {
  readonly data: string;
  readonly server: ServerProcess;
  readonly printed: readonly { readonly args: readonly string[]; readonly stdout: string }[];
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly secrets: ReadonlyMap<string, string>;
};

/** Runs them one after the other; an app's endpoint is there, with its secret, when its callback is set. */
async function play(stack: AsyncDisposableStack): Promise<Played> {
  const data = path.join(folder, 'data');
  const server = await startServer(['--data', data, '--host', '127.0.0.1', '--allow', '127.0.0.0/8']);
  stack.defer(async () => void (await server.end('SIGTERM')));
  const printed: { readonly args: readonly string[]; readonly stdout: string }[] = [];
  const endpoints = new Map<string, Endpoint>();
  const secrets = new Map<string, string>();
  for (const args of commandsOfManual()) {
    const app = args[2] ?? '';
    if (args.includes('--url')) {
      const opened = await openEndpoint({ secret: secrets.get(app) ?? '', verifyToken: 'coffee' });
      endpoints.set(app, stack.use(opened));
    }
    const real = args.map((arg) => {
      if (arg.startsWith('https://')) return endpoints.get(app)?.url ?? arg;
      return arg === 'verify.txt' ? path.join(folder, arg) : arg;
    });
    const ran = await runBaton([...real, '--data', data]);
    assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stderr}`);
    printed.push({ args, stdout: ran.stdout });
    const id = /App (\d+) is made/.exec(ran.stdout)?.[1];
    if (id !== undefined) secrets.set(id, /Secret: (\w+)/.exec(ran.stdout)?.[1] ?? '');
  }
  return { data, server, printed, endpoints, secrets };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

test('the manual’s commands set a production server up: control is passed, and the apps are told', async () => {
  await using stack = new AsyncDisposableStack();
  const { data, server, printed, endpoints } = await play(stack);
  const outputOf = (...words: readonly string[]): string =>
    printed.find(({ args }) => words.every((word) => args.includes(word)))?.stdout ?? '';
  assert.equal(outputOf('check'), 'Nothing was found.\n');
  const shown = outputOf('page', 'show');
  assert.match(
    shown,
    /^Kopi Senja \(1001\)\nPlatform {3}messenger\nMode {7}handover\nPrimary {4}FAQ bot \(2001\)\n/,
  );
  assert.match(shown, /Texts {6}are blanked after 90 days\n/);
  assert.match(
    shown,
    /Live desk \(2002\)\n {4}hears {4}messages, messaging_postbacks, messaging_handovers, standby\n/,
  );
  assert.match(shown, /Ana \(9001\) {2}MESSAGING, MODERATE\n/);
  assert.match(shown, /ad 777 {2}leads to FAQ bot \(2001\) for 3 days\n/);
  assert.doesNotMatch(shown, /Findings/);
  assert.match(outputOf('threads'), /^5001 {2}idle {2}general {2}has never written\n$/);

  // [P6] Named as primary receiver, the bot is told.
  const kinds = (app: string): readonly string[] => (endpoints.get(app)?.heard ?? []).map(({ kind }) => kind);
  await until(() => kinds(BOT).length > 0);
  assert.deepEqual(kinds(BOT), ['app_roles']);

  // A person passes control with the bot's token.
  const token = outputOf('token', 'create', BOT).split('\n')[0] ?? '';
  const driver = driverOf(server.url);
  const passed = await driver.graph('POST', '/v20.0/me/pass_thread_control', {
    token,
    body: { recipient: { id: '5001' }, target_app_id: DESK, metadata: 'a table for six' },
  });
  assert.deepEqual(passed, { status: 200, body: { success: true } });
  await until(() => kinds(DESK).length > 0);
  assert.deepEqual(kinds(DESK), ['pass_thread_control']);
  assert.deepEqual(
    [...endpoints.values()].map((endpoint) => endpoint.forged()),
    [0, 0],
  );

  const owned = await runBaton(['threads', PAGE, '--owner', DESK, '--data', data]);
  assert.match(owned.stdout, /^5001 {2}Live desk \(2002\) until 20\S+Z {2}general {2}has never written\n$/);
  const idle = await runBaton(['threads', PAGE, '--idle', '--data', data]);
  assert.equal(idle.stdout, 'There are no such conversations.\n');
  assert.equal(
    (await runBaton(['threads', PAGE, '--owner', '77', '--data', data])).stderr,
    'baton threads: There is no app 77\n',
  );
});

test('what is wrong is told at the start, by the check of a server, of its folder and of a world, and with the app', async () => {
  const data = path.join(folder, 'wrong');
  const world = path.join(folder, 'wrong.json');
  const fields = ['messages', 'messaging_handovers'];
  const app = (id: string, name: string) => ({
    id,
    name,
    secret: `secret-${id}`,
    live: true,
    advanced_access: ['pages_messaging'],
    webhook: { callback_url: `http://10.0.0.1/${id}` },
    pages: [{ id: PAGE, person: '9001', access_token: `token-${id}`, subscribed_fields: fields }],
  });
  await writeFile(
    world,
    JSON.stringify({
      people: [{ id: '9001', name: 'Ana' }],
      pages: [{ id: PAGE, name: 'Kopi Senja', primary_receiver: BOT, people: [{ id: '9001' }] }],
      apps: [app(BOT, 'FAQ bot'), app(DESK, 'Live desk')],
    }),
  );
  const codesIn = (stdout: string): readonly string[] =>
    [...stdout.matchAll(/^\s*(?:error|warning|note)\s+(\w+)$/gm)].map(([, code = '']) => code);
  const expected = [
    'callback_refused',
    'callback_refused',
    'standby_not_subscribed',
    'standby_not_subscribed',
  ];

  const ofWorld = await runBaton(['check', '--world', world]);
  assert.deepEqual([ofWorld.code, codesIn(ofWorld.stdout)], [1, expected]);
  assert.match(ofWorld.stdout, /\n2 errors, 2 warnings\n$/);
  const allowed = await runBaton(['check', '--world', world, '--allow', '10.0.0.0/8']);
  assert.deepEqual([allowed.code, codesIn(allowed.stdout).includes('callback_in_clear')], [0, true]);

  const start = await startServer([
    '--data',
    data,
    '--world',
    world,
    '--host',
    '127.0.0.1',
    '--log',
    'silent',
  ]);
  assert.match(
    start.printed,
    /\nThe configuration has 2 errors and 2 warnings: see baton check --data \S+wrong\n$/,
  );
  const ofServer = await runBaton(['check', '--data', data]);
  assert.equal(ofServer.code, 1);
  assert.deepEqual(
    codesIn(ofServer.stdout).filter((code) => code !== 'callback_not_verified'),
    expected,
  );
  const shown = await runBaton(['app', 'show', DESK, '--data', data]);
  assert.match(shown.stdout, /\nFindings\n {2}error/);
  assert.deepEqual(
    codesIn(shown.stdout).filter((code) => code !== 'callback_not_verified'),
    ['callback_refused', 'standby_not_subscribed'],
  );
  assert.doesNotMatch(shown.stdout, /FAQ bot/);
  await start.end('SIGTERM');

  const ofFolder = await runBaton(['check', '--data', data]);
  assert.match(ofFolder.stderr, /No server runs on/);
  assert.deepEqual(
    codesIn(ofFolder.stdout).filter((code) => code !== 'callback_not_verified'),
    expected,
  );
});

test('serve says in a line how much the check finds, and nothing of a world in order', async () => {
  const { serve } = await import('../../src/serve.ts');
  const { silentObserver } = await import('../../src/observe/observer.ts');
  const options = { port: 0, host: '127.0.0.1', allowedRanges: [], observer: silentObserver, sandbox: true };
  const findingsOf = async (name: string, world: unknown) => {
    const file = path.join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(world));
    await using served = await serve({ ...options, world: file, data: path.join(folder, name) });
    return served.findings;
  };
  const webhook = { callback_url: 'http://127.0.0.1:9/hook' };
  const page = { id: PAGE, name: 'Kopi Senja' };
  const app = { id: BOT, name: 'FAQ bot', pages: [{ id: PAGE }] };
  const inOrder = { pages: [page], apps: [{ ...app, webhook }] };
  assert.deepEqual(await findingsOf('order', inOrder), { error: 0, warning: 0, note: 0 });
  assert.deepEqual(await findingsOf('deaf', { ...inOrder, apps: [app] }), { error: 1, warning: 0, note: 0 });
});

test('wrong calls of these commands are told with exit code 2', async () => {
  const calls = [
    ['page', 'fly'],
    ['page', 'create'],
    ['page', 'set', '1'],
    ['page', 'set', '1', '--retention-days', 'long'],
    ['page', 'entry-point', '1', '--app', '2'],
    ['page', 'entry-point', '1', '--ad', '7'],
    ['page', 'entry-point', '1', '--ad', '7', '--app', '2', '--remove'],
    ['page', 'entry-point', '1', '--ad', '7', '--app', '2', '--days', 'x'],
    ['page', 'customer', '1'],
    ['page', 'routing', '1', '--to', 'zero'],
    ['page', 'routing', '--to', 'handover'],
    ['subscription', 'fly'],
    ['subscription', 'set', '1'],
    ['subscription', 'set', '1', '--page', '2', '--url', 'http://a.example/'],
    ['subscription', 'set', '1', '--url', 'http://a.example/', '--max-batch', 'x'],
    ['subscription', 'remove', '1'],
    ['app', 'permissions', '1', '2', '--take-control', 'maybe'],
    ['threads'],
    ['threads', '1', '--limit', '0'],
    ['threads', '1', '--idle', '--owner', '2'],
    ['check', 'now'],
    ['check', '--sandbox'],
    ['check', '--world', 'a', '--data', 'b'],
    ['check', '--allow', 'everything'],
    ['check', '--world', path.join(folder, 'nowhere.json')],
  ];
  const codes: unknown[] = [];
  for (const args of calls) {
    const { code, stderr } = await runBaton(args);
    codes.push([args, code]);
    assert.match(stderr, /^baton /);
  }
  assert.deepEqual(
    codes,
    calls.map((args) => [args, 2]),
  );
});

test('a data folder that is none is told in a sentence', async () => {
  const data = path.join(folder, 'nothing');
  const ran = await runBaton(['check', '--data', data]);
  assert.equal(ran.code, 1);
  const file = path.join(data, 'baton.sqlite');
  assert.equal(
    ran.stderr.split('\n').at(-2),
    `baton check: cannot open the database ${file}: there is no such file`,
  );
});
