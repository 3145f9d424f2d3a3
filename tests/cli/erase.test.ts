/** `baton erase`: a customer is forgotten, and who had control is not. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openEndpoint } from '../../src/testing/endpoint.ts';
import { runBaton, startServer } from '../../src/testing/process.ts';
import { type Driver, driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, DESK, openShop, PAGE, secretOf, shopWorld, tokenOf } from '../http/shop.ts';

const ANI = '5002';
const SECRETS = [
  'Budi',
  'Jalan Melati',
  'so we heard',
  'quick-secret',
  'a difficult case',
  'let me have them',
];

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baton-erase-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The secrets that are found in the files of a folder. */
async function found(data: string): Promise<readonly string[]> {
  const files = await readdir(data);
  assert.ok(files.includes('baton.sqlite'));
  const contents = await Promise.all(files.map((name) => readFile(path.join(data, name))));
  return SECRETS.filter((secret) => contents.some((bytes) => bytes.includes(secret)));
}

/** A conversation with something personal wherever there is room for it. */
async function talk(driver: Driver): Promise<void> {
  const customer = `/pages/${PAGE}/customers/${BUDI}`;
  const quick = { text: 'I live in Jalan Melati', quick_reply: { payload: 'quick-secret' } };
  await driver.sandbox('POST', `${customer}/message`, quick);
  await driver.sandbox('POST', `/pages/${PAGE}/customers/${ANI}/message`, { text: 'Ani was here' });
  const recipient = { id: BUDI };
  const post = async (app: string, edge: string, more: object): Promise<void> => {
    const call = { token: tokenOf(app), body: { recipient, ...more } };
    assert.equal((await driver.graph('POST', `/me/${edge}`, call)).status, 200, edge);
  };
  await post(BOT, 'messages', { message: { text: 'Jalan Melati, so we heard' } });
  await post(DESK, 'request_thread_control', { metadata: 'let me have them' });
  await post(BOT, 'pass_thread_control', { target_app_id: DESK, metadata: 'a difficult case' });
  await post(BOT, 'request_thread_control', { metadata: 'let me have them' });
}

const history = async (driver: Driver) => {
  const read = await driver.sandbox('GET', `/pages/${PAGE}/threads/${BUDI}/history`);
  return read['history'] as readonly Readonly<Record<string, unknown>>[];
};

test('[C14] after an erasure nothing personal is in the files, goes out or is shown; the history is whole', async () => {
  await using stack = new AsyncDisposableStack();
  const [bot, desk] = [
    stack.use(await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' })),
    stack.use(await openEndpoint({ secret: secretOf(DESK), verifyToken: 'verify' })),
  ];
  desk.answerWith(500);
  const world = path.join(folder, 'world.json');
  await writeFile(
    world,
    JSON.stringify(shopWorld({ [BOT]: bot.url, [DESK]: desk.url }, { apps: [BOT, DESK] })),
  );
  const data = path.join(folder, 'data');
  const args = ['--sandbox', '--world', world, '--data', data];
  const first = await startServer(args);
  await talk(driverOf(first.url));
  await driverOf(first.url).sandbox('POST', '/settle');
  const lines = await history(driverOf(first.url));
  // Killed, so that the log has not been carried over to the file.
  await first.end('SIGKILL');
  assert.deepEqual(await found(data), SECRETS);

  const ran = await runBaton(['erase', PAGE, BUDI, '--data', data]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Customer 5001 of page 1001 is erased/);
  assert.deepEqual(await found(data), []);

  desk.answerWith(200);
  const second = await startServer(args);
  stack.defer(async () => void (await second.end('SIGTERM')));
  const driver = driverOf(second.url);
  await driver.sandbox('POST', '/settle');
  assert.deepEqual(
    await history(driver),
    lines.map((line) => ({ ...line, metadata: null })),
  );
  const heard = desk.heard.filter(({ item }) => (item['sender'] as { id?: string } | undefined)?.id !== ANI);
  const told = heard.map(({ kind, item }) => [kind, (item[kind] as { metadata?: unknown }).metadata]);
  assert.deepEqual(
    told.filter(([kind]) => kind !== 'app_roles'),
    [
      ['pass_thread_control', null],
      ['request_thread_control', null],
    ],
  );
  assert.ok(JSON.stringify(desk.heard).includes('Ani was here'), 'another customer is told of as before');
  const { body } = await driver.graph('GET', `/${BUDI}?fields=name`, { token: tokenOf(BOT) });
  assert.equal(body['name'], `Customer ${BUDI}`);
  const screen = await driver.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  assert.ok(!SECRETS.some((secret) => JSON.stringify(screen).includes(secret)));
  await driver.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text: 'Hello again' });
  assert.ok((await found(data)).length === 0);
});

