/** People, apps, tokens and secrets as an operator manages them, and the key that secrets are sealed with. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseDurationMs } from '../../src/cli/durations.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import { newKeyText } from '../../src/runtime/vault.ts';
import { readWorld } from '../../src/runtime/world/load.ts';
import { serve } from '../../src/serve.ts';
import { runBaton, startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, openShop, PAGE, secretOf, shopWorld, tokenOf } from '../http/shop.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baton-access-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs a command on a data folder; what does not end well is an error. */
async function baton(data: string, ...args: string[]): Promise<string> {
  const ran = await runBaton([...args, '--data', data]);
  assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

test('[A1, A5] baton token and baton person: a token is shown once, and goes with the task or when it is revoked', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const { data } = shop.baton;
  const owners = ['--app', BOT, '--page', PAGE, '--person', '9002'];
  assert.match(await baton(data, 'person', 'set', '9002', '--name', 'Budi’s sister'), /no password/);
  assert.match((await runBaton(['token', 'create', ...owners, '--data', data])).stderr, /no task/);
  assert.match(
    await baton(data, 'person', 'tasks', '9002', PAGE, '--set', 'MODERATE,MESSAGING'),
    /MESSAGING, MODERATE/,
  );
  const [token = '', told = ''] = (await baton(data, 'token', 'create', ...owners)).split('\n');
  const id = /token revoke (\w+)/.exec(told)?.[1] ?? '';
  const status = async () => (await shop.baton.graph('GET', '/me', { token })).status;
  assert.equal(await status(), 200);
  await baton(data, 'person', 'tasks', '9002', PAGE, '--set', '');
  assert.equal(await status(), 403);
  await baton(data, 'person', 'tasks', '9002', PAGE, '--set', 'MODERATE');
  assert.equal(await status(), 200);
  const list = await baton(data, 'token', 'list', '--person', '9002');
  assert.match(
    list,
    new RegExp(`${id}  page  app ${BOT}  page ${PAGE}  person 9002  operator  until revoked`),
  );
  assert.ok(!list.includes(token));
  assert.match(await baton(data, 'token', 'revoke', id), /1 tokens/);
  assert.equal(await status(), 400);
  assert.equal((await runBaton(['token', 'revoke', id, '--data', data])).code, 1);
  assert.match(await baton(data, 'token', 'revoke', '--app', BOT), /1 tokens/);
  assert.equal((await shop.baton.graph('GET', '/me', { token: tokenOf(BOT) })).status, 400);
  assert.match(await baton(data, 'person', 'list'), /9001 {2}Ana.*\n.*Kopi Senja: /);
});

test('[A3, A4] baton app review: what was asked for is shown, granted, rejected and taken away', async () => {
  await using shop = await openShop({ apps: [BOT, DESK], more: { [DESK]: { advanced_access: [] } } });
  const { data } = shop.baton;
  await shop.baton.graph('POST', `/${DESK}/review_requests`, {
    token: `${DESK}|${secretOf(DESK)}`,
    body: { feature: 'pages_messaging', note: 'Our people answer' },
  });
  assert.match(await baton(data, 'app', 'list'), /Live desk {2}1 to review/);
  assert.match(
    await baton(data, 'app', 'review', DESK),
    /pages_messaging {2}open\n {4}asks: Our people answer/,
  );
  await shop.says('Hello');
  const text = { message: { text: 'Hi' } };
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal((await shop.post(DESK, 'messages', text)).status, 403);
  const granted = await baton(data, 'app', 'review', DESK, '--grant', 'pages_messaging', '--reason', 'fine');
  assert.match(granted, /Features {3}pages_messaging\n/);
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK });
  assert.equal((await shop.post(DESK, 'messages', text)).status, 200);
  assert.match(await baton(data, 'app', 'review', DESK, '--reject', 'pages_messaging'), /Features {3}none\n/);
  assert.equal((await shop.post(DESK, 'messages', text)).status, 403);
});

