/** A disk that is full: writes are refused cleanly, and nothing that was accepted is lost. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, PAGE, shopWorld, tokenOf } from '../http/shop.ts';

const MAX_FILE_KIB = 2_000;
const MAX_MESSAGES = 2_000;

test('a full disk answers 503 in Graph’s shape, reads go on, and a restart finds all that was accepted', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-full-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];
  const customer = `/sandbox/pages/${PAGE}/customers/${BUDI}`;

  const small = await startServer(args, { maxFileKib: MAX_FILE_KIB, log: 'silent' });
  const driver = driverOf(small.url);
  const accepted: string[] = [];
  let refused = 0;
  for (let index = 0; index < MAX_MESSAGES && refused < 5; index++) {
    const body = JSON.stringify({ text: 'x'.repeat(5_000) });
    const answer = await fetch(`${small.url}${customer}/message`, { method: 'POST', body });
    const read = (await answer.json()) as {
      readonly message_id?: string;
      readonly error?: { readonly code: number };
    };
    if (read.message_id !== undefined) accepted.push(read.message_id);
    else {
      refused += 1;
      assert.equal(answer.status, 503);
      assert.equal(read.error?.code, 2);
      assert.equal(answer.headers.get('retry-after'), '1');
    }
  }
  assert.equal(refused, 5, 'the disk never became full');
  const owner = await driver.graph('GET', `/me/thread_owner?recipient=${BUDI}`, { token: tokenOf(BOT) });
  assert.equal(owner.status, 200, 'who has control can be read all the same');
  await small.end('SIGKILL');

  const roomy = await startServer(args);
  const screen = await driverOf(roomy.url).sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  const kept = (screen['messages'] as readonly { readonly mid: string }[]).map(({ mid }) => mid);
  assert.deepEqual(kept, accepted);
  assert.equal(
    (await fetch(`${roomy.url}${customer}/message`, { method: 'POST', body: '{"text":"again"}' })).status,
    200,
  );
  assert.equal(await roomy.end('SIGTERM'), 0);
  t.diagnostic(
    `${accepted.length} messages accepted before the disk was full, ${kept.length} found afterwards`,
  );
});

test('a file for which the disk has no room is answered 503 and leaves nothing, and smaller ones go on', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-full-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const data = path.join(folder, 'data');
  const args = ['--sandbox', '--world', world, '--data', data];
  const server = await startServer(args, { maxFileKib: MAX_FILE_KIB, log: 'silent' });
  stack.defer(async () => void (await server.end('SIGKILL')));
  const upload = async (bytes: number): Promise<Response> => {
    const form = new FormData();
    form.set('message', JSON.stringify({ attachment: { type: 'file', payload: {} } }));
    form.set('filedata', new File([new Uint8Array(bytes)], 'a.bin'));
    const url = `${server.url}/me/message_attachments?access_token=${tokenOf(BOT)}`;
    return fetch(url, { method: 'POST', body: form });
  };
  for (let tries = 0; tries < 3; tries++) {
    const answer = await upload(MAX_FILE_KIB * 1_024 + 1);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.match(await answer.text(), /"code":2/);
  }
  assert.deepEqual(await readdir(path.join(data, 'attachments')), []);
  assert.equal((await upload(1_000)).status, 200);
  assert.equal(await server.end('SIGTERM'), 0);
  const store = await openSqliteStore({
    path: path.join(data, 'baton.sqlite'),
    now: Date.now,
    readOnly: true,
  });
  const rows = await store.attachments.old(Date.now(), { after: null, limit: 9 });
  await store[Symbol.asyncDispose]();
  assert.equal(rows.length, 1);
});
