/** The limits of who may do what: what is just within is taken, one more is refused by its name and changes nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_LIST, MAX_OPERATOR_TEXT } from '../../src/http/admin/read.ts';
import { MAX_ATTEMPTS_A_PERSON } from '../../src/http/dialog/attempts.ts';
import { MAX_STATE } from '../../src/http/dialog/request.ts';
import { MAX_PASSWORD } from '../../src/http/dialog/routes.ts';
import { MAX_NOTE } from '../../src/http/graph/app-nodes.ts';
import { MAX_GATE_TRIES } from '../../src/http/graph/graph.ts';
import { hashPassword } from '../../src/runtime/passwords.ts';
import { MAX_GRACE_MS } from '../../src/runtime/secrets.ts';
import { MAX_WORLD_TEXT } from '../../src/runtime/world/reader.ts';
import type { Task } from '../../src/store/config.ts';
import { type App, type Asked, errorOf, OPERATOR, openApp } from './app.ts';
import { formOf, REDIRECT } from './operator.ts';
import { BOT, BUDI, DESK, PAGE, secretOf, tokenOf } from './shop.ts';

const ANA = '9001';

const open = () =>
  openApp({
    apps: [BOT, DESK],
    more: { [BOT]: { redirect_uris: [REDIRECT] }, [DESK]: { advanced_access: [] } },
  });
const operate = (app: App, path: string, body: unknown): Promise<Asked> =>
  app.ask('POST', `/admin${path}`, { token: OPERATOR, body });

function isRefused(answer: Asked, named: string): void {
  assert.equal(answer.status, 400, JSON.stringify(answer.body));
  const { type, code, message } = errorOf(answer);
  assert.deepEqual([type, code], ['OAuthException', 100]);
  assert.ok(message.includes(named), message);
}

/** A call that is taken at `max`, refused beyond by the name of its key, and then changes nothing. */
async function holds(max: number, named: string, call: (app: App, size: number) => Promise<Asked>) {
  const app = await open();
  const within = await call(app, max);
  assert.equal(within.status, 200, JSON.stringify(within.body));
  const before = app.runtime.configuration.current();
  isRefused(await call(app, max + 1), named);
  assert.equal(app.runtime.configuration.current(), before);
}

test(`[limit MAX_LIST] a list of an operator's call has up to ${MAX_LIST} items`, async () => {
  const list = (size: number, item: (index: number) => string) =>
    Array.from({ length: size }, (_, index) => item(index));
  const calls = [
    ['testers', `/apps/${BOT}`, (index: number) => String(600_000 + index)],
    ['redirect_uris', `/apps/${BOT}`, (index: number) => `https://a.example/${index}`],
    ['tasks', `/pages/${PAGE}/people/${ANA}`, () => 'MODERATE'],
    ['permissions', `/apps/${BOT}/pages/${PAGE}`, () => 'pages_messaging'],
  ] as const;
  for (const [key, path, item] of calls) {
    await holds(MAX_LIST, `${key} must have at most ${MAX_LIST} items`, (app, size) =>
      operate(app, path, { [key]: list(size, item) }),
    );
  }
});

test(`[limit MAX_OPERATOR_TEXT] a text of an operator's call has up to ${MAX_OPERATOR_TEXT} characters, whatever they are`, async () => {
  const site = 'https://a.example/';
  const x = (size: number): string => 'x'.repeat(size);
  const calls = [
    ['name', `/people/${ANA}`, (size: number) => ({ name: '😀'.repeat(size) })],
    ['password', `/people/${ANA}`, (size: number) => ({ password: x(size) })],
    ['name', `/apps/${BOT}`, (size: number) => ({ name: x(size) })],
    ['redirect_uris', `/apps/${BOT}`, (size: number) => ({ redirect_uris: [site + x(size - site.length)] })],
    [
      'redirect_uris',
      `/apps/${BOT}`,
      (size: number) => ({ redirect_uris: [site + '😀'.repeat(size - site.length)] }),
    ],
    [
      'reason',
      `/apps/${BOT}/reviews`,
      (size: number) => ({ feature: 'human_agent', granted: true, reason: x(size) }),
    ],
    ['token', '/tokens/revoke', (size: number) => ({ token: x(size) })],
  ] as const;
  for (const [key, path, body] of calls) {
    await holds(MAX_OPERATOR_TEXT, key, (app, size) => operate(app, path, body(size)));
  }
});

test('[limit MAX_GRACE_MS] the secret before stays good for up to 30 days', async () => {
  const app = await open();
  const isGood = async (secret: string): Promise<boolean> =>
    (await app.ask('GET', `/${BOT}`, { token: `${BOT}|${secret}` })).status === 200;
  const rotate = (graceMs: number) => operate(app, `/apps/${BOT}/rotate_secret`, { grace_ms: graceMs });
  isRefused(await rotate(MAX_GRACE_MS + 1), `grace_ms must be a whole number from 0 to ${MAX_GRACE_MS}`);
  assert.equal(app.runtime.configuration.current().apps[0]?.secret, secretOf(BOT), 'it is the same still');
  const { status, body } = await rotate(MAX_GRACE_MS);
  assert.equal(status, 200, JSON.stringify(body));
  app.clock.advance(MAX_GRACE_MS - 1);
  assert.equal(await isGood(secretOf(BOT)), true);
  app.clock.advance(1);
  assert.equal(await isGood(secretOf(BOT)), false);
  assert.equal(await isGood(String(body['secret'])), true);
});