test('baton app: made, set, live, roles, permissions, another secret', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const { data } = shop.baton;
  const made = await baton(
    data,
    'app',
    'create',
    'New app',
    '--id',
    '2777',
    '--redirect-uri',
    'https://a.example/b',
  );
  const secret = /Secret: (\w+)/.exec(made)?.[1] ?? '';
  const status = async (with_: string) =>
    (await shop.baton.graph('GET', '/2777', { token: `2777|${with_}` })).status;
  assert.equal(await status(secret), 200);
  assert.match(await baton(data, 'app', 'live', '2777', 'on'), /State {6}live/);
  assert.match(
    await baton(data, 'app', 'set', '2777', '--testers', '5001,5002', '--name', 'Named'),
    /Named.*\n(.*\n)*Testers {4}5001, 5002/,
  );
  assert.match(await baton(data, 'app', 'set', '2777', '--testers', ''), /Testers {4}none/);
  assert.match(await baton(data, 'app', 'role', '2777', '9001', 'admin'), /Roles {6}9001 admin/);
  assert.match(await baton(data, 'app', 'role', '2777', '9001', 'none'), /Roles {6}none/);
  assert.match(
    await baton(data, 'app', 'permissions', BOT, PAGE, '--set', 'pages_show_list'),
    /1001 {2}subscribed {2}pages_show_list\n/,
  );
  const rotated = await baton(data, 'app', 'rotate-secret', '2777', '--grace', '1h');
  const fresh = /: (\w+)\n/.exec(rotated)?.[1] ?? '';
  assert.match(rotated, /good until 20/);
  assert.deepEqual([await status(secret), await status(fresh)], [200, 200]);
  const shown = await baton(data, 'app', 'show', '2777');
  assert.match(shown, /the one before is good until/);
  assert.ok(!shown.includes(fresh) && !shown.includes(secret));
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 3_600_000 });
  assert.deepEqual([await status(secret), await status(fresh)], [400, 200]);
});

test('wrong calls of these commands are told with exit code 2', async () => {
  const calls = [
    ['app', 'fly'],
    ['app', 'live', '1'],
    ['app', 'live', '1', 'maybe'],
    ['app', 'set', '1'],
    ['app', 'permissions', '1', '2'],
    ['app', 'rotate-secret', '1', '--grace', 'soon'],
    ['app', 'review', '1', '--grant', 'a', '--reject', 'b'],
    ['app', 'review', '1', '--reason', 'why'],
    ['person', 'fly'],
    ['person', 'tasks', '1', '2'],
    ['token', 'fly'],
    ['token', 'create', '--app', '1'],
    ['token', 'revoke'],
    ['rekey'],
  ];
  const codes = await Promise.all(calls.map(async (args) => [args, (await runBaton(args)).code]));
  assert.deepEqual(
    codes,
    calls.map((args) => [args, 2]),
  );
});

test('durations are read as people write them', () => {
  assert.deepEqual(
    ['0', '90s', '30m', '24h', '7d'].map(parseDurationMs),
    [0, 90_000, 1_800_000, 86_400_000, 604_800_000],
  );
  for (const text of ['', '1', 'h', '-1h', '1.5h', '1w', '1 h'])
    assert.equal(parseDurationMs(text), null, text);
});

const people = [{ id: '9', name: 'Ana' }];
const BAD_WORLDS: readonly (readonly [string, unknown, RegExp])[] = [
  [
    'a role that is none',
    { people, apps: [{ id: '2', name: 'B', roles: [{ person: '9', role: 'king' }] }] },
    /roles\[0\]\.role must be one of admin/,
  ],
  [
    'a role of nobody',
    { apps: [{ id: '2', name: 'B', roles: [{ person: '9', role: 'admin' }] }] },
    /\$\.apps\[0\]\.roles\[0\]\.person/,
  ],
  [
    'two roles of one person',
    {
      people,
      apps: [
        {
          id: '2',
          name: 'B',
          roles: [
            { person: '9', role: 'admin' },
            { person: '9', role: 'tester' },
          ],
        },
      ],
    },
    /declared twice/,
  ],
  [
    'a way back that is no address',
    { apps: [{ id: '2', name: 'B', redirect_uris: ['javascript:alert(1)'] }] },
    /\$\.apps\[0\]\.redirect_uris\[0\]/,
  ],
  [
    'a way back with a fragment',
    { apps: [{ id: '2', name: 'B', redirect_uris: ['https://a.example/#b'] }] },
    /fragment/,
  ],
];

