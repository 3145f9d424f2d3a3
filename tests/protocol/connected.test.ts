/** [C16, C17] Which apps a thread knows, and what becomes of those that cease to be among them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askRequests } from '../../src/protocol/ask.ts';
import { INSTAGRAM_INBOX, PAGE_INBOX } from '../../src/protocol/ids.ts';
import { connectionOf, lostAt, MAX_LOSSES, type Page } from '../../src/protocol/page.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  appId,
  BOT,
  CUSTOMER,
  come,
  DESK,
  extend,
  pass,
  psid,
  QUIZ,
  release,
  reply,
  request,
  STRANGER,
  send,
  take,
  tap,
  tell,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import { type AppOptions, pageOf, withApp } from '../../src/testing/scenario-page.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const OTHER = psid('5002');
/** QUIZ is in development, and these customers have a role on it. */
const inDevelopment = (...testers: readonly (typeof CUSTOMER)[]): Scenario =>
  withPrimary({ apps: [BOT, DESK, [QUIZ, { advancedAccess: false, testers }]] });

test('[C16] an app that is not connected is refused as a target, on owned and idle threads', () => {
  const unconnected = [STRANGER, INSTAGRAM_INBOX, QUIZ];
  for (const target of unconnected) {
    const owned = ownedBy(DESK, inDevelopment());
    owned.refuses(pass(DESK, target), 'target_not_connected');
    owned.refuses(pass(BOT, target), 'target_not_connected');
    owned.refuses(tell(DESK, target), 'target_not_connected');
    idle(inDevelopment()).refuses(pass(DESK, target), 'target_not_connected');
  }
  ownedBy(DESK).disconnect(QUIZ).refuses(pass(DESK, QUIZ), 'target_not_connected');
});

test('[C16] a caller that is not subscribed is refused, and one without a role for another reason', () => {
  for (const [caller, reason] of [
    [STRANGER, 'caller_not_connected'],
    [INSTAGRAM_INBOX, 'caller_not_connected'],
    [QUIZ, 'caller_without_role'],
  ] as const) {
    const calls = [
      take(caller),
      request(caller),
      pass(caller, DESK),
      release(caller),
      extend(caller, 60),
      tell(caller, DESK),
      send(caller),
      typing(caller),
    ];
    for (const story of [ownedBy(DESK, inDevelopment(OTHER)), idle(inDevelopment(OTHER))]) {
      for (const call of calls) story.refuses(call, reason);
    }
  }
});

test('[C16] an app that was unsubscribed is refused until it is subscribed again', () => {
  const story = idle(withPrimary()).disconnect(DESK);
  story.refuses(take(DESK), 'caller_not_connected');
  story.connect(DESK).does(take(DESK));
});

test('[C16] any other app hears nothing of the thread', () => {
  const story = inDevelopment(OTHER);
  story.does(write(), send(BOT), pass(BOT, DESK), tap(QUIZ), request(BOT), reply());
  assert.deepEqual(story.heard(QUIZ), []);
  assert.notDeepEqual(story.heard(DESK), []);
  const gone = withPrimary().disconnect(QUIZ);
  gone.does(write(), send(BOT), pass(BOT, DESK));
  assert.deepEqual(gone.heard(QUIZ), []);
});

test('[C16] without advanced access an app is connected where the customer has a role on it', () => {
  const story = inDevelopment(CUSTOMER).does(write());
  assert.deepEqual(story.heard(QUIZ), ['standby message']);
  assert.equal(story.does(pass(BOT, QUIZ), send(QUIZ)).owner(), QUIZ);
});

test("[C16] the page's own inbox is always connected", () => {
  assert.equal(ownedBy(DESK).does(pass(DESK, PAGE_INBOX)).owner(), PAGE_INBOX);
  const instagram = withPrimary({ platform: 'instagram' }).does(write());
  instagram.refuses(pass(BOT, PAGE_INBOX), 'target_not_connected');
  assert.equal(instagram.does(pass(BOT, INSTAGRAM_INBOX)).owner(), INSTAGRAM_INBOX);
  assert.equal(withoutPrimary({ apps: [] }).does(write(), reply()).owner(), PAGE_INBOX);
});

