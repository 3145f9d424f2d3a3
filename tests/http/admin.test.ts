/** What an operator's call must not do by what a mistake has left empty, and whom it must not hold up. */

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { type Observer, silentObserver } from '../../src/observe/observer.ts';
import { type App, errorOf, OPERATOR, openApp } from './app.ts';
import { REDIRECT } from './operator.ts';
import { BOT, DESK, PAGE, tokenOf } from './shop.ts';

const open = (): Promise<App> =>
  openApp({ apps: [BOT, DESK], more: { [BOT]: { redirect_uris: [REDIRECT], testers: ['5002'] } } });

test('[A5] a condition of a revocation that is null is a mistake, and revokes nothing', async () => {
  const app = await open();
  const before = app.runtime.configuration.current();
  const conditions = ['id', 'token', 'app', 'page', 'person'];
  const bodies = [
    ...conditions.map((key) => ({ [key]: null })),
    { id: null, app: BOT },
    Object.fromEntries(conditions.map((key) => [key, null])),
    {},
  ];
  for (const body of bodies) {
    const answer = await app.ask('POST', '/admin/tokens/revoke', { token: OPERATOR, body });
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 100], JSON.stringify(body));
    assert.equal(app.runtime.configuration.current(), before);
  }
  const given = { token: tokenOf(BOT), app: BOT };
  const right = await app.ask('POST', '/admin/tokens/revoke', { token: OPERATOR, body: given });
  assert.deepEqual(right.body, { revoked: 1 });
});

test('a list that is null is a mistake, and takes nothing away', async () => {
  const app = await open();
  const before = app.runtime.configuration.current();
  for (const [path, key] of [
    [`/pages/${PAGE}/people/9001`, 'tasks'],
    [`/apps/${BOT}/pages/${PAGE}`, 'permissions'],
    [`/apps/${BOT}`, 'testers'],
    [`/apps/${BOT}`, 'redirect_uris'],
  ] as const) {
    const answer = await app.ask('POST', `/admin${path}`, { token: OPERATOR, body: { [key]: null } });
    assert.deepEqual([answer.status, errorOf(answer).code], [400, 100], key);
    assert.ok(errorOf(answer).message.includes(`${key} must be a list`));
    assert.equal(app.runtime.configuration.current(), before, key);
  }
});

test('[A1] a password is hashed beside the thread that serves', async (t) => {
  const app = await open();
  t.mock.method(crypto, 'scryptSync', () => assert.fail('nobody else is served meanwhile'));
  syncBuiltinESMExports();
  try {
    const body = { password: 'kopi tubruk' };
    assert.equal((await app.ask('POST', '/admin/people/9001', { token: OPERATOR, body })).status, 200);
    const { people } = app.runtime.configuration.current();
    assert.match(people[0]?.passwordHash ?? '', /^scrypt\$[\w-]{22}\$[\w-]{43}$/);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

test('what an operator changes, or may not, is one line of the log: which call, about whom, and how it was answered', async () => {
  const lines: unknown[] = [];
  const note: Observer['note'] = (message, fields) => void lines.push({ message, ...fields });
  const app = await openApp({ apps: [BOT, DESK], observer: { ...silentObserver, note } });
  const asOperator = (body: unknown) => ({ token: OPERATOR, body });
  await app.ask('POST', `/admin/people/9001`, asOperator({ password: 'kopi tubruk' }));
  await app.ask('POST', `/admin/apps/${BOT}/pages/${PAGE}`, asOperator({ permissions: ['everything'] }));
  await app.ask('GET', '/admin/people', { token: OPERATOR });
  await app.ask('POST', '/admin/people/9001', { token: 'guessed', body: {} });
  const message = 'operator';
  assert.deepEqual(lines, [
    { message, call: 'POST /admin/people/:person', person: '9001', status: 200 },
    { message, call: 'POST /admin/apps/:app/pages/:page', app: BOT, page: PAGE, status: 400 },
    { message, call: 'POST /admin/people/:person', person: '9001', status: 401 },
  ]);
});
