/** [P] The app that answers first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askSecondaryReceivers } from '../../src/protocol/ask.ts';
import { INSTAGRAM_INBOX, PAGE_INBOX } from '../../src/protocol/ids.ts';
import { HOUR_MS } from '../../src/protocol/time.ts';
import { given } from '../../src/testing/scenario.ts';
import {
  BOT,
  come,
  DESK,
  link,
  pass,
  QUIZ,
  release,
  request,
  STRANGER,
  send,
  take,
  tap,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

test('[P1] a page needs no primary receiver, and has at most one', () => {
  const story = withoutPrimary().does(write(), take(DESK), release(DESK));
  assert.equal(story.owner(), null);
  story.namePrimary(QUIZ).does(write());
  assert.equal(story.owner(), QUIZ);
  story.namePrimary(BOT);
  story.does(pass(QUIZ, DESK)).refuses(take(QUIZ), 'not_owner');
  story.does(take(BOT));
});

test('[P2] the inbox has no right of the primary receiver: it passes nothing that it does not control', () => {
  ownedBy(DESK, withoutPrimary()).refuses(pass(PAGE_INBOX, QUIZ), 'not_owner');
  const list = askSecondaryReceivers(withPrimary().page(), BOT);
  assert.ok(list.ok);
  assert.ok(list.value.some(({ app }) => app === PAGE_INBOX));
});

test('[P3] when the customer acts on an idle thread the primary receiver gets control and the act as its owner', () => {
  for (const act of [write(), come(link('spring')), tap(STRANGER)]) {
    const story = withPrimary().does(act);
    const kind = act.type === 'receive' ? act.act.kind : '';
    assert.equal(story.owner(), BOT);
    assert.deepEqual(story.heard(BOT), [`messages ${kind}`]);
    assert.deepEqual(story.heard(DESK), [`standby ${kind}`]);
    assert.deepEqual(story.heard(QUIZ), [`standby ${kind}`]);
    assert.deepEqual(story.history(), [`- -> ${BOT} by primary_receiver`]);
  }
});

test('[P3] the idle channel of the page does not matter then', () => {
  const story = withPrimary({ idleChannel: 'messages' }).does(write());
  assert.deepEqual(story.heard(DESK), ['standby message']);
});

test('[P3] on a thread that another app controls the primary receiver gets every message on standby', () => {
  for (const owner of [DESK, PAGE_INBOX]) {
    const story = ownedBy(owner).does(write(), write('Again'), tap(STRANGER));
    assert.deepEqual(story.heard(BOT), ['standby message', 'standby message', 'standby postback']);
    assert.equal(story.owner(), owner);
  }
});

test('[P4] the primary receiver takes control from any app, at any time', () => {
  for (const owner of [DESK, QUIZ, PAGE_INBOX]) {
    assert.equal(ownedBy(owner).does(take(BOT)).owner(), BOT);
    assert.equal(
      ownedBy(owner)
        .wait(23 * HOUR_MS)
        .does(take(BOT))
        .owner(),
      BOT,
    );
  }
  assert.equal(idle(withPrimary()).does(take(BOT)).owner(), BOT);
});

test('[P5] when an app that is not the primary receiver releases, the thread is idle', () => {
  const story = ownedBy(DESK).does(release(DESK));
  assert.equal(story.owner(), null);
  assert.deepEqual(story.heard(BOT), []);
});

test('[P6] both apps are told by app_roles, and nobody else', () => {
  const story = withPrimary().namePrimary(DESK);
  assert.deepEqual(story.heard(BOT), ['messages app_roles']);
  assert.deepEqual(story.heard(DESK), ['messages app_roles']);
  assert.deepEqual(story.heard(QUIZ), []);
  story.hush().namePrimary(null);
  assert.deepEqual(story.heard(DESK), ['messages app_roles']);
  assert.deepEqual(story.heard(BOT), []);
  story.hush().namePrimary(QUIZ);
  assert.deepEqual(story.heard(QUIZ), ['messages app_roles']);
});

test('[P6] an app in development is told of its role although most customers are out of its reach', () => {
  const story = given({ apps: [[BOT, { advancedAccess: false }]] }).namePrimary(BOT);
  assert.deepEqual(story.heard(BOT), ['messages app_roles']);
});

test('[P6] threads keep their owners; idle threads wait for the next act', () => {
  const owned = ownedBy(BOT).namePrimary(DESK);
  assert.equal(owned.owner(), BOT);
  owned.does(write());
  assert.equal(owned.owner(), BOT);
  assert.equal(owned.does(send(BOT), release(BOT), write()).owner(), DESK);

  const waiting = idle(withPrimary()).namePrimary(DESK).wait(HOUR_MS);
  assert.equal(waiting.owner(), null);
  assert.equal(waiting.does(write()).owner(), DESK);

  const unwanted = ownedBy(DESK).namePrimary(null);
  assert.equal(unwanted.owner(), DESK);
  unwanted.refuses(take(BOT), 'not_owner');
});

test('[P7] the primary receiver reads every other connected app, the inbox too', () => {
  const apps = [
    [BOT, { name: 'FAQ bot' }],
    [DESK, { name: 'Desk' }],
    [QUIZ, { subscribed: false }],
  ] as const;
  const messenger = given({ primary: BOT, apps });
  assert.deepEqual(askSecondaryReceivers(messenger.page(), BOT), {
    ok: true,
    value: [
      { app: DESK, name: 'Desk' },
      { app: PAGE_INBOX, name: 'Page Inbox' },
    ],
  });
  const instagram = askSecondaryReceivers(given({ platform: 'instagram', primary: BOT, apps }).page(), BOT);
  assert.ok(instagram.ok);
  assert.deepEqual(instagram.value.at(-1), { app: INSTAGRAM_INBOX, name: 'Instagram Inbox' });
});

test('[P7] others are refused, and so is everyone on a page without a primary receiver', () => {
  for (const [page, caller, reason] of [
    [withPrimary().page(), DESK, 'not_primary_receiver'],
    [withoutPrimary().page(), BOT, 'not_primary_receiver'],
    [withPrimary().page(), STRANGER, 'caller_not_connected'],
    [withPrimary().disconnect(DESK).page(), DESK, 'caller_not_connected'],
  ] as const) {
    const answer = askSecondaryReceivers(page, caller);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.reason, reason);
  }
});

test('[P7] who is named later reads the list, who was named before no longer does', () => {
  const story = withPrimary().namePrimary(DESK).does(write(), request(BOT));
  assert.ok(askSecondaryReceivers(story.page(), DESK).ok);
  assert.ok(!askSecondaryReceivers(story.page(), BOT).ok);
});
