/** The `baton` command as a person meets it. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { COMMANDS, helpOf } from '../../src/cli/commands.ts';
import { readWorld } from '../../src/runtime/world/load.ts';
import { runBaton } from '../../src/testing/process.ts';
import { BOT, BUDI, DESK, openShop, PAGE, shopWorld } from '../http/shop.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baton-cli-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const WORLDS: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown key', { pages: [{ id: '1', name: 'A', colour: 'red' }] }, /\$\.pages\[0\]\.colour/],
  ['a missing name', { pages: [{ id: '1' }] }, /\$\.pages\[0\]\.name/],
  ['an id that is no text', { pages: [{ id: 1, name: 'A' }] }, /\$\.pages\[0\]\.id/],
  [
    'a person who is not there',
    { pages: [{ id: '1', name: 'A', people: [{ id: '9' }] }] },
    /\$\.pages\[0\]\.people\[0\]\.id/,
  ],
  [
    'an app on a page that is not there',
    { apps: [{ id: '2', name: 'B', pages: [{ id: '1' }] }] },
    /\$\.apps\[0\]\.pages\[0\]\.id/,
  ],
  [
    'a task that is none',
    {
      people: [{ id: '9', name: 'C' }],
      pages: [{ id: '1', name: 'A', people: [{ id: '9', tasks: ['FLY'] }] }],
    },
    /tasks\[0\]/,
  ],
  [
    'a callback that is no address',
    { apps: [{ id: '2', name: 'B', webhook: { callback_url: 'shop' } }] },
    /\$\.apps\[0\]\.webhook\.callback_url/,
  ],
  [
    'the same page twice',
    {
      pages: [
        { id: '1', name: 'A' },
        { id: '1', name: 'B' },
      ],
    },
    /\$\.pages\[1\]\.id/,
  ],
  [
    'a term of 31 days',
    { pages: [{ id: '1', name: 'A', entry_points: [{ ad_id: '7', app: '2', expiration_days: 31 }] }] },
    /expiration_days/,
  ],
  ...[0, 3_651, 1.5, '30', null].map(
    (retention_days) =>
      [
        `texts kept for ${JSON.stringify(retention_days)} days`,
        { pages: [{ id: '1', name: 'A', retention_days }] },
        /\$\.pages\[0\]\.retention_days must be a whole number from 1 to 3650/,
      ] as const,
  ),
  ['a list in the place of the world', [], /\$ must be an object/],
];

for (const [what, world, named] of WORLDS) {
  test(`a world with ${what} is told by its path`, () => {
    const read = readWorld(JSON.stringify(world), { sandbox: true });
    assert.ok(!read.ok);
    assert.match(read.problems.map(({ path: at, message }) => `${at} ${message}`).join('\n'), named);
  });
}

test('a bad world ends serve with exit code 2 before it listens, and everything that is wrong is told', async () => {
  const file = path.join(folder, 'bad.json');
  await writeFile(file, JSON.stringify({ pages: [{ id: '1', colour: 'red' }], cities: [] }));
  const ran = await runBaton([
    'serve',
    '--sandbox',
    '--port',
    '0',
    '--data',
    path.join(folder, 'bad'),
    '--world',
    file,
  ]);
  assert.equal(ran.code, 2, ran.stderr);
  for (const named of [/\$\.pages\[0\]\.name/, /\$\.pages\[0\]\.colour/, /\$\.cities/])
    assert.match(ran.stderr, named);
  assert.equal(ran.stdout, '');
});

test('a world that is not JSON, or not there, ends serve with exit code 2', async () => {
  const file = path.join(folder, 'broken.json');
  await writeFile(file, '{"pages":');
  for (const world of [file, path.join(folder, 'nowhere.json')]) {
    const ran = await runBaton([
      'serve',
      '--sandbox',
      '--port',
      '0',
      '--data',
      path.join(folder, 'bad'),
      '--world',
      world,
    ]);
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, /\$ (is not JSON|cannot be read)/);
  }
});

test('outside a sandbox a world must bring its secrets', async () => {
  const file = path.join(folder, 'bare.json');
  await writeFile(file, JSON.stringify({ apps: [{ id: '2', name: 'B' }] }));
  const ran = await runBaton(['serve', '--port', '0', '--data', path.join(folder, 'bare'), '--world', file]);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /\$\.apps\[0\]\.secret/);
});

test('wrong arguments are told with exit code 2', async () => {
  for (const args of [
    ['fly'],
    ['serve', '--port', 'x'],
    ['serve', '--public-url', 'baton.example.org'],
    ['serve', '--public-url', 'https://baton.example.org/?a=b'],
    ['serve', '--what'],
    ['serve', 'now'],
    ['thread', '1'],
    ['erase', '1'],
    ['erase', '1', '2', '3'],
    ['serve', '--log', 'loud'],
  ]) {
    const ran = await runBaton(args);
    assert.equal(ran.code, 2, args.join(' '));
    assert.match(ran.stderr, /baton/);
  }
  assert.equal((await runBaton(['help'])).code, 0);
});

test('baton thread tells owner, reason, history, and who was told and who was not', async () => {
  const more = { [DESK]: { pages: [{ id: PAGE, person: '9001', subscribed_fields: ['messages'] }] } };
  await using shop = await openShop({ apps: [BOT, DESK], more });
  await shop.says('Where are you?');
  await shop.baton.sandbox('POST', '/settle');
  const ran = await runBaton(['thread', PAGE, BUDI, '--data', shop.baton.data]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Owner {3}FAQ bot \(2001\)/);
  assert.match(ran.stdout, /primary_receiver: nobody -> FAQ bot/);
  assert.match(ran.stdout, /FAQ bot \(2001\): delivered on messages/);
  assert.match(ran.stdout, /Live desk \(2002\): not told on standby: field_not_subscribed_on_page standby/);
  assert.ok(!ran.stdout.includes('Where are you?'), 'no text of a customer');
  assert.equal((await runBaton(['thread', PAGE, '77', '--data', shop.baton.data])).code, 1);
});

test('a world loaded twice changes nothing the second time', async () => {
  const { startServer } = await import('../../src/testing/process.ts');
  const { driverOf } = await import('../../src/testing/sandbox.ts');
  const file = path.join(folder, 'twice.json');
  await writeFile(file, JSON.stringify(shopWorld({})));
  const args = ['--sandbox', '--world', file, '--data', path.join(folder, 'twice')];
  const first = await startServer(args);
  const left = await driverOf(first.url).graph('DELETE', '/me/subscribed_apps', { token: `token-${DESK}` });
  assert.equal(left.status, 200);
  await first.end('SIGTERM');
  const second = await startServer(args);
  const { body } = await driverOf(second.url).graph('GET', '/me/subscribed_apps', { token: `token-${BOT}` });
  const apps = (body['data'] as readonly { readonly id: string }[]).map(({ id }) => id);
  await second.end('SIGTERM');
  assert.ok(!apps.includes(DESK), 'what was changed by a call stays changed');
});

test('a second server on the same data folder is refused, and does no harm', async () => {
  await using shop = await openShop({ apps: [BOT] });
  const ran = await runBaton(['serve', '--sandbox', '--port', '0', '--data', shop.baton.data]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /in use by another server/);
  await shop.says('Still here?');
  assert.equal(await shop.ownerFor(BOT), BOT);
});

test('each command tells its own part of the usage, and a mistake in its name is told in two lines', async () => {
  const ofPage = await runBaton(['page', 'set', '--help']);
  assert.equal(ofPage.code, 0);
  assert.match(ofPage.stdout, /^ {2}baton page list \| show <page>\n/);
  assert.doesNotMatch(ofPage.stdout, /baton (?!page)/);
  assert.equal((await runBaton(['help', 'page'])).stdout, ofPage.stdout);
  assert.equal((await runBaton(['page', '-h'])).stdout, ofPage.stdout);
  const whole = (await runBaton(['--help'])).stdout;
  for (const name of COMMANDS.keys()) {
    const part = helpOf(name);
    assert.match(part, new RegExp(`^ {2}baton ${name} `, 'm'));
    for (const paragraph of part.trimEnd().split('\n\n')) assert.ok(whole.includes(paragraph), name);
  }
  const unknown = await runBaton(['pages', 'list']);
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [2, 'baton: there is no command "pages"\nSee: baton help\n'],
  );
});