/** The ways in which QUIZ ceases to be connected for CUSTOMER, and how it comes back. */
const LOSSES: readonly (readonly [string, AppOptions, AppOptions, AppOptions])[] = [
  ['it is unsubscribed', {}, { subscribed: false }, { subscribed: true }],
  ['it loses advanced access', {}, { advancedAccess: false }, { advancedAccess: true }],
  [
    'the customer loses the role on it',
    { advancedAccess: false, testers: [CUSTOMER, OTHER] },
    { testers: [OTHER] },
    { testers: [CUSTOMER, OTHER] },
  ],
  [
    'the customer loses the role on it among others',
    { advancedAccess: false, testers: [OTHER, psid('5003'), CUSTOMER, psid('5004')] },
    { testers: [] },
    { testers: [CUSTOMER] },
  ],
  [
    'it loses advanced access and other customers keep a role',
    { testers: [OTHER] },
    { advancedAccess: false },
    { testers: [OTHER, CUSTOMER] },
  ],
];

for (const [how, before, lost, again] of LOSSES) {
  const begin = (): Scenario => withPrimary({ apps: [BOT, DESK, [QUIZ, before]] });

  test(`[C17] when ${how}, the threads of an app are idle from that instant`, () => {
    const story = ownedBy(QUIZ, begin()).does(extend(QUIZ, 604_800));
    story.wait(HOUR_MS).changeApp(QUIZ, lost);
    const at = story.now();
    assert.equal(story.owner(), null);
    assert.deepEqual(story.does(send(DESK)).history().slice(-1), [`${QUIZ} -> - by disconnected`]);
    story.wait(HOUR_MS).does(write());
    assert.equal(story.owner(), BOT);
    const line = story.lines().find(({ cause }) => cause === 'disconnected');
    assert.deepEqual([line?.at, line?.actor, line?.previous, line?.next], [at, null, QUIZ, null]);
    assert.deepEqual(story.history().slice(-2), [
      `${QUIZ} -> - by disconnected`,
      `- -> ${BOT} by primary_receiver`,
    ]);
    assert.ok(!story.heard(QUIZ).includes('messages take_thread_control'));
  });

  test(`[C17] when ${how}, coming back does not bring control back, nor does anything in between`, () => {
    const story = ownedBy(QUIZ, begin()).does(extend(QUIZ, 604_800));
    const at = story.wait(1).now();
    story.changeApp(QUIZ, lost).changeApp(QUIZ, again);
    assert.equal(story.owner(), null);
    story.wait(HOUR_MS);
    assert.equal(story.owner(), null);
    story.refuses(release(QUIZ), 'not_owner');
    assert.equal(story.lines().at(-1)?.at, at);
    story.does(take(QUIZ));
    assert.equal(story.owner(), QUIZ);
    assert.deepEqual(story.history().slice(-2), [`${QUIZ} -> - by disconnected`, `- -> ${QUIZ} by take`]);
  });

  test(`[C17] when ${how}, its requests are dropped, and it comes back without them`, () => {
    const story = ownedBy(DESK, begin()).does(request(QUIZ, { metadata: 'first' }), request(BOT));
    assert.deepEqual(story.queue(), [QUIZ, BOT]);
    story.changeApp(QUIZ, lost);
    assert.deepEqual(story.queue(), [BOT]);
    story.changeApp(QUIZ, again);
    assert.deepEqual(story.queue(), [BOT]);
    story.wait(1).does(request(QUIZ, { metadata: 'second' }));
    assert.deepEqual(story.queue(), [BOT, QUIZ]);
    const asked = askRequests(story.question(DESK));
    assert.ok(asked.ok);
    assert.deepEqual(asked.value[1]?.metadata, 'second');
    assert.equal(asked.value[1]?.requestedAt, story.now());
    assert.equal(story.owner(), DESK);
  });
}

