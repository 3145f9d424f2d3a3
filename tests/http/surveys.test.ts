/** Surveys over HTTP: held while another app speaks, delivered when nobody does, answered to their sender only. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpAnswer } from '../../src/testing/sandbox.ts';
import { ADS, BOT, BUDI, DESK, openShop, PAGE, type Shop, type ShopOptions, tokenOf } from './shop.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

const survey = (more: Readonly<Record<string, unknown>> = {}, title = 'Rate your visit') => ({
  message: {
    attachment: {
      type: 'template',
      payload: {
        template_type: 'customer_feedback',
        title,
        subtitle: 'It helps us',
        button_title: 'Rate us',
        feedback_screens: [{ questions: [{ id: 'visit', type: 'csat', follow_up: { type: 'free_form' } }] }],
        business_privacy: { url: 'https://example.org/privacy' },
        ...more,
      },
    },
  },
});

async function sends(shop: Shop, app: string, more = {}, title?: string): Promise<string> {
  const answer = await shop.post(app, 'messages', survey(more, title));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(Object.keys(answer.body), ['recipient_id', 'message_id']);
  return String(answer.body['message_id']);
}

async function onScreen(shop: Shop): Promise<readonly string[]> {
  const { messages } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  return (messages as readonly { readonly mid: string }[]).map(({ mid }) => mid);
}

async function statusFor(shop: Shop, app: string, mid: string): Promise<unknown> {
  const { body } = await shop.baton.graph('GET', `/v20.0/${mid}`, { token: tokenOf(app) });
  return body['status'];
}

const advance = (shop: Shop, ms: number) => shop.baton.sandbox('POST', '/clock', { advance_ms: ms });
const inbox = (shop: Shop, folder: string) =>
  shop.baton.sandbox('POST', `/pages/${PAGE}/inbox/${BUDI}/move`, { folder });
const answers = (shop: Shop, mid: string, given: unknown, psid = BUDI): Promise<HttpAnswer> =>
  shop.baton.call('POST', `/sandbox/pages/${PAGE}/customers/${psid}/feedback`, {
    body: JSON.stringify({ mid, answers: given }),
  });

/** A shop whose customer has just written; the bot controls the thread where it is the primary receiver. */
async function openTalk(options: ShopOptions = {}): Promise<Shop> {
  const shop = await openShop({ apps: [BOT, DESK], ...options });
  await shop.says('Hello');
  return shop;
}

/** The survey is held, and told so to its sender; then it is out, once. */
async function goesOut(shop: Shop, mid: string, how: () => Promise<unknown>): Promise<void> {
  assert.equal((await onScreen(shop)).includes(mid), false);
  assert.equal(await statusFor(shop, DESK, mid), 'held');
  await how();
  assert.equal((await onScreen(shop)).filter((each) => each === mid).length, 1);
  assert.equal(await statusFor(shop, DESK, mid), 'delivered');
}

test('[S1] the owner’s survey goes out at once, and anybody’s on an idle thread', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, BOT);
  assert.deepEqual((await onScreen(shop)).slice(-1), [mid]);
  assert.equal(await statusFor(shop, BOT, mid), 'delivered');
  await using idle = await openTalk({ primary: null });
  const other = await sends(idle, DESK);
  assert.deepEqual((await onScreen(idle)).slice(-1), [other]);
});

test('[S1] a survey of another app goes out when the owner releases', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  await goesOut(shop, mid, () => shop.post(BOT, 'release_thread_control'));
});

test('[S1] a survey of another app goes out when control expires, and is dated so', async () => {
  await using shop = await openTalk();
  const { body } = await shop.baton.graph('GET', `/me/thread_owner?recipient=${BUDI}`, {
    token: tokenOf(BOT),
  });
  const [first] = body['data'] as readonly { readonly thread_owner: { readonly expiration: number } }[];
  const mid = await sends(shop, DESK);
  await advance(shop, DAY - HOUR);
  assert.equal(await statusFor(shop, DESK, mid), 'held');
  await goesOut(shop, mid, () => advance(shop, HOUR));
  const sent = await shop.baton.graph('GET', `/${mid}?fields=created_time`, { token: tokenOf(DESK) });
  assert.equal(Date.parse(String(sent.body['created_time'])) / 1000, first?.thread_owner.expiration);
});

