/** [A1, A5] A change that a call asked for, and whose caller has lost what let it in by the time of its turn. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AppId, PersonId } from '../../src/protocol/ids.ts';
import { issueCode } from '../../src/runtime/grants.ts';
import { rotateSecret } from '../../src/runtime/secrets.ts';
import { hashToken } from '../../src/runtime/tokens.ts';
import type { Config, Task } from '../../src/store/config.ts';
import { type App, type Asked, errorOf, openApp } from './app.ts';
import { REDIRECT } from './operator.ts';
import { BOT, DESK, secretOf, tokenOf } from './shop.ts';

/** Long enough for a call to come to the queue of changes. */
const QUEUED_MS = 30;
const FACE = { name: 'Ana', profile_picture_url: 'https://a.example/ana.png' };

const open = (rateLimit = 0): Promise<App> =>
  openApp({
    rateLimit,
    apps: [BOT, DESK],
    more: { [BOT]: { advanced_access: [], redirect_uris: [REDIRECT] } },
  });

/** The answer to a call whose change waits behind another one. */
async function callBehind(app: App, loss: () => Promise<void>, call: () => Promise<Asked>): Promise<Asked> {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  const first = app.runtime.change(async () => {
    await gate;
    return { put: [] };
  });
  const losing = loss();
  const calling = call();
  await pause(QUEUED_MS);
  letGo();
  await Promise.all([first, losing]);
  return calling;
}

const revoke = (app: App): Promise<void> =>
  app.runtime.change(() => ({ put: [], remove: [{ kind: 'token', key: hashToken(tokenOf(BOT)) }] }));
const setTasks = (app: App, tasks: readonly Task[]): Promise<void> =>
  app.runtime.change(({ pages }) => ({
    put: pages.map((value) => ({
      kind: 'page',
      value: { ...value, people: value.people.map((each) => ({ ...each, tasks })) },
    })),
  }));
const rotate = (app: App): Promise<void> =>
  app.runtime.change(({ apps }) => ({
    put: apps
      .filter(({ id }) => id === BOT)
      .map((value) => ({
        kind: 'app',
        value: rotateSecret(value, { secret: 'another', now: 0, graceMs: 0 }),
      })),
  }));
const unsubscribe = (app: App): Promise<void> =>
  app.runtime.change(({ connections }) => ({
    put: connections
      .filter((each) => each.app === BOT)
      .map((value) => ({ kind: 'connection', value: { ...value, subscribed: false } })),
  }));

/** What calls on a page can change. */
const changeable = ({ connections, personas, profile, webhooks }: Config) => ({
  fields: connections.map(({ app, subscribed, fields }) => ({ app, subscribed, fields })),
  personas,
  profile,
  webhooks,
});

type Call = { readonly name: string; readonly make: (app: App, persona: string) => Promise<Asked> };
const asBot =
  (method: 'GET' | 'POST', path: string, body?: unknown): Call['make'] =>
  (app, persona) =>
    app.ask(method, path.replace('PERSONA', persona), { token: tokenOf(BOT), ...(body ? { body } : {}) });
const greeting = [{ locale: 'default', text: 'Hi' }];
const CALLS: readonly Call[] = [
  { name: 'subscribe', make: asBot('POST', '/me/subscribed_apps', { subscribed_fields: ['messages'] }) },
  { name: 'unsubscribe', make: asBot('POST', '/me/subscribed_apps', { method: 'delete' }) },
  { name: 'make a persona', make: asBot('POST', '/me/personas', FACE) },
  { name: 'delete a persona', make: asBot('POST', '/PERSONA', { method: 'delete' }) },
  { name: 'set the profile', make: asBot('POST', '/me/messenger_profile', { greeting }) },
  {
    name: 'delete the profile',
    make: asBot('POST', '/me/messenger_profile', { method: 'delete', fields: ['whitelisted_domains'] }),
  },
];

