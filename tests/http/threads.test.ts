/** Conversations as an operator sees them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_EVENTS_SHOWN, MAX_THREADS_LISTED } from '../../src/http/admin/threads.ts';
import type { PageId, Psid } from '../../src/protocol/ids.ts';
import { HOUR_MS } from '../../src/protocol/time.ts';
import { newMid } from '../../src/runtime/mids.ts';
import { MAX_THREADS_LOOKED_AT } from '../../src/runtime/thread-list.ts';
import { type App, errorOf, OPERATOR, openApp } from './app.ts';
import { operatorOf } from './operator.ts';
import { BOT, BUDI, DESK, INBOX, openShop, PAGE, tokenOf } from './shop.ts';

type Part = { readonly data: readonly Readonly<Record<string, unknown>>[]; readonly after: string | null };

async function list(app: App, query = ''): Promise<Part> {
  const answer = await app.ask('GET', `/admin/pages/${PAGE}/threads${query}`, { token: OPERATOR });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as unknown as Part;
}

/** The customer writes. */
async function says(app: App, psid: string, text = 'Is the corner table free?'): Promise<void> {
  const mid = newMid(app.clock.now());
  const act = {
    kind: 'message',
    mid,
    text,
    attachments: [],
    quickReplyPayload: null,
    referral: null,
  } as const;
  await app.runtime.threads.handle({ page: PAGE as PageId, psid: psid as Psid }, { type: 'receive', act });
}

const psids = ({ data }: Part): readonly unknown[] => data.map(({ psid }) => psid);

test('conversations are listed in parts, all, of an owner or idle, as of now, and without what was said', async () => {
  const app = await openApp({ apps: [BOT, DESK] });
  for (const psid of ['5002', '5003', '5004']) await says(app, psid);
  const all = await list(app);
  assert.deepEqual([psids(all), all.after], [[BUDI, '5002', '5003', '5004'], null]);
  assert.doesNotMatch(JSON.stringify(all), /corner table|Budi/);
  assert.partialDeepStrictEqual(all.data[1], {
    owner_app_id: BOT,
    expires_at: app.clock.now() + 24 * HOUR_MS,
    folder: 'general',
    open_requests: 0,
    control_epoch: 1,
    last_act_at: app.clock.now(),
  });
  const first = await list(app, '?limit=3');
  assert.deepEqual([psids(first), first.after], [[BUDI, '5002', '5003'], '5003']);
  assert.deepEqual(psids(await list(app, '?limit=3&after=5003')), ['5004']);
  await app.ask('POST', '/v20.0/me/pass_thread_control', {
    token: tokenOf(BOT),
    body: { recipient: { id: '5003' }, target_app_id: INBOX },
  });
  assert.deepEqual(psids(await list(app, `?owner=${BOT}`)), ['5002', '5004']);
  assert.deepEqual(psids(await list(app, `?owner=${INBOX}`)), ['5003']);
  assert.deepEqual(psids(await list(app, '?idle=true')), [BUDI]);
  assert.deepEqual(psids(await list(app, '?idle=false')), [BUDI, '5002', '5003', '5004']);
  // [I3] No background job has run.
  app.clock.advance(24 * HOUR_MS);
  assert.deepEqual(psids(await list(app, `?owner=${BOT}`)), []);
  assert.deepEqual(psids(await list(app, '?idle=true')), [BUDI, '5002', '5003', '5004']);
});

test('a conversation is told whole: who has it and why, its queue and history, who was told and who was not', async () => {
  await using shop = await openShop({
    apps: [BOT, DESK],
    more: { [DESK]: { pages: [{ id: PAGE, person: '9001', subscribed_fields: ['messages'] }] } },
  });
  const operator = operatorOf(shop.baton);
  const path = `/pages/${PAGE}/threads/${BUDI}`;
  await shop.says('Is the corner table free?');
  await shop.baton.graph('POST', '/v20.0/me/request_thread_control', {
    token: `sandbox-token-${DESK}-${PAGE}`,
    body: { recipient: { id: BUDI }, metadata: 'mine' },
  });
  await shop.baton.sandbox('POST', '/settle');
  const shown = await operator('GET', path);
  assert.doesNotMatch(JSON.stringify(shown), /corner table/);
  const events = shown['events'] as readonly Readonly<Record<string, unknown>>[];
  assert.partialDeepStrictEqual(shown, {
    page: PAGE,
    psid: BUDI,
    owner_app_id: BOT,
    ended: null,
    open_requests: [{ app_id: DESK, metadata: 'mine' }],
    history: [{ cause: 'primary_receiver', previous_owner_app_id: null, new_owner_app_id: BOT }],
    earlier_events: 0,
  });
  const received = events.find(({ type }) => type === 'message_received');
  assert.partialDeepStrictEqual(received?.['audience'], [
    { app_id: BOT, channel: 'messages', state: 'delivered', lane_seq: 1 },
    {
      app_id: DESK,
      channel: 'standby',
      state: 'not_told',
      reason: 'field_not_subscribed_on_page',
      field: 'standby',
    },
  ]);
  const clock = await shop.baton.sandbox('POST', '/clock', { advance_ms: 24 * HOUR_MS });
  assert.ok(Number(clock['now']) > 0);
  const later = await operator('GET', path);
  assert.deepEqual([later['owner_app_id'], later['expires_at']], [null, null]);
});

