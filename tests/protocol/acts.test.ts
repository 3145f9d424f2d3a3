/** [C15, B, E] Where the customer's acts take control. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { referralOf } from '../../src/protocol/message.ts';
import type { EntryPoint } from '../../src/protocol/page.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  BOT,
  come,
  DESK,
  extend,
  link,
  move,
  pass,
  QUIZ,
  read,
  release,
  request,
  STRANGER,
  send,
  take,
  tap,
  tell,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const entryPoints: readonly EntryPoint[] = [
  { source: 'ADS', key: '777', app: DESK, days: 3 },
  { source: 'ADS', key: '778', app: DESK, days: 30 },
  { source: 'SHORTLINK', key: 'spring', app: QUIZ, days: 1 },
];
const withAds = (): Scenario => withPrimary({ entryPoints });

/** What was last said by the customer, as it is recorded. */
function lastAct(story: Scenario) {
  const event = story.events().at(-1)?.event;
  assert.ok(event?.type === 'act_received');
  return event.act;
}

test('[C15] the app of the referral comes before the maker of what was tapped', () => {
  const story = ownedBy(BOT, withAds()).does(tap(QUIZ, { referral: ad('777') }));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(story.history().slice(-1), [`${BOT} -> ${DESK} by entry_point`]);
});

test('[C15] the maker comes before the present owner', () => {
  const story = ownedBy(DESK).does(tap(QUIZ));
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(story.history().slice(-1), [`${DESK} -> ${QUIZ} by postback`]);
});

test('[C15] the present owner comes before the primary receiver', () => {
  for (const owner of [DESK, PAGE_INBOX]) {
    const story = ownedBy(owner);
    const lines = story.history().length;
    story.does(write(), tap(STRANGER), write('', { referral: ad('none') }));
    assert.equal(story.owner(), owner);
    assert.equal(story.history().length, lines);
  }
});

test('[C15] the primary receiver comes before nobody', () => {
  for (const act of [write(), tap(STRANGER), come(ad('none'))]) {
    assert.equal(idle(withPrimary()).does(act).owner(), BOT);
    assert.equal(idle(withoutPrimary()).does(act).owner(), null);
  }
});

test('[C15] an app that is not connected is passed over, in every place', () => {
  const story = ownedBy(BOT, withAds()).disconnect(DESK);
  assert.equal(story.does(tap(QUIZ, { referral: ad('777') })).owner(), QUIZ);
  story.disconnect(QUIZ);
  assert.equal(story.does(tap(QUIZ, { referral: ad('777') })).owner(), BOT);
  assert.equal(story.does(release(BOT), write()).owner(), BOT);
  story.disconnect(BOT);
  assert.equal(story.does(tap(QUIZ, { referral: ad('777') })).owner(), null);
});

test('[C15] the app that gets control gets the complete event, as its owner', () => {
  const story = ownedBy(BOT, withAds()).does(tap(QUIZ, { payload: 'MORE' }));
  const notice = story.notices(QUIZ).at(-1);
  assert.equal(notice?.channel, 'messages');
  assert.ok(notice?.recorded.event.type === 'act_received' && notice.recorded.event.act.kind === 'postback');
  assert.equal(notice.recorded.event.act.payload, 'MORE');
  story.hush().does(tap(QUIZ, { payload: 'AGAIN', referral: ad('777') }));
  assert.deepEqual(story.heard(DESK), ['messages postback']);
  const act = lastAct(story);
  assert.ok(act.kind === 'postback');
  assert.equal(act.payload, 'AGAIN');
});

test('[C15] a receipt is no act: it moves nothing and renews nothing', () => {
  const nobodys = idle(withPrimary()).does(read);
  assert.equal(nobodys.owner(), null);
  const story = ownedBy(DESK);
  const ends = story.endsAt();
  story.wait(HOUR_MS).does(read);
  assert.equal(story.endsAt(), ends);
  assert.deepEqual(story.heard(DESK), ['messages read']);
});

test('[B1] a tapped button gives control to the app that made it, even if another app had it', () => {
  for (const owner of [BOT, DESK, PAGE_INBOX]) {
    const story = ownedBy(owner).does(tap(QUIZ, { payload: 'BUY' }));
    assert.equal(story.owner(), QUIZ);
    assert.deepEqual(story.heard(QUIZ), ['messages postback']);
    assert.deepEqual(lastAct(story), {
      kind: 'postback',
      tapped: 'button',
      mid: 'm_out',
      title: 'More',
      payload: 'BUY',
      maker: QUIZ,
      referral: null,
    });
  }
  assert.equal(idle(withPrimary()).does(tap(QUIZ)).owner(), QUIZ);
  assert.equal(idle(withoutPrimary()).does(tap(QUIZ)).owner(), QUIZ);
});

test('[B1] a tap on a button of its own changes no owner, and is activity', () => {
  const story = ownedBy(DESK);
  const lines = story.history();
  story.wait(HOUR_MS).does(tap(DESK));
  assert.deepEqual(story.history(), lines);
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});

test('[B2] the others get the postback on standby; the app that lost control gets take_thread_control first', () => {
  const story = ownedBy(DESK).does(tap(QUIZ));
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control', 'standby postback']);
  assert.deepEqual(story.heard(BOT), ['standby postback']);
  const event = story.notices(DESK)[0]?.recorded.event;
  assert.ok(event?.type === 'control_changed');
  assert.deepEqual([event.previous, event.next], [DESK, QUIZ]);
});