test('[S1] a survey of another app goes out on Done without a primary receiver', async () => {
  await using shop = await openTalk({ primary: null });
  await inbox(shop, 'main');
  const mid = await sends(shop, DESK);
  await goesOut(shop, mid, () => inbox(shop, 'done'));
});

test('[S1] and never before: not by passes, takes, extensions, acts or Done with a primary receiver', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  const { baton, post } = shop;
  const steps: readonly (() => Promise<unknown>)[] = [
    () => post(BOT, 'pass_thread_control', { target_app_id: DESK }),
    () => post(DESK, 'messages', { message: { text: 'I have control myself' } }),
    () => post(DESK, 'extend_thread_control', { duration: 604_800 }),
    () => advance(shop, 2 * DAY),
    () => shop.says('Still here'),
    () => post(BOT, 'take_thread_control'),
    () => inbox(shop, 'main'),
    () => inbox(shop, 'done'),
    () => baton.sandbox('POST', `/pages/${PAGE}/customers/${BUDI}/read`),
  ];
  for (const step of steps) {
    await step();
    assert.equal((await onScreen(shop)).includes(mid), false);
    assert.equal(await statusFor(shop, DESK, mid), 'held');
  }
  await goesOut(shop, mid, () => post(BOT, 'release_thread_control'));
});

test('[S1] a survey does not take control, and its tag opens nothing else', async () => {
  await using shop = await openTalk();
  assert.equal((await shop.post(DESK, 'messages', { ...survey(), tag: 'CUSTOMER_FEEDBACK' })).status, 200);
  assert.equal((await shop.post(DESK, 'messages', { ...survey(), tag: 'HUMAN_AGENT' })).status, 200);
  assert.equal(await shop.ownerFor(DESK), BOT);
  const text = { message: { text: 'Rate us' }, tag: 'CUSTOMER_FEEDBACK' };
  for (const app of [BOT, DESK]) {
    const refused = await shop.post(app, 'messages', text);
    assert.equal(refused.status, 400);
    assert.equal((refused.body['error'] as { readonly code: number }).code, 100);
  }
});

test('[S2, S4] held surveys go out in their order, before the act that comes next', async () => {
  await using shop = await openTalk({ apps: [BOT, DESK, ADS] });
  const first = await sends(shop, DESK, {}, 'First');
  const second = await sends(shop, ADS, {}, 'Second');
  const third = await sends(shop, DESK, {}, 'Third');
  await advance(shop, DAY);
  const act = await shop.says('Back again');
  assert.deepEqual((await onScreen(shop)).slice(-4), [first, second, third, act]);
});

test('[S2] a survey that could not go out within 7 days is dropped, and its sender is told', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  assert.equal((await shop.post(BOT, 'extend_thread_control', { duration: 604_800 })).status, 200);
  await advance(shop, 7 * DAY);
  assert.equal(await statusFor(shop, DESK, mid), 'dropped');
  assert.equal((await onScreen(shop)).includes(mid), false);
  const late = await shop.post(DESK, 'messages', survey());
  assert.equal(late.status, 400);
  assert.equal((late.body['error'] as { readonly error_subcode: number }).error_subcode, 2018278);
});

test('[H2] a survey may be sent for 7 days after the customer’s last act, an ordinary message for one', async () => {
  await using shop = await openTalk();
  await advance(shop, 7 * DAY - HOUR);
  assert.equal((await shop.post(BOT, 'messages', { message: { text: 'Hi' } })).status, 400);
  await sends(shop, BOT);
  await advance(shop, HOUR);
  assert.equal((await shop.post(BOT, 'messages', survey())).status, 400);
});

test('[C17] the survey of an app that leaves the page is dropped', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  const token = tokenOf(DESK);
  await shop.baton.graph('DELETE', '/me/subscribed_apps', { token });
  await shop.post(BOT, 'release_thread_control');
  await shop.baton.graph('POST', '/me/subscribed_apps', { token });
  assert.equal((await onScreen(shop)).includes(mid), false);
  assert.equal(await statusFor(shop, DESK, mid), 'dropped');
});

test('[S2] what becomes of a survey is for its sender', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  const held = await shop.baton.graph('GET', `/${mid}`, { token: tokenOf(BOT) });
  assert.equal(held.status, 400, 'a held survey is nobody else’s to see');
  await shop.post(BOT, 'release_thread_control');
  assert.equal(await statusFor(shop, BOT, mid), undefined);
  assert.equal(await statusFor(shop, DESK, mid), 'delivered');
  const { body } = await shop.baton.graph('GET', `/${mid}?fields=status`, { token: tokenOf(DESK) });
  assert.deepEqual(body, { id: mid, status: 'delivered' });
});

