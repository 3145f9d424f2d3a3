/** Event ids after a restoration: those of old events as they were, those of new ones never used before. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Endpoint, openEndpoint } from '../../src/testing/endpoint.ts';
import { runBaton, type ServerProcess, startServer } from '../../src/testing/process.ts';
import { driverOf } from '../../src/testing/sandbox.ts';
import { BOT, BUDI, PAGE, secretOf, shopWorld } from '../http/shop.ts';
import { temporaryFolder } from '../store/temporary.ts';

/** The customer's texts with the ids under which they were told, in order of arrival. */
const toldTo = (endpoint: Endpoint): readonly (readonly [id: string, text: string])[] =>
  endpoint.heard.flatMap(({ id, item }) => {
    const { text } = (item['message'] ?? {}) as { readonly text?: string };
    return text === undefined ? [] : [[id, text] as const];
  });

async function says(server: ServerProcess, ...texts: readonly string[]): Promise<void> {
  const driver = driverOf(server.url);
  for (const text of texts) {
    await driver.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/message`, { text });
    await driver.sandbox('POST', '/settle');
  }
}

test('after a restoration no event bears the id of another one, and old events bear their old ids', async (t) => {
  await using folder = await temporaryFolder();
  await using bot = await openEndpoint({ secret: secretOf(BOT), verifyToken: 'verify' });
  writeFileSync(
    folder.file('world.json'),
    JSON.stringify(shopWorld({ [BOT]: bot.url }, { primary: null, apps: [BOT] })),
  );
  const first = ['--sandbox', '--world', folder.file('world.json'), '--data', folder.file('first')];
  let server = await startServer(first);
  t.after(() => server.end('SIGKILL'));
  await says(server, 'kept');
  const [kept] = toldTo(bot);
  assert.ok(kept !== undefined);
  bot.answerWith(500);
  await says(server, 'waits');
  assert.equal((await runBaton(['backup', folder.file('a'), '--data', folder.file('first')])).code, 0);
  bot.answerWith(200);
  await driverOf(server.url).sandbox('POST', '/clock', { advance_ms: 3_600_000 });
  await says(server, 'lost 1', 'lost 2');
  assert.equal(await server.end('SIGKILL'), null);
  const waited = toldTo(bot).find(([, text]) => text === 'waits');
  const lost = toldTo(bot).find(([, text]) => text === 'lost 2');
  assert.ok(waited !== undefined && lost !== undefined);

  for (const again of ['second', 'third']) {
    const data = folder.file(again);
    const before = toldTo(bot).length;
    assert.equal((await runBaton(['restore', folder.file('a'), '--data', data])).code, 0);
    server = await startServer(['--sandbox', '--data', data, '--key-file', folder.file('first/key')]);
    await driverOf(server.url).sandbox('POST', '/clock', { advance_ms: 3_600_000 });
    await says(server, `${again} 1`, `${again} 2`);
    assert.deepEqual(toldTo(bot)[before], waited, 'what waited in the backup is told under its id');
    const resend = (id: string) => runBaton(['app', 'resend', BOT, '--event', id, '--data', data]);
    assert.match((await resend(kept[0])).stdout, /^1 events/);
    assert.match(
      (await resend(lost[0])).stderr,
      /told of no such event/,
      'what is lost is not another event',
    );
    const [fresh] = toldTo(bot).find(([, text]) => text === `${again} 1`) ?? [];
    assert.match((await resend(String(fresh))).stdout, /^1 events/);
    await driverOf(server.url).sandbox('POST', '/settle');
    const [old, own] = toldTo(bot).slice(-2);
    assert.deepEqual(new Set([old?.[0], own?.[0]]), new Set([kept[0], fresh]));

    const { deliveries } = await driverOf(server.url).sandbox('GET', `/deliveries?app=${BOT}`);
    const listed = new Set(
      (deliveries as readonly { readonly event_id: string }[]).map((each) => each.event_id),
    );
    const shown = (await runBaton(['app', 'deliveries', BOT, '--data', data])).stdout;
    for (const [id] of toldTo(bot).slice(before)) {
      assert.ok(listed.has(id), `${id} is listed`);
      assert.ok(shown.includes(` ${id} `), `${id} is shown`);
    }
    assert.equal(await server.end('SIGTERM'), 0);
  }

  const texts = new Map<string, string>();
  for (const [id, text] of toldTo(bot)) {
    assert.equal(texts.get(id) ?? text, text, `${id} is of one event`);
    texts.set(id, text);
  }
});
