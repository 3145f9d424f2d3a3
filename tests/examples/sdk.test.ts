/** The examples with the SDK and the test kit, run as a reader runs them. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createBell } from '../../src/testing/kit/bell.ts';
import { openBaton } from '../../src/testing/kit.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** In the checkout `baton/sdk` is its source; installed it is what was built of it. */
const CONDITION = '--conditions=baton-checkout';
const BOT = path.join(ROOT, 'examples/sdk-bot/bot.ts');
const SETUP = path.join(ROOT, 'examples/sdk-setup/setup.ts');
const KIT_TEST = path.join(ROOT, 'examples/test-kit/bot.test.ts');

test('the test of a bot with the test kit passes, and has less than 20 lines', async () => {
  const lines = readFileSync(KIT_TEST, 'utf8').trimEnd().split('\n');
  assert.ok(lines.length < 20, `${lines.length} lines`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [CONDITION, KIT_TEST], { env });
  assert.match(stdout, /pass 1\b/);
  assert.match(stdout, /fail 0\b/);
});

test('[C4] the bot with the SDK, a program of its own, answers and makes way for a person', async (t) => {
  await using baton = await openBaton();
  const page = await baton.page();
  const bell = createBell();
  let port = '';
  const app = await baton.app({
    primary: true,
    program: (settings) => {
      const child = spawn(process.execPath, [CONDITION, BOT], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          PORT: '0',
          BATON_URL: settings.url,
          APP_ID: settings.appId,
          PAGE_TOKEN: settings.token,
          APP_SECRET: settings.secret,
          VERIFY_TOKEN: settings.verifyToken,
        },
      });
      t.after(async () => {
        const gone = once(child, 'close');
        child.kill();
        await gone;
      });
      child.stdout.on('data', (text: Buffer) => {
        port = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(String(text))?.[1] ?? port;
        bell.ring();
      });
      return {
        async handle(request) {
          const to = await bell.until(
            () => (port === '' ? null : port),
            () => 'the bot does not listen',
          );
          const { method, headers } = request;
          const { pathname, search } = new URL(request.url);
          const body = method === 'GET' ? null : await request.arrayBuffer();
          return fetch(`http://127.0.0.1:${to}${pathname}${search}`, { method, headers, body });
        },
      };
    },
  });
  const budi = await baton.customer();
  await budi.says('What is on the menu?');
  assert.equal((await budi.sees('Kopi susu')).appId, app.id);
  // A delivery has ended when the bot is done with it.
  await baton.settled();
  await budi.says('A human, please');
  await baton.settled();
  await budi.says('Hello?');
  await baton.settled();
  const history = await page.history(budi.psid);
  assert.deepEqual(
    history.map(({ cause }) => cause),
    ['primary_receiver', 'release', 'primary_receiver', 'pass'],
  );
  assert.equal(history.at(-1)?.metadata, 'Wants to talk to a person');
  assert.equal((await budi.screen()).at(-1)?.from, 'customer');
});

test('[M2] the set-up with the SDK gives a bot its menu, and tells an app that may not set it', async () => {
  await using baton = await openBaton();
  const bot = await baton.app({ primary: true });
  const desk = await baton.app();
  const budi = await baton.customer({ name: 'Budi' });
  await budi.says('Anybody there?');
  const setUp = async ({ settings }: typeof bot): Promise<string> => {
    const { url: BATON_URL, appId: APP_ID, token: PAGE_TOKEN, secret: APP_SECRET } = settings;
    const env = { ...process.env, BATON_URL, APP_ID, PAGE_TOKEN, APP_SECRET };
    return (await promisify(execFile)(process.execPath, [CONDITION, SETUP], { env })).stdout;
  };
  assert.match(
    await setUp(bot),
    /^hears of page at http\S+\nthe menu is set\nthe picture is attachment \d+\nBudi waits: Anybody there\?\n$/,
  );
  await budi.picks('Menu');
  assert.equal((await bot.next('postback')).payload, 'MENU');
  await bot.client.send(budi.psid, 'Here is one');
  const told = await setUp(desk);
  assert.match(told, /the menu is another app's to set/);
  assert.doesNotMatch(told, /waits/, 'it could not answer');
});