for (const [what, world, named] of BAD_WORLDS) {
  test(`a world with ${what} is told by its path`, () => {
    const read = readWorld(JSON.stringify(world), { sandbox: true });
    assert.ok(!read.ok);
    assert.match(read.problems.map(({ path: at, message }) => `${at} ${message}`).join('\n'), named);
  });
}

test('[A3] outside a sandbox an app is in development and has no feature, unless the world says so', async () => {
  const data = path.join(folder, 'bare');
  const world = path.join(folder, 'bare.json');
  await writeFile(world, JSON.stringify({ apps: [{ id: BOT, name: 'Bare', secret: 'a secret' }] }));
  const server = await startServer(['--data', data, '--world', world, '--host', '127.0.0.1']);
  const shown = await baton(data, 'app', 'show', BOT);
  assert.match(shown, /State {6}in development.*\nFeatures {3}none\n/);
  await server.end('SIGTERM');
});

/** A world for production, in a folder of its own. */
async function furnish(name: string): Promise<{ readonly data: string; readonly world: string }> {
  const data = path.join(folder, name);
  const world = path.join(folder, `${name}.json`);
  await writeFile(world, JSON.stringify(shopWorld({ [BOT]: 'http://127.0.0.1:9/hook' }, { apps: [BOT] })));
  return { data, world };
}

test('[A5] a copy of the database shows no secret and no token that is good for anything', async () => {
  const { data, world } = await furnish('copied');
  const server = await startServer(['--data', data, '--world', world, '--host', '127.0.0.1']);
  const driver = driverOf(server.url);
  const texts = [tokenOf(BOT), secretOf(BOT), '"verify"'];
  const owners = ['--app', BOT, '--page', PAGE, '--person', '9001'];
  const token = (await baton(data, 'token', 'create', ...owners)).split('\n')[0] ?? '';
  const rotated = /: (\w+)\n/.exec(await baton(data, 'app', 'rotate-secret', BOT))?.[1] ?? '';
  const made = /Secret: (\w+)/.exec(await baton(data, 'app', 'create', 'More'))?.[1] ?? '';
  texts.push(token, rotated, made);
  for (const each of texts) assert.ok(each.length >= 8, each);
  assert.equal((await driver.graph('GET', '/me', { token })).status, 200);
  const search = (): readonly string[] =>
    readdirSync(data)
      .filter((name) => name.startsWith('baton.sqlite'))
      .flatMap((name) => {
        const bytes = readFileSync(path.join(data, name));
        const stand = (text: string): boolean =>
          bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));
        return texts.filter(stand).map((text) => `${name}: ${text}`);
      });
  assert.ok(existsSync(path.join(data, 'baton.sqlite-wal')));
  assert.deepEqual(search(), []);
  await baton(data, 'token', 'revoke', '--app', BOT);
  await server.end('SIGKILL');
  assert.deepEqual(search(), [], 'nor after a crash');
  const again = await startServer(['--data', data, '--host', '127.0.0.1']);
  assert.equal(
    (await driverOf(again.url).graph('GET', `/${BOT}`, { token: `${BOT}|${rotated}` })).status,
    200,
  );
  await again.end('SIGTERM');
  assert.deepEqual(search(), []);
});

test('the key is made at the first start, for its owner only; without it, or with another, serve ends before it listens', async () => {
  const { data, world } = await furnish('keyed');
  const own = path.join(data, 'key');
  await (await startServer(['--data', data, '--world', world, '--host', '127.0.0.1'])).end('SIGTERM');
  assert.equal(statSync(own).mode & 0o777, 0o600);
  const key = readFileSync(own, 'utf8');
  const elsewhere = path.join(folder, 'elsewhere.key');
  await writeFile(elsewhere, newKeyText());
  const start = ['serve', '--data', data, '--port', '0', '--host', '127.0.0.1', '--log', 'error'];
  const refuse = async (args: readonly string[], said: RegExp): Promise<void> => {
    const ran = await runBaton([...start, ...args]);
    assert.equal(ran.code, 2, ran.stderr);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, said);
    assert.equal(ran.stderr.trim().split('\n').length, 1, 'one sentence');
    assert.ok(!ran.stderr.includes(key.trim()));
  };
  await refuse(
    ['--key-file', elsewhere],
    /its secrets are sealed with key [0-9a-f]{16}, and the key given is/,
  );
  await refuse(['--key-file', path.join(folder, 'nowhere')], /cannot be read/);
  await writeFile(path.join(folder, 'short.key'), 'c2hvcnQ=');
  await refuse(['--key-file', path.join(folder, 'short.key')], /32 bytes in base64 or hex/);
  await rm(own);
  await refuse([], /their key is not there/);
  assert.equal(existsSync(own), false, 'no other is made in its place');
  const moved = path.join(folder, 'moved.key');
  await writeFile(moved, Buffer.from(key, 'base64').toString('hex'));
  await (await startServer(['--data', data, '--key-file', moved, '--host', '127.0.0.1'])).end('SIGTERM');
  assert.equal(existsSync(own), false);
});

