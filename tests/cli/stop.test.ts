/** Stopping: whatever clients do, a server that is told to stop stops. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { runBaton, startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, shopWorld, tokenOf } from '../http/shop.ts';

async function folderWith(world: unknown) {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-stop-'));
  const file = path.join(folder, 'world.json');
  await writeFile(file, JSON.stringify(world));
  return {
    file,
    data: path.join(folder, 'data'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function dial(url: string, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  if (bytes !== '') socket.write(bytes);
  return socket;
}

test('SIGTERM ends the server though clients hold connections that say nothing, or half of something', async () => {
  await using folder = await folderWith(shopWorld({}));
  const server = await startServer(['--sandbox', '--world', folder.file, '--data', folder.data]);
  const half = 'POST /me/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"rec';
  const sockets = await Promise.all(
    ['', 'GET / HTTP/1.1\r\nHo', half].map((bytes) => dial(server.url, bytes)),
  );
  assert.equal(await server.end('SIGTERM'), 0);
  for (const socket of sockets) socket.destroy();
});

test('[A5] a changed world revokes the tokens that it no longer gives', async () => {
  await using folder = await folderWith(shopWorld({}));
  const args = ['--sandbox', '--world', folder.file, '--data', folder.data];
  const first = await startServer(args);
  assert.equal((await driverOf(first.url).graph('GET', '/me', { token: tokenOf(BOT) })).status, 200);
  await first.end('SIGTERM');
  const rotated = JSON.stringify(shopWorld({})).replace(tokenOf(BOT), 'token-rotated');
  await writeFile(folder.file, rotated);
  const second = await startServer(args);
  const driver = driverOf(second.url);
  assert.equal((await driver.graph('GET', '/me', { token: tokenOf(BOT) })).status, 400);
  assert.equal((await driver.graph('GET', '/me', { token: 'token-rotated' })).status, 200);
  await second.end('SIGTERM');
});

test('[A5] a token that another app has already cannot be given away by a world', async () => {
  await using folder = await folderWith(shopWorld({}));
  const args = ['--sandbox', '--world', folder.file, '--data', folder.data];
  const first = await startServer(args);
  await first.end('SIGTERM');
  await writeFile(
    folder.file,
    JSON.stringify({
      pages: [{ id: '1009', name: 'Other' }],
      apps: [{ id: '2009', name: 'Thief', pages: [{ id: '1009', access_token: tokenOf(BOT) }] }],
    }),
  );
  const ran = await runBaton(['serve', '--port', '0', ...args]);
  assert.equal(ran.code, 2, ran.stderr);
  assert.match(ran.stderr, /\$\.apps\[0\]\.pages\[0\]\.access_token is the token of app 2001/);
});

test('the data folder of a sandbox is not one for production', async () => {
  await using folder = await folderWith(shopWorld({}));
  const sandbox = await startServer(['--sandbox', '--world', folder.file, '--data', folder.data]);
  await sandbox.end('SIGTERM');
  const ran = await runBaton(['serve', '--port', '0', '--data', folder.data]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /is one for sandbox/);
});

test('outside a sandbox an app that the world says nothing of is in development', async () => {
  const bare = { pages: [{ id: '1001', name: 'Shop' }], people: [{ id: '9', name: 'Ana' }] };
  const app = {
    id: '2001',
    name: 'Bot',
    secret: 's',
    pages: [{ id: '1001', person: '9', access_token: 't' }],
  };
  await using folder = await folderWith({
    ...bare,
    pages: [{ ...bare.pages[0], people: [{ id: '9', tasks: ['MODERATE'] }] }],
    apps: [app],
    customers: [{ page: '1001', psid: '5001' }],
  });
  const server = await startServer(['--host', '127.0.0.1', '--world', folder.file, '--data', folder.data]);
  const body = { recipient: { id: '5001' } };
  const answer = await driverOf(server.url).graph('POST', '/me/take_thread_control', { token: 't', body });
  assert.equal(answer.status, 403);
  assert.match(JSON.stringify(answer.body), /2018028/);
  await server.end('SIGTERM');
});