for (const { name, make } of CALLS) {
  for (const [lost, loss, status, code] of [
    ['token', revoke, 400, 190],
    ['task', (app: App) => setTasks(app, ['ANALYZE']), 403, 200],
  ] as const) {
    test(`[A1, A5] who loses the ${lost} while a call waits to ${name} changes nothing`, async () => {
      const app = await open();
      const made = await app.ask('POST', '/me/personas', { token: tokenOf(BOT), body: FACE });
      const domains = { whitelisted_domains: ['https://a.example'] };
      await app.ask('POST', '/me/messenger_profile', { token: tokenOf(BOT), body: domains });
      const before = changeable(app.runtime.configuration.current());
      const answer = await callBehind(
        app,
        () => loss(app),
        () => make(app, String(made.body['id'])),
      );
      assert.deepEqual([answer.status, errorOf(answer).code], [status, code], JSON.stringify(answer.body));
      assert.deepEqual(changeable(app.runtime.configuration.current()), before);
    });
  }
}

test('[A2] an app that may not manage its subscription any more by its turn changes nothing of it', async () => {
  const app = await open();
  const before = changeable(app.runtime.configuration.current());
  const forbid = (): Promise<void> =>
    app.runtime.change(({ connections }) => ({
      put: connections
        .filter((each) => each.app === BOT)
        .map((value) => ({ kind: 'connection', value: { ...value, permissions: ['pages_messaging'] } })),
    }));
  const answer = await callBehind(app, forbid, () =>
    app.ask('POST', '/me/subscribed_apps', {
      token: tokenOf(BOT),
      body: { subscribed_fields: ['messages'] },
    }),
  );
  assert.deepEqual([answer.status, errorOf(answer).code], [403, 200]);
  assert.deepEqual(changeable(app.runtime.configuration.current()), before);
});

test('[C16] an app that is off the page by its turn makes no persona there', async () => {
  const app = await open();
  const answer = await callBehind(
    app,
    () => unsubscribe(app),
    () => app.ask('POST', '/me/personas', { token: tokenOf(BOT), body: FACE }),
  );
  assert.deepEqual([answer.status, errorOf(answer).code], [403, 200]);
  assert.deepEqual(app.runtime.configuration.current().personas, []);
});

test('[A1] who loses a task that is not needed is served, and is counted once', async () => {
  const app = await open(1);
  const answer = await callBehind(
    app,
    () => setTasks(app, ['MODERATE']),
    () => app.ask('POST', '/me/personas', { token: tokenOf(BOT), body: FACE }),
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(app.runtime.configuration.current().personas.length, 1);
});

test('[A3] an app token whose secret is good no more by its turn asks App Review for nothing', async () => {
  const app = await open();
  const answer = await callBehind(
    app,
    () => rotate(app),
    () =>
      app.ask('POST', `/${BOT}/review_requests`, {
        token: `${BOT}|${secretOf(BOT)}`,
        body: { feature: 'human_agent' },
      }),
  );
  assert.deepEqual([answer.status, errorOf(answer).code], [400, 190]);
  assert.deepEqual(app.runtime.configuration.current().reviews, []);
});

test('[A5] a code is not redeemed with a secret that is good no more by its turn', async () => {
  const app = await open();
  const consent = { app: BOT as AppId, person: '9001' as PersonId, scopes: [] };
  const code = await issueCode(app.runtime, consent, REDIRECT);
  const query = new URLSearchParams({
    client_id: BOT,
    client_secret: secretOf(BOT),
    redirect_uri: REDIRECT,
    code,
  });
  const answer = await callBehind(
    app,
    () => rotate(app),
    () => app.ask('GET', `/oauth/access_token?${query}`),
  );
  assert.deepEqual([answer.status, errorOf(answer).code], [400, 101]);
  assert.notEqual(app.runtime.configuration.token(hashToken(code)), null, 'it can be redeemed still');
});
