/** `/metrics`: who may read it, that every metric is there, and that it says what has happened. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { METRICS } from '../../src/observe/metrics.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import { serve } from '../../src/serve.ts';
import { BOT, BUDI, DESK, openShop, type Shop, shopWorld, tokenOf } from '../http/shop.ts';

async function operatorToken(data: string): Promise<string> {
  const { token } = JSON.parse(await readFile(path.join(data, 'operator.json'), 'utf8')) as { token: string };
  return token;
}

/** The lines of the text by name and labels. */
async function scrape({ url, data }: { readonly url: string; readonly data: string }) {
  const headers = { authorization: `Bearer ${await operatorToken(data)}` };
  const answer = await fetch(`${url}/metrics`, { headers });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const values = new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]));
  return { text, read: (name: string): number => Number(values.get(name) ?? 0) };
}

const openTwo = (): Promise<Shop> => openShop({ apps: [BOT, DESK] });

test('only the operator reads the metrics, unless they are open to all', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'baton-metrics-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const world = path.join(data, 'world.json');
  await writeFile(world, JSON.stringify(shopWorld({})));
  const options = {
    port: 0,
    host: '127.0.0.1',
    world,
    sandbox: true,
    allowedRanges: [],
    observer: silentObserver,
  };
  {
    await using served = await serve({ ...options, data: path.join(data, 'one') });
    const read = async (token?: string): Promise<number> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await fetch(`${served.url}/metrics`, { headers })).status;
    };
    assert.equal(await read(), 401);
    assert.equal(await read(tokenOf(BOT)), 401);
    assert.equal(await read(await operatorToken(path.join(data, 'one'))), 200);
  }
  await using open = await serve({ ...options, data: path.join(data, 'two'), metricsOpen: true });
  assert.equal((await fetch(`${open.url}/metrics`)).status, 200);
});

test('every metric is told of with its type, and those of the process with them', async () => {
  await using shop = await openTwo();
  const { text } = await scrape(shop.baton);
  for (const { name, type } of Object.values(METRICS))
    assert.match(text, new RegExp(`^# TYPE ${name} ${type}$`, 'm'));
  assert.match(text, /^process_cpu_seconds_total /m);
});

test('what happens is counted: calls, commits, attempts, how long apps waited', async () => {
  await using shop = await openTwo();
  const before = await scrape(shop.baton);
  await shop.says('Hello, is the corner table free?');
  assert.equal((await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK })).status, 200);
  assert.equal((await shop.post(BOT, 'messages', { message: { text: 'Anything else?' } })).status, 400);
  await shop.heard(BOT);
  assert.equal((await fetch(`${shop.baton.url}/%zz`)).status, 400);
  const after = await scrape(shop.baton);
  const grown = (name: string): number => after.read(name) - before.read(name);
  assert.equal(grown('baton_commands_total{call="receive",outcome="ok"}'), 1);
  assert.equal(grown('baton_commands_total{call="pass",outcome="ok"}'), 1);
  assert.equal(grown('baton_commands_total{call="send",outcome="controlled_by_another"}'), 1);
  assert.equal(grown('baton_command_seconds_count'), 3);
  assert.equal(grown('baton_commit_group_size_sum'), 2);
  assert.equal(grown('baton_http_requests_total{route="graph",status="200"}'), 1);
  assert.equal(grown('baton_http_requests_total{route="graph",status="400"}'), 2);
  const told = grown(`baton_webhook_attempts_total{app="${DESK}",outcome="ok"}`);
  assert.ok(told >= 2, `${told} attempts`);
  const attempts = told + grown(`baton_webhook_attempts_total{app="${BOT}",outcome="ok"}`);
  assert.equal(grown('baton_webhook_attempt_seconds_count'), attempts);
  assert.equal(grown('baton_webhook_delivery_seconds_count'), attempts);
  assert.equal(after.read(`baton_notices_waiting{app="${DESK}"}`), 0);
});

test('an endpoint that fails shows: what waits, its lanes, its breaker, its attempts', async () => {
  await using shop = await openTwo();
  shop.endpoints[DESK]?.answerWith(500);
  await shop.says('one');
  await shop.heard(BOT);
  await shop.says('two');
  for (let attempt = 0; attempt < 5; attempt++) {
    await shop.baton.sandbox('POST', '/clock', { advance_ms: 60_000 });
  }
  const { read } = await scrape(shop.baton);
  assert.equal(read(`baton_notices_waiting{app="${DESK}"}`), 2);
  assert.equal(read(`baton_notices_waiting{app="${BOT}"}`), 0);
  assert.equal(read(`baton_lanes_waiting{app="${DESK}"}`), 1);
  assert.equal(read(`baton_breakers_open{app="${DESK}"}`), 1);
  assert.equal(read(`baton_breakers_open{app="${BOT}"}`), 0);
  assert.ok(read(`baton_webhook_attempts_total{app="${DESK}",outcome="5xx"}`) >= 5);
  assert.equal(read('baton_clock_offset_seconds'), 300);
  // Nobody is switched off unwarned.
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 900_000 });
  await shop.baton.sandbox('POST', '/clock', { advance_ms: 3_600_000 });
  assert.equal((await scrape(shop.baton)).read(`baton_webhooks_switched_off{app="${DESK}"}`), 1);
});

test('no customer, no text and no token is in the metrics', async () => {
  await using shop = await openTwo();
  await shop.says('Hello, is the corner table free?');
  await shop.post(BOT, 'pass_thread_control', { target_app_id: DESK, metadata: 'Wants a cake' });
  await shop.baton.call('GET', `/${BUDI}?access_token=guess-1234`);
  await shop.heard(DESK);
  const { text } = await scrape(shop.baton);
  for (const secret of [BUDI, 'corner', 'cake', tokenOf(BOT), 'guess-1234', 'Budi']) {
    assert.ok(!text.includes(secret), `${secret} is in the metrics`);
  }
});