test('[C17] control that has ended by time is not lost once more', () => {
  const story = ownedBy(QUIZ);
  const ends = story.endsAt();
  story.wait(DAY_MS).disconnect(QUIZ);
  const [line] = story.lines().slice(-1);
  assert.deepEqual([line?.cause, line?.at], ['expiry', ends]);
});

test('[C17] control lost a millisecond before its end is lost, not expired', () => {
  const story = ownedBy(QUIZ).wait(DAY_MS - 1);
  story.disconnect(QUIZ).wait(HOUR_MS);
  const [line] = story.lines().slice(-1);
  assert.deepEqual([line?.cause, line?.at], ['disconnected', story.now() - HOUR_MS]);
});

test('[C17] an app keeps a thread when another customer loses the role, or gains and loses what it does not need', () => {
  const story = ownedBy(QUIZ, inDevelopment(CUSTOMER, OTHER));
  story.changeApp(QUIZ, { testers: [CUSTOMER] });
  assert.equal(story.owner(), QUIZ);
  story.changeApp(QUIZ, { advancedAccess: true }).changeApp(QUIZ, { advancedAccess: false });
  assert.equal(story.owner(), QUIZ);
  story.changeApp(DESK, { subscribed: false }).changeApp(QUIZ, { name: 'Quiz 2' });
  assert.equal(story.owner(), QUIZ);
  story.changeApp(QUIZ, { advancedAccess: true, testers: [] });
  assert.equal(story.owner(), QUIZ);
});

test('[C17] an app keeps the threads of its testers, however many other testers leave at once', () => {
  const leaving = Array.from({ length: 300 }, (_, index) => psid(String(6_000 + index)));
  const story = ownedBy(QUIZ, inDevelopment(CUSTOMER, ...leaving));
  story.changeApp(QUIZ, { testers: [CUSTOMER] });
  assert.equal(story.owner(), QUIZ);
});

test('[C17] an app keeps the threads of its testers, however many other testers leave one by one', () => {
  const story = ownedBy(QUIZ, inDevelopment(CUSTOMER));
  for (let index = 0; index < 300; index++) {
    story.changeApp(QUIZ, { testers: [CUSTOMER, OTHER] }).wait(1_000);
    story.changeApp(QUIZ, { testers: [CUSTOMER] }).wait(1_000);
  }
  assert.equal(story.owner(), QUIZ);
});

test('[C17] an app loses the threads of all who leave, however many leave at once', () => {
  const leaving = Array.from({ length: 10_000 }, (_, index) => psid(String(6_000 + index)));
  const story = ownedBy(QUIZ, inDevelopment(CUSTOMER, ...leaving));
  story.changeApp(QUIZ, { testers: [] });
  assert.equal(story.owner(), null);
});

test(`[limit MAX_LOSSES] [C17] ${MAX_LOSSES} losses are remembered; a lease from before the oldest of them is void`, () => {
  const others = Array.from({ length: MAX_LOSSES }, (_, index) => psid(String(6_000 + index)));
  const testers = [CUSTOMER, ...others];
  const whole = pageOf({ apps: [[QUIZ, { advancedAccess: false, testers }]] });
  const losses = (page: Page): number | undefined => connectionOf(page, QUIZ)?.losses.length;
  const full = withApp(whole, QUIZ, { testers: [CUSTOMER], now: 1_000 });
  assert.equal(losses(full), MAX_LOSSES);
  assert.equal(lostAt(full, QUIZ, 0, CUSTOMER), null);
  const more = withApp(full, QUIZ, { testers: [CUSTOMER, OTHER], now: 2_000 });
  const over = withApp(more, QUIZ, { testers: [CUSTOMER], now: 3_000 });
  assert.equal(losses(over), MAX_LOSSES);
  assert.equal(lostAt(over, QUIZ, 0, CUSTOMER), 1_000, 'what is not known any more counts as lost');
  assert.equal(lostAt(over, QUIZ, 2, CUSTOMER), null, 'later leases hold');
});