test('a customer is made known to a page, and can be given control of', async () => {
  const app = await openApp({ apps: [BOT] });
  const path = `/admin/pages/${PAGE}/threads/5999`;
  const unknown = await app.ask('GET', path, { token: OPERATOR });
  assert.match(errorOf(unknown).message, /Nothing is known of customer 5999 on page 1001/);
  const made = await app.ask('POST', path, { token: OPERATOR, body: { name: 'Sari' } });
  assert.deepEqual(made.body, { success: true });
  const body = { recipient: { id: '5999' } };
  const taken = await app.ask('POST', '/v20.0/me/take_thread_control', { token: tokenOf(BOT), body });
  assert.deepEqual(taken.body, { success: true });
});

test('each mistake about conversations names its parameter', async () => {
  const app = await openApp();
  for (const [path, said] of [
    [`/${PAGE}/threads?limit=0`, 'limit must be a whole number from 1 to'],
    [`/${PAGE}/threads?limit=x`, 'limit must be a whole number from 1 to'],
    [`/${PAGE}/threads?after=x`, 'after must be 1 to 32 digits'],
    [`/${PAGE}/threads?owner=77`, 'There is no app 77'],
    [`/${PAGE}/threads?idle=yes`, 'idle must be true or false'],
    [`/${PAGE}/threads?idle=true&owner=${BOT}`, 'Name one of owner and idle'],
    [`/${PAGE}/threads?page=2`, 'Unknown parameter "page"'],
    ['/77/threads', 'There is no page 77'],
    ['/77/threads/5001', 'There is no page 77'],
    [`/${PAGE}/threads/x`, 'The psid must be 1 to 32 digits'],
  ] as const) {
    const answer = await app.ask('GET', `/admin/pages${path}`, { token: OPERATOR });
    assert.equal(answer.status, 400, path);
    assert.ok(errorOf(answer).message.includes(said), errorOf(answer).message);
  }
});

test('[limit MAX_THREADS_LISTED] a part of the list is as long as it may be', async () => {
  const app = await openApp({ apps: [BOT] });
  for (let index = 0; index < MAX_THREADS_LISTED; index++) await says(app, String(6_000 + index));
  const part = await list(app, `?limit=${MAX_THREADS_LISTED}`);
  assert.equal(part.data.length, MAX_THREADS_LISTED);
  assert.equal((await list(app, `?after=${part.after}`)).data.length, 1, 'the customer of the world as well');
  const beyond = await app.ask('GET', `/admin/pages/${PAGE}/threads?limit=${MAX_THREADS_LISTED + 1}`, {
    token: OPERATOR,
  });
  assert.match(errorOf(beyond).message, /limit must be/);
});

test('[limit MAX_THREADS_LOOKED_AT] a part that finds nothing ends after so many looks, and the list goes on', async () => {
  const app = await openApp({ apps: [BOT], world: undefined });
  await says(app, BUDI);
  for (let index = 1; index < MAX_THREADS_LOOKED_AT; index++) await says(app, String(10_000 + index));
  await app.ask('POST', `/admin/pages/${PAGE}/threads/9`, { token: OPERATOR, body: {} });
  const first = await list(app, '?idle=true');
  assert.deepEqual(psids(first), []);
  assert.notEqual(first.after, null);
  const second = await list(app, `?idle=true&after=${first.after}`);
  assert.deepEqual([psids(second), second.after], [['9'], null]);
});

test('[limit MAX_EVENTS_SHOWN] of a long conversation the latest events are shown, and the others counted', async () => {
  const app = await openApp({ apps: [BOT] });
  const seq = async () => (await app.store.load({ page: PAGE as PageId, psid: BUDI as Psid }))?.seq ?? 0;
  while ((await seq()) < MAX_EVENTS_SHOWN + 1) await says(app, BUDI);
  const { body } = await app.ask('GET', `/admin/pages/${PAGE}/threads/${BUDI}`, { token: OPERATOR });
  const events = body['events'] as readonly { readonly seq: number }[];
  assert.deepEqual([events.length, events[0]?.seq, body['earlier_events']], [MAX_EVENTS_SHOWN, 2, 1]);
});
