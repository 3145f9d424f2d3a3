/** What is not needed is not loaded: the start and the idle memory have limits. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openSandbox } from '../../src/testing/sandbox.ts';
import { shopWorld } from '../http/shop.ts';

const LAZY = ['prom-client', '@opentelemetry/api', '@fastify/swagger', '@fastify/swagger-ui'] as const;
const { cache } = createRequire(import.meta.url);
const loaded = (): readonly string[] =>
  LAZY.filter((name) => Object.keys(cache).some((file) => file.includes(`/node_modules/${name}/`)));

test('metrics and the page of calls load their libraries when they are asked for, and traces when they are taken', async () => {
  await using baton = await openSandbox(shopWorld({}));
  await baton.sandbox('POST', '/pages/1001/customers/5001/message', { text: 'Hello' });
  assert.deepEqual(loaded(), []);
  assert.equal((await fetch(`${baton.url}/metrics`)).status, 401);
  assert.equal((await fetch(`${baton.url}/nothing/docs`)).status, 400);
  assert.deepEqual(loaded(), []);
  assert.equal((await fetch(`${baton.url}/docs`)).status, 200);
  assert.deepEqual(loaded(), ['@fastify/swagger', '@fastify/swagger-ui']);
});