test('[S3] answers reach the app that sent the survey, and nobody else', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  await shop.post(BOT, 'release_thread_control');
  assert.equal((await answers(shop, mid, { visit: { payload: '5', follow_up: 'Good beans' } })).status, 200);
  await shop.baton.sandbox('POST', '/settle');
  const told = shop.endpoints[DESK]?.heard.filter(({ kind }) => kind === 'messaging_feedback') ?? [];
  assert.equal(told.length, 1);
  assert.equal(told[0]?.channel, 'messaging');
  assert.deepEqual(told[0]?.item['messaging_feedback'], {
    feedback_screens: [
      {
        screen_id: 0,
        questions: {
          visit: { type: 'csat', payload: '5', follow_up: { type: 'free_form', payload: 'Good beans' } },
        },
      },
    ],
  });
  assert.equal(
    (await shop.heard(BOT)).some((kind) => kind.includes('feedback')),
    false,
  );
  assert.equal(await shop.ownerFor(BOT), undefined, 'an answer moves nothing');
});

test('[S2] the days of a survey run from its delivery', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK, { expires_in_days: 2 });
  await shop.post(BOT, 'extend_thread_control', { duration: 3 * 86_400 });
  await advance(shop, 3 * DAY);
  assert.equal(await statusFor(shop, DESK, mid), 'delivered');
  await advance(shop, DAY);
  assert.equal((await answers(shop, mid, { visit: { payload: '4' } })).status, 200);
  await advance(shop, 2 * DAY);
  const late = await answers(shop, mid, { visit: { payload: '4' } });
  assert.equal(late.status, 400);
  assert.match(JSON.stringify(late.body), /can be answered no more/);
});

test('[S1] a held survey is not on the screen and cannot be answered', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, DESK);
  const early = await answers(shop, mid, { visit: { payload: '5' } });
  assert.equal(early.status, 400);
  assert.match(JSON.stringify(early.body), /was not sent to the customer/);
});

test('[S3] an answer that is none names what is wrong, and is not told', async () => {
  await using shop = await openTalk();
  const mid = await sends(shop, BOT);
  const text = String((await shop.post(BOT, 'messages', { message: { text: 'Hi' } })).body['message_id']);
  const good = { visit: { payload: '5' } };
  for (const [id, given, named] of [
    ['m_nothing', good, /m_nothing/],
    [text, good, /is not a survey/],
    [mid, undefined, /answers/],
    [mid, {}, /visit/],
    [mid, { other: { payload: '5' } }, /answers\[other\]/],
    [mid, { visit: { payload: '6' } }, /answers\[visit\]\[payload\]/],
    [mid, { visit: { payload: '5', follow_up: 'x'.repeat(401) } }, /answers\[visit\]\[follow_up\]/],
  ] as const) {
    const answer = await answers(shop, id, given);
    assert.equal(answer.status, 400);
    assert.match(JSON.stringify(answer.body), named);
  }
  assert.equal((await answers(shop, mid, good, '4242')).status, 400, 'a survey of another customer');
  assert.equal(
    (await shop.heard(BOT)).some((kind) => kind.includes('feedback')),
    false,
  );
});

test('a bad survey names the parameter over HTTP, and nothing is kept of it', async () => {
  await using shop = await openTalk();
  const before = await onScreen(shop);
  const asked = { feedback_screens: [{ questions: [{ id: 'a b', type: 'csat' }] }] };
  const answer = await shop.post(BOT, 'messages', survey(asked));
  assert.equal(answer.status, 400);
  assert.match(
    JSON.stringify(answer.body),
    /message\[attachment\]\[payload\]\[feedback_screens\]\[0\]\[questions\]\[0\]\[id\]/,
  );
  assert.deepEqual(await onScreen(shop), before);
});

test('a survey asks the usual question under the page’s name', async () => {
  await using shop = await openTalk();
  await sends(shop, BOT);
  const { messages } = await shop.baton.sandbox('GET', `/pages/${PAGE}/customers/${BUDI}/screen`);
  assert.match(JSON.stringify(messages), /How would you rate your experience with Kopi Senja\?/);
});
