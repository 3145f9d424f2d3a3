/** The manual names what `baton/sdk` and `baton/testing` give, and nothing that they do not. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as sdk from '../../src/sdk/sdk.ts';
import * as kit from '../../src/testing/kit.ts';

const page = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../../docs/reference', name), 'utf8');
const SDK = page('sdk.md');
const KIT = page('testing.md');

test('everything that the SDK gives is in the manual', () => {
  const client = sdk.createClient({ url: 'http://baton.test', appId: '1', token: 't' });
  const names = [...Object.keys(sdk), ...Object.keys(client)];
  const missing = names.filter((name) => name !== 'appId' && !new RegExp(`\\b${name}\\b`).test(SDK));
  assert.deepEqual(missing, []);
  const limits = [...SDK.matchAll(/\bMAX_\w+/g)].map(([name]) => name);
  assert.deepEqual(
    limits.filter((name) => !(name in sdk)),
    [],
  );
  assert.equal(sdk.MAX_CALL_TRIES, 5, 'as the manual says');
});

test('everything that the test kit gives is in the manual', async () => {
  await using baton = await kit.openBaton();
  const made = [baton, baton.clock, await baton.page(), await baton.app(), await baton.customer()];
  const names = [...Object.keys(kit), ...made.flatMap((each) => Object.keys(each))];
  const missing = names.filter((name) => name !== 'psid' && !new RegExp(`\\b${name}\\b`).test(KIT));
  assert.deepEqual(missing, []);
});