test('[C17] coming back does not bring control back, however often the app loses and gains advanced access', () => {
  const story = ownedBy(QUIZ).changeApp(QUIZ, { advancedAccess: false, testers: [OTHER] });
  assert.equal(story.owner(), null);
  story.changeApp(QUIZ, { testers: [OTHER, CUSTOMER] });
  for (let times = 0; times < 300; times++) {
    story.wait(1_000).changeApp(QUIZ, { advancedAccess: true }).changeApp(QUIZ, { advancedAccess: false });
  }
  assert.equal(story.owner(), null);
});

test('[C17] a request of an app stays, however many other testers of it leave', () => {
  const leaving = Array.from({ length: 300 }, (_, index) => psid(String(6_000 + index)));
  const story = ownedBy(DESK, inDevelopment(CUSTOMER, ...leaving)).does(request(QUIZ));
  story.changeApp(QUIZ, { testers: [CUSTOMER] });
  assert.deepEqual(story.queue(), [QUIZ]);
});

test('[C17] its entry points are passed over until it returns', () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 3 }] as const;
  const story = withPrimary({ entryPoints })
    .disconnect(DESK)
    .does(come(ad('777')));
  assert.equal(story.owner(), BOT);
  assert.equal(story.endsAt(), story.now() + DAY_MS);
  story.connect(DESK).does(come(ad('777')));
  assert.equal(story.owner(), DESK);
});

test('[C17] an app that is gone is no longer the primary receiver, and does not become it by coming back', () => {
  const story = withPrimary().disconnect(BOT).does(write());
  assert.equal(story.owner(), null);
  story.connect(BOT).does(write());
  assert.equal(story.owner(), null);
});

test('[C17] a primary receiver that cannot reach this customer is none for this customer', () => {
  const story = withPrimary({ apps: [[BOT, { advancedAccess: false }], DESK, QUIZ] }).does(write());
  assert.equal(story.owner(), null);
  story.does(take(DESK), request(QUIZ));
  story.refuses(pass(DESK, null), 'target_required');
  story.refuses(take(BOT), 'caller_without_role');
});

for (const [how, lost, again] of [
  ['leaves and returns', { subscribed: false }, { subscribed: true }],
  ['loses and gains advanced access', { advancedAccess: false }, { advancedAccess: true }],
] as const) {
  test(`[C17] an app that ${how} again and again loses a thread at the first time after it got it`, () => {
    for (const before of [0, 1, 2, 3]) {
      for (const after of [1, 2, 3, 4]) {
        const story = idle(withPrimary());
        const comeAndGo = (): void => {
          story.wait(HOUR_MS).changeApp(QUIZ, lost).wait(HOUR_MS).changeApp(QUIZ, again);
        };
        for (let times = 0; times < before; times++) comeAndGo();
        story.does(take(QUIZ), extend(QUIZ, 604_800));
        const at = story.now() + HOUR_MS;
        for (let times = 0; times < after; times++) comeAndGo();
        const [line] = story.lines().slice(-1);
        assert.deepEqual([line?.cause, line?.at, story.owner()], ['disconnected', at, null]);
      }
    }
  });
}

test('[C17] many apps lose many things, and each thread ends by what concerns it', () => {
  const apps = [BOT, DESK, [appId('2004'), { advancedAccess: false, testers: [CUSTOMER, OTHER] }]] as const;
  const story = ownedBy(appId('2004'), withPrimary({ apps }));
  story.wait(10).changeApp(appId('2004'), { testers: [CUSTOMER] });
  story.wait(10).changeApp(appId('2004'), { testers: [] });
  const at = story.now();
  story.wait(10).disconnect(appId('2004'));
  assert.equal(story.lines().at(-1)?.at, at);
});