test('beside a running server nothing is erased', async () => {
  await using shop = await openShop({ apps: [BOT] });
  await shop.says('Hello');
  const ran = await runBaton(['erase', PAGE, BUDI, '--data', shop.baton.data]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /in use by another server/);
  const screen = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  assert.match(JSON.stringify(screen), /Hello/);
});

test('a customer of whom nothing is known cannot be erased, nor one in a folder that is not there', async () => {
  const data = path.join(folder, 'known');
  const world = path.join(folder, 'known.json');
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const server = await startServer(['--sandbox', '--world', world, '--data', data]);
  await server.end('SIGTERM');
  const nowhere = path.join(folder, 'nowhere');
  for (const args of [
    [PAGE, '77', '--data', data],
    ['1999', BUDI, '--data', data],
    [PAGE, 'Budi', '--data', data],
    [PAGE, BUDI, '--data', nowhere],
  ]) {
    const ran = await runBaton(['erase', ...args]);
    assert.equal(ran.code, 1, args.join(' '));
    assert.match(ran.stderr, /nothing is known of customer/);
  }
  await assert.rejects(readdir(nowhere), 'no folder is made');
  assert.equal((await runBaton(['erase', PAGE, BUDI, '--data', data])).code, 0);
});

/** A server on a folder of its own, and what uploads to it. */
async function startUploads(name: string) {
  const world = path.join(folder, `${name}.json`);
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const data = path.join(folder, name);
  const server = await startServer(['--sandbox', '--world', world, '--data', data]);
  const driver = driverOf(server.url);
  const sendFile = async (psid: string, filename: string, payload: object): Promise<void> => {
    await driver.sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: 'Hello' });
    const form = new FormData();
    form.set('recipient', JSON.stringify({ id: psid }));
    form.set('message', JSON.stringify({ attachment: { type: 'file', payload } }));
    form.set('filedata', new File([`holds ${filename}`], filename));
    const url = `${server.url}/me/messages?access_token=${tokenOf(BOT)}`;
    assert.equal((await fetch(url, { method: 'POST', body: form })).status, 200);
  };
  const kept = async (): Promise<readonly string[]> => {
    const names = await readdir(path.join(data, 'attachments'));
    const read = (each: string) => readFile(path.join(data, 'attachments', each), 'utf8');
    return (await Promise.all(names.map(read))).sort();
  };
  return { server, data, sendFile, kept };
}

test('files that came with messages to the customer are erased with them; those for further use stay', async () => {
  const { server, data, sendFile, kept } = await startUploads('uploads');
  await sendFile(BUDI, 'budi-invoice.pdf', {});
  await sendFile(BUDI, 'price-list.pdf', { is_reusable: true });
  await sendFile(ANI, 'ani-invoice.pdf', {});
  await server.end('SIGKILL');
  const ran = await runBaton(['erase', PAGE, BUDI, '--data', data]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(await kept(), ['holds ani-invoice.pdf', 'holds price-list.pdf']);
  const database = await readFile(path.join(data, 'baton.sqlite'));
  assert.ok(!database.includes('budi-invoice'));
  assert.ok(database.includes('ani-invoice'));
});

test('an erasure that could not remove a file says so, and the next one, or a server, does it', async () => {
  const { server, data, sendFile, kept } = await startUploads('stuck');
  await sendFile(BUDI, 'budi-invoice.pdf', {});
  await server.end('SIGKILL');
  const [name = ''] = await readdir(path.join(data, 'attachments'));
  const file = path.join(data, 'attachments', name);
  await rm(file);
  await mkdir(path.join(file, 'x'), { recursive: true });
  const ran = await runBaton(['erase', PAGE, BUDI, '--data', data]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /1 uploaded files could not be removed/);
  assert.ok(!(await readFile(path.join(data, 'baton.sqlite'))).includes('budi-invoice'));
  await rm(file, { recursive: true });
  await writeFile(file, 'again');
  assert.equal((await runBaton(['erase', PAGE, BUDI, '--data', data])).code, 0);
  assert.deepEqual(await kept(), []);
});
