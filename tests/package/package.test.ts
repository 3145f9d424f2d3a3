/** The npm package, as somebody meets it who installs it into an empty folder. */

import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { installPackage } from './checkout.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MODULES = path.join(ROOT, 'node_modules');
const TSC = path.join(MODULES, '.bin/tsc');
const STRICT = [
  '--noEmit',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--module',
  'nodenext',
  '--target',
  'esnext',
];
const BROWSER = ['--lib', 'esnext,dom,dom.iterable,dom.asynciterable', '--types', ''];
const MAX_TARBALL_BYTES = 500_000;

const installed = await installPackage();
after(() => installed[Symbol.asyncDispose]());
const { folder, names, run } = installed;

/** Written by somebody who has only what the package gives. */
const STORY = `
import assert from 'node:assert/strict';
import { serve } from 'baton';
import { BatonError, createClient, createReceiver } from 'baton/sdk';
import { openBaton } from 'baton/testing';

assert.equal(typeof serve, 'function');
await using baton = await openBaton();
const bot = await baton.app({
  primary: true,
  program(settings) {
    const client = createClient(settings);
    return createReceiver({ ...settings, onMessaging: ({ psid, text }) => client.send(psid, 'You said ' + text) });
  },
});
const desk = await baton.app();
const budi = await baton.customer();
await budi.says('hello');
await budi.sees('You said hello');
await assert.rejects(desk.client.send(budi.psid, 'Me too'), (error) => error instanceof BatonError && error.control.ownerAppId === bot.id);
await baton.clock.advance('25h');
{
  await using control = await desk.client.control(budi.psid);
  assert.equal((await bot.client.threadOwner(budi.psid)).appId, desk.id);
}
assert.equal((await bot.client.threadOwner(budi.psid)).appId, null);
process.stdout.write('played to the end');
`;

/** Types of the SDK and the kit, for a program that knows nothing of Node. */
const TYPED = `
import { type Client, type Control, createClient, createReceiver, type PassEvent } from 'baton/sdk';
import type { TestBaton } from 'baton/testing';

export const client: Client = createClient({ url: 'http://127.0.0.1:4000', appId: '2001', token: 'x' });
export const receiver = createReceiver({
  secret: 's',
  verifyToken: 'v',
  onHandover(event) {
    if (event.kind !== 'pass_thread_control') return;
    const passed: PassEvent = event;
    const metadata: string | null = passed.metadata;
    return metadata;
  },
  // @ts-expect-error: what is heard on standby has no channel of its own making
  onStandby: (event: { channel: 'messaging' }) => event.channel,
});
export async function speak(): Promise<number> {
  await using control: Control = await client.control('5001', { by: 'take' });
  const { messageId } = await control.send({ text: 'Hello', quick_replies: [] });
  // @ts-expect-error: a message has an id, and it is text
  const wrong: number = messageId;
  return control.epoch + wrong;
}
export const heard = async (baton: TestBaton): Promise<string | null> =>
  (await (await baton.app()).next('request_thread_control')).metadata;
`;

const SERVED = `
import { serve, logObserver } from 'baton';
export const served = serve({ port: 0, host: '127.0.0.1', data: 'data', world: null, sandbox: true, allowedRanges: [], observer: logObserver('silent') });
`;

test('the tarball holds JavaScript, types and what people read, and nothing that is for development', () => {
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'])
    assert.ok(names.includes(name), name);
  const rest = names.filter((name) => !/^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(name));
  const foreign = rest.filter((name) => !/^dist\/[\w./-]+\.(?:js|d\.ts)$/.test(name));
  assert.deepEqual(foreign, []);
  const inside = rest.filter((name) => /store-suite|scenario|model-|soak|endpoint|bench|\.test\./.test(name));
  assert.deepEqual(inside, [], 'what only our own tests stand on stays at home');
  assert.ok(rest.includes('dist/main.js'));
  for (const entry of ['serve.js', 'sdk/sdk.js', 'testing/kit.js']) {
    assert.ok(rest.includes(`dist/${entry}`), entry);
    assert.ok(rest.includes(`dist/${entry.replace(/js$/, 'd.ts')}`), `types of ${entry}`);
  }
  const unread = rest.filter(
    (name) => name.endsWith('.d.ts') && /^dist\/(?:store\/sqlite|cli|http)\//.test(name),
  );
  assert.deepEqual(unread, [], 'declarations that no entry leads to');
  const { tarballBytes } = installed;
  assert.ok(tarballBytes < MAX_TARBALL_BYTES, `${tarballBytes} bytes`);
});

test('npx baton help', async () => {
  assert.match(await run('npx', ['--offline', 'baton', 'help']), /baton serve \[--port 4000\]/);
});

test('a story in plain JavaScript, with the SDK and the test kit', async () => {
  writeFileSync(path.join(folder, 'story.js'), STORY);
  assert.equal(await run(process.execPath, ['story.js']), 'played to the end');
});

test('the source of the SDK needs no other types than those of a browser', async () => {
  const sdk = path.join(ROOT, 'src/sdk/sdk.ts');
  await run(TSC, ['--ignoreConfig', '--allowImportingTsExtensions', ...STRICT, ...BROWSER, sdk]);
});

test("the types hold, strictly, and those of the SDK and the kit without Node's", async () => {
  writeFileSync(path.join(folder, 'typed.ts'), TYPED);
  await run(TSC, [...STRICT, ...BROWSER, 'typed.ts']);
  writeFileSync(path.join(folder, 'served.ts'), SERVED);
  for (const name of ['@types/node', 'undici-types']) {
    cpSync(path.join(MODULES, name), path.join(folder, 'node_modules', name), { recursive: true });
  }
  await run(TSC, [...STRICT, '--types', 'node', '--skipLibCheck', 'typed.ts', 'served.ts']);
});
