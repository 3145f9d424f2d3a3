/** The server killed under load and started again: calls that bear a key are carried out once, whatever was answered. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, PAGE, shopWorld, tokenOf } from '../http/shop.ts';

const WRITERS = 8;
const ENOUGH = 200;

type Answered = { readonly status: number; readonly message: unknown; readonly replayed: boolean };

async function send(url: string, { psid, text }: { psid: string; text: string }): Promise<Answered> {
  const answer = await fetch(`${url}/me/messages?access_token=${tokenOf(BOT)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'Idempotency-Key': `${psid}/${text}` },
    body: JSON.stringify({ recipient: { id: psid }, message: { text } }),
  });
  const body = (await answer.json()) as Readonly<Record<string, unknown>>;
  return {
    status: answer.status,
    message: body['message_id'],
    replayed: answer.headers.get('Idempotent-Replayed') === 'true',
  };
}

test('after kill -9 a call is repeated exactly when what it did is there', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-repeat-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];

  const first = await startServer(args);
  const asked: { psid: string; text: string; answered: Answered | null }[] = [];
  const enough = Promise.withResolvers<void>();
  async function write(psid: string): Promise<void> {
    const { url } = first;
    await driverOf(url).sandbox('POST', `/pages/${PAGE}/customers/${psid}/message`, { text: 'Hello' });
    for (let turn = 0; ; turn++) {
      const call = { psid, text: `number-${turn}`, answered: null as Answered | null };
      asked.push(call);
      if (asked.length === ENOUGH) enough.resolve();
      call.answered = await send(url, call).catch(() => null);
      if (call.answered === null) return;
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, index) => write(String(800_000 + index)));
  await enough.promise;
  await first.end('SIGKILL');
  await Promise.all(writers);

  const second = await startServer(args);
  stack.defer(async () => void (await second.end('SIGTERM')));
  const psids = [...new Set(asked.map(({ psid }) => psid))];
  const screens = async () => {
    const texts = new Map<string, readonly string[]>();
    for (const psid of psids) {
      const screen = await driverOf(second.url).sandbox('GET', `/pages/${PAGE}/customers/${psid}/screen`);
      const messages = screen['messages'] as readonly { readonly from: string; readonly text: string }[];
      texts.set(
        psid,
        messages.filter(({ from }) => from === 'page').map(({ text }) => text),
      );
    }
    return texts;
  };
  const kept = await screens();
  const counts = { answered: 0, kept: 0, lost: 0 };
  for (const { psid, text, answered } of asked) {
    const isKept = kept.get(psid)?.includes(text) === true;
    const again = await send(second.url, { psid, text });
    assert.equal(again.status, 200);
    assert.equal(again.replayed, isKept, `${psid}: ${text} is ${isKept ? 'kept' : 'lost'}`);
    if (answered === null) {
      counts[isKept ? 'kept' : 'lost'] += 1;
      continue;
    }
    counts.answered += 1;
    assert.deepEqual(again, { ...answered, replayed: true });
  }
  const after = await screens();
  for (const psid of psids) {
    const texts = asked.filter((each) => each.psid === psid).map(({ text }) => text);
    assert.deepEqual(after.get(psid), texts, `customer ${psid} got each message once, and in order`);
  }
  assert.ok(counts.answered > ENOUGH / 2 && counts.kept + counts.lost > 0);
  t.diagnostic(`answered: ${counts.answered}; in flight, and kept: ${counts.kept}, lost: ${counts.lost}`);
});

test('a call whose answer nobody heard before kill -9 is answered after it with what it had done', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-unheard-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({}, { apps: [BOT] })));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];
  const sentOn = async (url: string) => {
    const screen = await driverOf(url).sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
    const messages = screen['messages'] as readonly { readonly from: string; readonly mid: string }[];
    return messages.filter(({ from }) => from === 'page').map(({ mid }) => mid);
  };

  const first = await startServer(args);
  await driverOf(first.url).sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text: 'Hello' });
  const { hostname, port } = new URL(first.url);
  const body = JSON.stringify({ recipient: { id: BUDI }, message: { text: 'unheard' } });
  const deaf = connect(Number(port), hostname).on('error', () => undefined);
  stack.defer(() => void deaf.destroy());
  deaf
    .pause()
    .write(
      [
        `POST /me/messages?access_token=${tokenOf(BOT)} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        `Idempotency-Key: ${BUDI}/unheard`,
        '',
        body,
      ].join('\r\n'),
    );
  let done: readonly string[] = [];
  while (done.length === 0) done = await sentOn(first.url);
  await first.end('SIGKILL');

  const second = await startServer(args);
  stack.defer(async () => void (await second.end('SIGTERM')));
  const again = await send(second.url, { psid: BUDI, text: 'unheard' });
  assert.deepEqual(again, { status: 200, message: done[0], replayed: true });
  assert.deepEqual(await sentOn(second.url), done);
});