test('[B3] a tap whose maker is not connected goes on by the order of acts, without its payload', () => {
  const owned = ownedBy(DESK).disconnect(QUIZ).does(tap(QUIZ));
  assert.equal(owned.owner(), DESK);
  assert.deepEqual(owned.heard(DESK), ['messages postback']);
  const nobodys = idle(withPrimary()).disconnect(QUIZ).does(tap(QUIZ));
  assert.equal(nobodys.owner(), BOT);
  const toAd = ownedBy(BOT, withAds())
    .disconnect(QUIZ)
    .does(tap(QUIZ, { referral: ad('777') }));
  assert.equal(toAd.owner(), DESK);
  for (const story of [owned, nobodys, toAd]) {
    const act = lastAct(story);
    assert.ok(act.kind === 'postback');
    assert.equal(act.payload, null);
  }
});

test('[B4] a quick reply is a message: its maker gains nothing, and its payload is there for all', () => {
  const story = ownedBy(DESK).does(write('Yes', { quickReply: 'YES' }));
  assert.equal(story.owner(), DESK);
  for (const [app, channel] of [
    [DESK, 'messages'],
    [BOT, 'standby'],
    [QUIZ, 'standby'],
  ] as const) {
    const [notice] = story.notices(app);
    assert.deepEqual([notice?.channel, notice?.kind], [channel, 'message']);
    assert.ok(notice?.recorded.event.type === 'act_received' && notice.recorded.event.act.kind === 'message');
    assert.equal(notice.recorded.event.act.quickReplyPayload, 'YES');
  }
});

test('[E1] a conversation that starts through an ad or a link is controlled by its app', () => {
  assert.equal(
    withAds()
      .does(come(ad('777')))
      .owner(),
    DESK,
  );
  assert.equal(
    withAds()
      .does(write('Hi', { referral: ad('777') }))
      .owner(),
    DESK,
  );
  assert.equal(
    withAds()
      .does(come(link('spring')))
      .owner(),
    QUIZ,
  );
  assert.equal(
    withoutPrimary({ entryPoints })
      .does(come(link('spring')))
      .owner(),
    QUIZ,
  );
});

test('[E1] one that continues through it goes to its app, whoever had it', () => {
  for (const owner of [BOT, QUIZ, PAGE_INBOX]) {
    assert.equal(
      ownedBy(owner, withAds())
        .does(come(ad('777')))
        .owner(),
      DESK,
    );
  }
});

test('[E1] an ad is known by its ad_id and a link by its ref, each among its own', () => {
  for (const referral of [
    link('777'),
    ad('spring'),
    { ...link('777'), adId: '777' },
    { ...ad('x'), ref: 'spring' },
  ]) {
    assert.equal(ownedBy(BOT, withAds()).does(come(referral)).owner(), BOT);
  }
});

test("[E1] control lasts so many days after the customer's last act", () => {
  const story = withAds().does(come(ad('777')));
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
  story.wait(2 * DAY_MS).does(write());
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
  const acted = story.now();
  story.wait(HOUR_MS).does(send(DESK), read);
  assert.equal(story.endsAt(), acted + 3 * DAY_MS);
  story.waitUntil(acted + 3 * DAY_MS - 1);
  assert.equal(story.owner(), DESK);
  story.wait(1);
  assert.equal(story.owner(), null);
});

test('[E1] a second entry point replaces the first, of the same app too; the same one renews the term', () => {
  const story = withAds().does(come(ad('778')));
  assert.equal(story.endsAt(), story.now() + 30 * DAY_MS);
  story.wait(HOUR_MS).does(come(ad('777')));
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
  story.wait(HOUR_MS).does(come(ad('777')));
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
  story.wait(HOUR_MS).does(come(link('spring')));
  assert.equal(story.owner(), QUIZ);
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});

test('[E1] an entry point gives its own app the term as well when it has control already', () => {
  const story = ownedBy(DESK, withAds());
  const lines = story.history();
  story.does(come(ad('777')));
  assert.deepEqual(story.history(), lines);
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
});

test('[E2] the app gets the message or the referral as owner; the app that lost control gets take_thread_control', () => {
  const story = ownedBy(QUIZ, withAds()).does(write('Hi', { referral: ad('777') }));
  assert.deepEqual(story.heard(DESK), ['messages message']);
  assert.deepEqual(story.heard(QUIZ), ['messages take_thread_control', 'standby message']);
  assert.deepEqual(story.heard(BOT), ['standby message']);
  assert.deepEqual(referralOf(lastAct(story)), ad('777'));
  story.hush().does(come(link('spring')));
  assert.deepEqual(story.heard(QUIZ), ['messages referral']);
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control', 'standby referral']);
  assert.deepEqual(referralOf(lastAct(story)), link('spring'));
});

test('[E3] a change of owner ends the term', () => {
  for (const changed of [
    withAds().does(come(ad('777')), pass(DESK, QUIZ)),
    withAds().does(come(ad('777')), take(BOT)),
    withAds().does(come(ad('777')), tap(QUIZ)),
    withAds().does(come(ad('777')), move('main')),
    withAds().does(come(ad('777')), take(BOT), pass(BOT, DESK)),
    withAds().does(come(ad('777')), release(DESK), take(DESK)),
  ]) {
    assert.equal(changed.endsAt(), changed.now() + DAY_MS);
    changed.wait(HOUR_MS).does(write());
    assert.equal(changed.endsAt(), changed.now() + DAY_MS);
  }
});

test("[E3] the owner's extension never shortens the term; questions, metadata, requests and refused calls leave it", () => {
  const story = withAds().does(come(ad('777')));
  const ends = story.endsAt();
  story.does(extend(DESK, 60), tell(BOT, QUIZ), tell(QUIZ, DESK), request(QUIZ), request(BOT));
  story.refuses(take(QUIZ), 'not_owner');
  story.refuses(take(DESK), 'already_owner');
  assert.equal(story.endsAt(), ends);
  story.does(extend(DESK, 4 * 86_400));
  assert.equal(story.endsAt(), story.now() + 4 * DAY_MS);
});