test(`[limit MAX_NOTE] [A3] a note to App Review has up to ${MAX_NOTE} characters`, async () => {
  for (const character of ['x', '😀']) {
    await holds(MAX_NOTE, `note must not be longer than ${MAX_NOTE} characters`, (app, size) =>
      app.ask('POST', `/${DESK}/review_requests`, {
        token: `${DESK}|${secretOf(DESK)}`,
        body: { feature: 'human_agent', note: character.repeat(size) },
      }),
    );
  }
});

/** The dialog as a browser has it. */
function dialogOf({ http }: App, state = '') {
  const url = `/dialog/oauth?${new URLSearchParams({ client_id: BOT, redirect_uri: REDIRECT, state })}`;
  return {
    show: () => http.inject({ method: 'GET', url }),
    async send(filled: Readonly<Record<string, string>>) {
      const shown = await this.show();
      const form = formOf(shown.body);
      for (const [name, value] of Object.entries(filled)) form.set(name, value);
      const cookie = String(shown.headers['set-cookie']).split(';')[0] ?? '';
      const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
      return http.inject({ method: 'POST', url: '/dialog/oauth', headers, payload: form.toString() });
    },
  };
}

test(`[limit MAX_STATE] [A5] a state of up to ${MAX_STATE} characters is handed back as it was; with a longer one nothing is asked`, async () => {
  const app = await open();
  for (const character of ['x', '😀']) {
    const state = character.repeat(MAX_STATE);
    const back = await dialogOf(app, state).send({ cancel: '1' });
    assert.equal(back.statusCode, 303);
    assert.equal(new URL(String(back.headers.location)).searchParams.get('state'), state);
    const shown = await dialogOf(app, state + character).show();
    const sent = await dialogOf(app, state).send({ cancel: '1', state: state + character });
    for (const refused of [shown, sent]) {
      assert.deepEqual([refused.statusCode, refused.headers.location], [400, undefined]);
      assert.match(refused.body, /too long \(state\)/);
      assert.doesNotMatch(refused.body, /<form/);
    }
  }
});

test(`[limit MAX_PASSWORD] [A5] a password of up to ${MAX_PASSWORD} characters is looked at, a longer one is not, and is no attempt`, async () => {
  const app = await open();
  const { current } = app.runtime.configuration;
  const codes = () => current().tokens.filter(({ kind }) => kind === 'code').length;
  const signIn = async (password: string): Promise<number> =>
    (await dialogOf(app).send({ person: ANA, password })).statusCode;
  const longest = '😀'.repeat(MAX_PASSWORD);
  assert.equal((await operate(app, `/people/${ANA}`, { password: longest })).status, 200);
  assert.equal(await signIn(longest), 303);
  assert.equal(codes(), 1);
  for (let tries = 0; tries <= MAX_ATTEMPTS_A_PERSON; tries++) assert.equal(await signIn(`${longest}x`), 400);
  assert.equal(await signIn(longest), 303);
  const passwordHash = await hashPassword(`${longest}x`);
  await app.runtime.change(({ people }) => ({
    put: people.map((value) => ({ kind: 'person', value: { ...value, passwordHash } })),
  }));
  assert.equal(await signIn(`${longest}x`), 400, 'not even the right one');
  assert.equal(codes(), 2);
});

test('whatever password can be given to a person can be typed, too', () =>
  assert.ok(MAX_PASSWORD >= Math.max(MAX_OPERATOR_TEXT, MAX_WORLD_TEXT)));

/**
 * What a send is answered, and how often it was tried, when its caller loses a task so many times between the gates
 * and the writing, while it keeps one that is enough.
 */
async function sendLosing(times: number) {
  let isWatched = false;
  let tries = 0;
  const app: App = await openApp({
    apps: [BOT, DESK],
    change: (store) => ({
      ...store,
      async commit(commits) {
        if (isWatched) tries += 1;
        if (isWatched && tries <= times) await change(tries % 2 === 0 ? 'ANALYZE' : 'ADVERTISE');
        return store.commit(commits);
      },
    }),
  });
  const change = (task: Task) =>
    app.runtime.change(({ pages }) => ({
      put: pages.map((value) => {
        const people = value.people.map((each) => ({ ...each, tasks: ['MESSAGING' as const, task] }));
        return { kind: 'page', value: { ...value, people } };
      }),
    }));
  await app.ask('POST', `/sandbox/pages/${PAGE}/customers/${BUDI}/message`, { body: { text: 'Hello' } });
  isWatched = true;
  const body = { recipient: { id: BUDI }, message: { text: 'Hi' } };
  const answer = await app.ask('POST', '/me/messages', { token: tokenOf(BOT), body });
  return { answer, tries, sent: await app.sentTo(BUDI) };
}

test(`[limit MAX_GATE_TRIES] [A1] a call whose caller keeps losing what let it in goes through the gates ${MAX_GATE_TRIES} times, and then has done nothing`, async () => {
  const within = await sendLosing(MAX_GATE_TRIES - 1);
  assert.deepEqual([within.answer.status, within.tries, within.sent], [200, MAX_GATE_TRIES, ['Hi']]);
  const beyond = await sendLosing(MAX_GATE_TRIES);
  assert.deepEqual([beyond.answer.status, beyond.tries, beyond.sent], [503, MAX_GATE_TRIES, []]);
  assert.equal(errorOf(beyond.answer).code, 2);
  assert.equal(beyond.answer.headers['retry-after'], '1');
});
