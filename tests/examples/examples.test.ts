/** The examples are run as a reader runs them: each program by itself, over HTTP. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../examples/shop.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 15_000;
const POLL_MS = 20;

type Program = { readonly child: ChildProcess; output(): string; readonly exit: Promise<number | null> };
type Screen = {
  readonly messages: readonly { readonly app_id: string | null; readonly text: string | null }[];
};

/** Runs a program of the examples, in a process group of its own so that nothing outlives the test. */
function run(t: TestContext, file: string, env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, [path.join(ROOT, 'examples', file)], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = once(child, 'close').then(([code]) => code as number | null);
  t.after(() => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  });
  return { child, output: () => output, exit };
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'baton-examples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) assert.fail(`not within ${TIMEOUT_MS} ms: ${what}`);
    await sleep(POLL_MS);
  }
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });

async function shopEnvironment(t: TestContext): Promise<Record<string, string>> {
  const { baton, faqBot, liveDesk } = await freePorts();
  return {
    PORT: String(baton),
    FAQ_BOT_PORT: String(faqBot),
    LIVE_DESK_PORT: String(liveDesk),
    BATON_DATA: temporaryFolder(t),
  };
}

test('[U1, U2] the demo plays both stories to their end', { timeout: TIMEOUT_MS }, async (t) => {
  const demo = run(t, 'demo.ts');
  assert.equal(await demo.exit, 0, demo.output());
  const story = [
    /Budi +When do you open\?/,
    /control +nobody → FAQ bot/,
    /Live desk +\(Budi: asks for control\)/,
    /control +FAQ bot → Live desk: FAQ bot passed it, "Question: Can you bake/,
    /Live desk +Ana from the desk here\./,
    /FAQ bot +\(Budi: speaks out of turn, and is refused: .*Live desk \(app 2002\) has control until/,
    /control +Live desk → nobody: Live desk released it/,
    /control +nobody → FAQ bot/,
    /control +FAQ bot → Inbox: FAQ bot passed it, "Lead: catering for 30 guests, the 12th of May"/,
    /Inbox +Hello Citra/,
    /control +Inbox → FAQ bot/,
    /Both stories went as they should\./,
  ];
  let rest = demo.output();
  for (const line of story) {
    const at = rest.search(line);
    assert.notEqual(at, -1, `${line} is missing or out of place in:\n${demo.output()}`);
    rest = rest.slice(at + 1);
  }
  assert.ok(!demo.output().includes('\u001b['), 'no colour where nobody looks');
});

test('[U1] npm start opens the shop, tells what happens, and closes it on Ctrl-C', async (t) => {
  const env = await shopEnvironment(t);
  const shop = run(t, 'start.ts', env);
  await until('the guide is printed', () => shop.output().includes('What happens now:'));
  const url = `http://127.0.0.1:${env['PORT']}`;
  const customer = `${url}/sandbox/pages/1001/customers/5001`;

  const hears = (app: string, words: string): Promise<void> =>
    until(`${app} says "${words}"`, async () => {
      const { messages } = (await (await fetch(`${customer}/screen`)).json()) as Screen;
      return messages.some(({ app_id, text }) => app_id === app && text?.includes(words));
    });
  await post(`${customer}/message`, { text: 'When do you open?' });
  await hears('2001', '07:00 to 22:00');
  await post(`${customer}/message`, { text: 'Can you bake a gluten-free cake?' });
  await hears('2002', 'Ana from the desk');
  const owner = await fetch(`${url}/v24.0/me/thread_owner?recipient=5001&access_token=faq-bot-token`);
  assert.match(await owner.text(), /"app_id":"2002"/);
  await until('the change is told', () => /control +FAQ bot → Live desk/.test(shop.output()));

  shop.child.kill('SIGINT');
  assert.equal(await shop.exit, 0, shop.output());
  for (const name of ['PORT', 'FAQ_BOT_PORT', 'LIVE_DESK_PORT']) {
    await assert.rejects(fetch(`http://127.0.0.1:${env[name]}/`), `${name} is free again`);
  }
});

test('a port in use is told in one line', async (t) => {
  const env = await shopEnvironment(t);
  const other = createServer().listen(Number(env['LIVE_DESK_PORT']), '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const shop = run(t, 'start.ts', env);
  assert.equal(await shop.exit, 1);
  assert.match(shop.output(), new RegExp(`^Port ${env['LIVE_DESK_PORT']} is in use\\.\n.*LIVE_DESK_PORT`));
});

test('a program that ends takes the shop with it', async (t) => {
  const env = await shopEnvironment(t);
  mkdirSync(env['BATON_DATA'] ?? '', { recursive: true });
  writeFileSync(path.join(env['BATON_DATA'] ?? '', 'baton.sqlite'), 'this is no database'.repeat(100));
  const shop = run(t, 'start.ts', env);
  assert.equal(await shop.exit, 1);
  assert.match(shop.output(), /Baton has ended \(exit code 1\)/);
});

test('an app takes only what is signed, and each event once', async (t) => {
  const said: string[] = [];
  const graph = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    said.push(`${request.url} ${request.headers.authorization} ${body}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  t.after(() => graph.close());
  await once(graph, 'listening');
  const { faqBot: port } = await freePorts();
  const batonUrl = `http://127.0.0.1:${(graph.address() as AddressInfo).port}`;
  const bot = run(t, 'coffee-shop/faq-bot.ts', { PORT: String(port), BATON_URL: batonUrl });
  await until('the bot listens', () => bot.output().includes('listens on'));

  const webhook = `http://127.0.0.1:${port}/webhook`;
  const greet = (token: string): Promise<Response> =>
    fetch(`${webhook}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`);
  assert.equal(await (await greet('faq-bot-verify')).text(), '1158201444');
  assert.equal((await greet('guess')).status, 403);

  const deliver = async (mid: string, secret: string, list = 'messaging'): Promise<number> => {
    const message = { mid, text: 'Jam berapa? What are your opening hours?' };
    const event = { sender: { id: '5001' }, recipient: { id: '1001' }, timestamp: 1, message };
    const body = JSON.stringify({ object: 'page', entry: [{ id: '1001', time: 1, [list]: [event] }] });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const headers = { 'x-hub-signature-256': signature };
    return (await fetch(webhook, { method: 'POST', headers, body })).status;
  };
  assert.equal(await deliver('m_1', 'guess'), 403);
  assert.equal(await deliver('m_2', 'faq-bot-secret'), 200);
  assert.equal(await deliver('m_2', 'faq-bot-secret'), 200);
  assert.equal(await deliver('m_3', 'faq-bot-secret', 'standby'), 200);
  assert.equal(await deliver('m_4', 'faq-bot-secret'), 200);
  await until('two answers', () => said.length >= 2);
  assert.equal(said.length, 2, said.join('\n'));
  assert.match(said[0] ?? '', /^\/v24\.0\/me\/messages Bearer faq-bot-token .*07:00 to 22:00/);

  bot.child.kill('SIGTERM');
  assert.equal(await bot.exit, 0);
});

/** Whether there is such a file, and in it such a heading where the link names one. */
function leads(link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = path.join(ROOT, file);
  if (heading === undefined || !existsSync(target)) return existsSync(target);
  const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)];
  return headings.some(([, text = '']) => anchorOf(text) === heading);
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

for (const page of ['README.md', 'CONTRIBUTING.md']) {
  test(`every link of ${page} leads somewhere`, () => {
    const links = [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/\]\(([^)]+)\)/g)];
    assert.ok(links.length > 0);
    const broken = links.map(([, link = '']) => link).filter((link) => !leads(link));
    assert.deepEqual(broken, []);
  });
}
