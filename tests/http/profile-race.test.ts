/** A profile is judged on the very configuration that it changes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCaller } from '../../src/http/graph/access.ts';
import { deleteProfile, setProfile } from '../../src/http/graph/messenger-profile.ts';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId } from '../../src/protocol/ids.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { openConfiguration } from '../../src/runtime/configuration.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import { loadWorld, readWorld } from '../../src/runtime/world/load.ts';
import { createFiles } from '../../src/store/files.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { readParameters } from '../../src/wire/parameters.ts';
import { BOT, DESK, shopWorld, tokenOf } from './shop.ts';

async function openRuntime(): Promise<Runtime> {
  const clock = simulatedClock(1_800_000_000_000);
  const store = createMemoryStore({ now: clock.now });
  const configuration = await openConfiguration(store);
  const delivery = { wake: () => undefined, reconfigure: () => undefined };
  const files = createFiles('/nowhere/baton');
  const runtime = createRuntime({ store, configuration, clock, observer: silentObserver, delivery, files });
  const read = readWorld(JSON.stringify(shopWorld({}, { primary: null, apps: [BOT, DESK] })), {
    sandbox: true,
  });
  assert.ok(read.ok);
  await loadWorld(runtime, read.world, { sandbox: true });
  return runtime;
}

/** A call of an app that has found the page as it is now. */
function callOf(runtime: Runtime, app: string, body: unknown): Parameters<typeof setProfile.run>[0] {
  const read = readParameters({
    method: 'POST',
    query: `access_token=${tokenOf(app)}`,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(body)),
  });
  assert.ok(read.ok);
  const found = readCaller(runtime, read.parameters, undefined);
  assert.ok(found.ok && found.kind === 'page');
  const { parameters } = read;
  return { runtime, caller: found.caller, parameters, origin: '', idempotencyKey: undefined };
}

const namePrimary = (runtime: Runtime, app: string): Promise<void> =>
  runtime.change(({ pages }) => ({
    put: pages.map((page) => ({ kind: 'page', value: { ...page, lead: app as AppId } })),
  }));

const makers = (runtime: Runtime) =>
  runtime.configuration.current().profile.map(({ part, app }) => `${part} of ${app}`);

test('[M1, M2] naming a primary receiver and setting the profile at once: whichever comes first, the rules are kept', async () => {
  await using runtime = await openRuntime();
  const start = { get_started: { payload: 'START' } };
  // The desk's call has seen a page without a primary receiver, and is carried out on one that has the bot.
  const late = callOf(runtime, DESK, start);
  const naming = namePrimary(runtime, BOT);
  const answer = await setProfile.run(late, 'me');
  await naming;
  assert.equal(!answer.ok && answer.error.subcode, 2018171);
  assert.deepEqual(makers(runtime), []);
  assert.equal((await setProfile.run(callOf(runtime, BOT, start), 'me')).ok, true);
  const deletion = callOf(runtime, BOT, { fields: ['get_started'] });
  const renaming = namePrimary(runtime, DESK);
  assert.equal((await deleteProfile.run(deletion, 'me')).ok, false);
  await renaming;
  assert.deepEqual(makers(runtime), [`get_started of ${BOT}`]);
});

test('[M6] the profile stays when the primary receiver changes, until the new one replaces it', async () => {
  await using runtime = await openRuntime();
  await namePrimary(runtime, BOT);
  const start = { get_started: { payload: 'START' } };
  await setProfile.run(callOf(runtime, BOT, start), 'me');
  await namePrimary(runtime, DESK);
  assert.deepEqual(makers(runtime), [`get_started of ${BOT}`]);
  assert.equal((await setProfile.run(callOf(runtime, DESK, start), 'me')).ok, true);
  assert.deepEqual(makers(runtime), [`get_started of ${DESK}`]);
});

test('of two calls at once, one that needs what the other deletes is refused', async () => {
  await using runtime = await openRuntime();
  await setProfile.run(callOf(runtime, BOT, { get_started: { payload: 'START' } }), 'me');
  const items = [{ type: 'postback', title: 'FAQ', payload: 'FAQ' }];
  const menu = { persistent_menu: [{ locale: 'default', call_to_actions: items }] };
  const answers = await Promise.all([
    deleteProfile.run(callOf(runtime, DESK, { fields: ['get_started'] }), 'me'),
    setProfile.run(callOf(runtime, BOT, menu), 'me'),
  ]);
  assert.deepEqual(
    answers.map(({ ok }) => ok),
    [true, false],
  );
  assert.deepEqual(makers(runtime), []);
});
