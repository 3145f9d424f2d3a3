/** How many user tokens and how many words with App Review are remembered: the oldest give way. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId, PageId, PersonId } from '../../src/protocol/ids.ts';
import {
  exchangeToken,
  issueCode,
  MAX_ENDED_GIVERS,
  MAX_USER_TOKENS,
  redeemCode,
} from '../../src/runtime/grants.ts';
import { askReview, decideReview, MAX_REVIEWS } from '../../src/runtime/review.ts';
import type { PageToken, ReviewRecord, UserToken } from '../../src/store/access.ts';
import { openApp } from '../http/app.ts';
import { REDIRECT } from '../http/operator.ts';
import { BOT, DESK, PAGE } from '../http/shop.ts';

const ANA = '9001' as PersonId;
const bot = BOT as AppId;
const desk = DESK as AppId;
const NOW = 1_800_000_000_000;

const issued = { app: bot, person: ANA, scopes: [], issuedAt: NOW, expiresAt: null } as const;
const user = (hash: string, more: Partial<UserToken> = {}): UserToken => ({
  ...issued,
  kind: 'user',
  hash,
  longLived: true,
  version: 0,
  ...more,
});
const given = (hash: string, parent: string | null): PageToken => ({
  ...issued,
  kind: 'page',
  hash,
  page: PAGE as PageId,
  source: parent === null ? 'operator' : 'sign_in',
  parent,
});

test(`[limit MAX_USER_TOKENS] [A5] a person has up to ${MAX_USER_TOKENS} user tokens for an app; then the oldest goes with what it gave`, async () => {
  const { runtime } = await openApp({ apps: [BOT, DESK] });
  const { configuration } = runtime;
  const own = Array.from({ length: MAX_USER_TOKENS - 2 }, (_, index) => user(`own ${index}`));
  const others = [
    user('of another app', { app: desk }),
    user('of another person', { person: '9002' as PersonId }),
    given('of no user token', null),
  ];
  const children = [given('given by 0', 'own 0'), given('given by 1', 'own 1'), given('given by 2', 'own 2')];
  await runtime.change(() => ({
    put: [...others, ...own, ...children].map((value) => ({ kind: 'token', value })),
  }));
  const count = () =>
    configuration
      .current()
      .tokens.filter(({ kind, app, person }) => kind === 'user' && app === BOT && person === ANA).length;
  const left = () =>
    [...others, ...children, ...own.slice(0, 3)]
      .map(({ hash }) => hash)
      .filter((hash) => configuration.token(hash) === null);
  const newest = user('short', { longLived: false });
  await runtime.change(() => ({ put: [{ kind: 'token', value: newest }] }));
  await exchangeToken(runtime, newest, 'short');
  assert.deepEqual([count(), left()], [MAX_USER_TOKENS, []]);
  await exchangeToken(runtime, newest, 'short');
  assert.deepEqual([count(), left()], [MAX_USER_TOKENS, ['given by 0', 'own 0']]);
  const code = await issueCode(runtime, { app: bot, person: ANA, scopes: [] }, REDIRECT);
  assert.equal(await redeemCode(runtime, { app: bot, code: 'another', redirectUri: REDIRECT }), null);
  assert.deepEqual([count(), left()], [MAX_USER_TOKENS, ['given by 0', 'own 0']]);
  assert.notEqual(await redeemCode(runtime, { app: bot, code, redirectUri: REDIRECT }), null);
  assert.deepEqual([count(), left()], [MAX_USER_TOKENS, ['given by 0', 'given by 1', 'own 0', 'own 1']]);
});

test('[A5] user tokens that have ended give way first, and what they gave for good stays', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const ended = user('ended', { expiresAt: NOW - 1 });
  const own = Array.from({ length: MAX_USER_TOKENS - 1 }, (_, index) => user(`own ${index}`));
  const rows = [...own, ended, given('for good', 'ended'), given('given by 0', 'own 0')];
  await runtime.change(() => ({ put: rows.map((value) => ({ kind: 'token', value })) }));
  const short = { app: bot, person: ANA, scopes: [] };
  const code = await issueCode(runtime, short, REDIRECT);
  await redeemCode(runtime, { app: bot, code, redirectUri: REDIRECT });
  const gone = rows.filter(({ hash }) => runtime.configuration.token(hash) === null);
  assert.deepEqual(
    gone.map(({ hash }) => hash),
    ['ended'],
  );
});

test(`[limit MAX_ENDED_GIVERS] [A5] the Page tokens of up to ${MAX_ENDED_GIVERS} user tokens that are over last; then those of the oldest go`, async () => {
  const { runtime } = await openApp({ apps: [BOT, DESK] });
  const rows = Array.from({ length: MAX_ENDED_GIVERS }, (_, index) =>
    given(`given by ${index}`, `over ${index}`),
  );
  const others = [
    { ...given('of another app', 'over 0'), app: desk },
    { ...given('of another person', 'over 0'), person: '9002' as PersonId },
    { ...given('second of 0', 'over 0'), page: '1002' as PageId },
    given('of no user token', null),
    user('lasting'),
    given('given by lasting', 'lasting'),
  ];
  await runtime.change(() => ({ put: [...rows, ...others].map((value) => ({ kind: 'token', value })) }));
  const gone = () =>
    [...rows, ...others].map(({ hash }) => hash).filter((hash) => runtime.configuration.token(hash) === null);
  const signIn = async (): Promise<void> => {
    const code = await issueCode(runtime, { app: bot, person: ANA, scopes: [] }, REDIRECT);
    assert.notEqual(await redeemCode(runtime, { app: bot, code, redirectUri: REDIRECT }), null);
  };
  await signIn();
  assert.deepEqual(gone(), []);
  const value = given('given by one more', 'over too');
  await runtime.change(() => ({ put: [{ kind: 'token', value }] }));
  await signIn();
  assert.deepEqual(gone(), ['given by 0', 'second of 0']);
});

test('[A5] a long-lived token that is revoked while it is prolonged stays revoked', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const token = user('revoked', { expiresAt: NOW + 1 });
  await runtime.change(() => ({ put: [{ kind: 'token', value: token }] }));
  const revoking = runtime.change(() => ({ put: [], remove: [{ kind: 'token', key: token.hash }] }));
  const exchanging = exchangeToken(runtime, token, 'text');
  await revoking;
  assert.equal(await exchanging, null);
  assert.equal(runtime.configuration.token(token.hash), null);
});

test(`[limit MAX_REVIEWS] [A3] ${MAX_REVIEWS} requests and decisions of an app are remembered; then the oldest decided one goes, and only for a new one`, async () => {
  const { runtime } = await openApp({
    apps: [BOT, DESK],
    more: { [BOT]: { advanced_access: [] }, [DESK]: { advanced_access: [] } },
  });
  const review = (app: AppId, number: number): ReviewRecord => ({
    id: `${app}/${number}`,
    app,
    feature: 'human_agent',
    note: '',
    askedAt: NOW,
    // The first is open.
    decision: number === 1 ? null : { granted: false, reason: '', at: NOW },
  });
  const known = Array.from({ length: MAX_REVIEWS - 1 }, (_, index) => review(bot, index + 1));
  const foreign = [review(desk, 1), review(desk, 2)];
  await runtime.change(() => ({
    put: [...foreign, ...known].map((value) => ({ kind: 'review', value })),
  }));
  const numbers = (app: AppId): readonly number[] =>
    runtime.configuration
      .current()
      .reviews.filter((each) => each.app === app)
      .map(({ id }) => Number(id.split('/')[1]));
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  const asked = { app: bot, feature: 'pages_messaging' } as const;
  await askReview(runtime, { ...asked, note: 'a' });
  assert.deepEqual(numbers(bot), upTo(MAX_REVIEWS));
  await askReview(runtime, { ...asked, note: 'b' });
  assert.deepEqual(numbers(bot), upTo(MAX_REVIEWS), 'a note that is renewed takes no place');
  await decideReview(runtime, { ...asked, granted: false, reason: 'Not yet' });
  assert.deepEqual(numbers(bot), upTo(MAX_REVIEWS), 'a decision on what was asked takes none');
  await decideReview(runtime, { ...asked, granted: true, reason: '' });
  const without = upTo(MAX_REVIEWS + 1).filter((number) => number !== 2);
  assert.deepEqual(numbers(bot), without, 'what is open stays');
  await decideReview(runtime, { ...asked, granted: false, reason: '' });
  await askReview(runtime, { ...asked, note: 'c' });
  assert.deepEqual(numbers(bot), [1, ...upTo(MAX_REVIEWS + 3).filter((number) => number > 4)]);
  assert.deepEqual(numbers(desk), [1, 2]);
});

test('[A5] a user token that is revoked while it is exchanged gives no other', async () => {
  const { runtime } = await openApp({ apps: [BOT] });
  const token = user('revoked', { longLived: false });
  await runtime.change(() => ({ put: [{ kind: 'token', value: token }] }));
  const revoking = runtime.change(() => ({ put: [], remove: [{ kind: 'token', key: token.hash }] }));
  const exchanging = exchangeToken(runtime, token, 'text');
  await revoking;
  assert.equal(await exchanging, null);
  const left = runtime.configuration.current().tokens.filter(({ kind }) => kind === 'user');
  assert.deepEqual(left, []);
});