test('baton rekey changes the key while no server runs, and the old one opens nothing any more', async () => {
  const { data, world } = await furnish('rekeyed');
  const next = path.join(folder, 'next.key');
  await writeFile(next, newKeyText());
  const server = await startServer(['--data', data, '--world', world, '--host', '127.0.0.1']);
  const rekey = ['rekey', '--new-key-file', next, '--data', data];
  const busy = await runBaton(rekey);
  assert.deepEqual([busy.code, /in use by another server/.test(busy.stderr)], [1, true]);
  await server.end('SIGTERM');
  assert.match((await runBaton(['rekey', '--new-key-file', world, '--data', data])).stderr, /32 bytes/);
  const done = await runBaton(rekey);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^2 secrets are sealed with the key in/);
  const old = await runBaton(['serve', '--data', data, '--port', '0', '--host', '127.0.0.1']);
  assert.equal(old.code, 2);
  const again = await startServer(['--data', data, '--key-file', next, '--host', '127.0.0.1']);
  const read = await driverOf(again.url).graph('GET', `/${BOT}`, { token: `${BOT}|${secretOf(BOT)}` });
  assert.equal(read.status, 200);
  await again.end('SIGTERM');
  const thread = await runBaton(['thread', PAGE, BUDI, '--data', data]);
  assert.equal(thread.code, 0, `reading needs no key: ${thread.stderr}`);
});

test('a key in the data folder is warned of once, in production only', async () => {
  const { data, world } = await furnish('warned');
  const warnings: string[] = [];
  const observer = { ...silentObserver, warning: (message: string) => void warnings.push(message) };
  const options = { port: 0, host: '127.0.0.1', allowedRanges: [], observer };
  const ofKeys = () => warnings.filter((message) => message.includes('key')).length;
  await (await serve({ ...options, data, world, sandbox: false }))[Symbol.asyncDispose]();
  assert.equal(ofKeys(), 1);
  const variable = readFileSync(path.join(data, 'key'), 'utf8');
  const key = { keyFile: null, variable };
  await (await serve({ ...options, data, world: null, sandbox: false, key }))[Symbol.asyncDispose]();
  await (await serve({ ...options, data: `${data}-sandbox`, world, sandbox: true }))[Symbol.asyncDispose]();
  assert.equal(ofKeys(), 1);
});

test('a world that says nothing of a secret, features or roles leaves those that an app has', async () => {
  const { data, world } = await furnish('kept');
  const server = await startServer(['--sandbox', '--data', data, '--world', world]);
  await baton(data, 'app', 'review', BOT, '--reject', 'human_agent');
  await baton(data, 'app', 'role', BOT, '9001', 'tester');
  const rotated = /: (\w+)\n/.exec(await baton(data, 'app', 'rotate-secret', BOT))?.[1] ?? '';
  await server.end('SIGTERM');
  const changed = shopWorld({}, { apps: [BOT], more: { [BOT]: { name: 'Renamed', secret: undefined } } });
  await writeFile(world, JSON.stringify(changed));
  const again = await startServer(['--sandbox', '--data', data, '--world', world]);
  const shown = await baton(data, 'app', 'show', BOT);
  assert.match(shown, /^Renamed.*\n(.*\n)*Features {3}pages_messaging\nRoles {6}9001 tester\n/);
  const read = await driverOf(again.url).graph('GET', `/${BOT}`, { token: `${BOT}|${rotated}` });
  assert.equal(read.status, 200);
  await again.end('SIGTERM');
});
