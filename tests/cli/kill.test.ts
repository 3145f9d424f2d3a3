/** The server killed and started again: what it accepted is there, and what it owed is delivered. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { soak } from '../../src/testing/soak.ts';
import { shopWorld } from '../http/shop.ts';

const KILLS = 20;

test(`[W7] kill -9 under load from 8 writers, ${KILLS} times, loses no accepted call and no webhook`, async (t) => {
  const { accepted, refused, heard } = await soak({
    rounds: KILLS,
    writers: 8,
    messagesPerRound: 40,
    end: 'kill',
  });
  t.diagnostic(
    `${KILLS} kills: ${accepted} messages accepted, ${refused} control calls refused, ${heard} webhooks heard`,
  );
});

test('[W7] [C1] a process frozen past leases and windows is slow, never wrong', async (t) => {
  const { accepted, refused, heard } = await soak({
    rounds: 5,
    writers: 8,
    messagesPerRound: 40,
    end: 'freeze',
  });
  t.diagnostic(
    `5 freezes: ${accepted} messages accepted, ${refused} control calls refused, ${heard} webhooks heard`,
  );
});

test('SIGTERM ends the server with exit code 0, and a restart goes on with the same clock', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'baton-stop-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = path.join(folder, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({})));
  const args = ['--sandbox', '--world', world, '--data', path.join(folder, 'data')];
  const first = await startServer(args);
  const moved = await driverOf(first.url).sandbox('POST', '/clock', { advance_ms: 5 * 86_400_000 });
  assert.equal(await first.end('SIGTERM'), 0);
  const second = await startServer(args);
  const read = await driverOf(second.url).sandbox('GET', '/clock');
  assert.ok(Number(read['now']) >= Number(moved['now']));
  assert.equal(await second.end('SIGINT'), 0);
});
