/** What a change of the configuration costs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planChange } from '../../src/runtime/plan.ts';
import type { TokenRecord } from '../../src/store/access.ts';
import { openApp } from '../http/app.ts';
import { BOT } from '../http/shop.ts';

const options = { now: 1, load: async () => null, era: null };

test('a change looks only at rows of kinds that it names or that follow from it', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const current = runtime.configuration.current();
  const untouched = new Proxy({} as TokenRecord, {
    get: () => assert.fail('a token was read'),
    ownKeys: () => assert.fail('a token was compared'),
  });
  const config = { ...current, tokens: Array.from({ length: 5_000 }, () => untouched) };
  const put = config.people.map((value) => ({ kind: 'person', value: { ...value, name: 'New' } }) as const);
  const change = await planChange(config, { put }, options);
  assert.deepEqual(change?.put, put);
  assert.equal(await planChange(config, { put: [] }, options), null);
});

test('an event that follows from a change bears the era of the store', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const config = runtime.configuration.current();
  const put = config.pages.map((value) => ({ kind: 'page', value: { ...value, lead: null } }) as const);
  const change = await planChange(config, { put }, { ...options, era: '0123456789ab' });
  assert.deepEqual(
    change?.commits.flatMap(({ events }) => events.map(({ event, era }) => [event.type, era])),
    [['primary_receiver_changed', '0123456789ab']],
  );
});

test('a row that is removed is removed once, one that is not there not at all', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const config = runtime.configuration.current();
  const [token] = config.tokens;
  assert.ok(token !== undefined);
  const gone = { kind: 'token', key: token.hash } as const;
  const remove = [gone, gone, { kind: 'token', key: 'nothing' } as const];
  const change = await planChange(config, { put: [], remove }, options);
  assert.deepEqual([change?.put, change?.remove], [[], [gone]]);
  assert.deepEqual(
    change?.pages,
    config.pages.map(({ id }) => id),
  );
});
