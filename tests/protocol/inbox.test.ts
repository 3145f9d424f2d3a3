/** [X] The people in the inbox. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askRequests } from '../../src/protocol/ask.ts';
import { INSTAGRAM_INBOX, isInbox, PAGE_INBOX } from '../../src/protocol/ids.ts';
import { inboxOf } from '../../src/protocol/page.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import { given, type Scenario } from '../../src/testing/scenario.ts';
import {
  BOT,
  DESK,
  introduce,
  move,
  pass,
  QUIZ,
  release,
  reply,
  request,
  STRANGER,
  send,
  take,
  tap,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

test('[X1] every page has an inbox, an app of its own number on each platform', () => {
  assert.equal(inboxOf(given({}).page()), '263902037430900');
  assert.equal(inboxOf(given({ platform: 'instagram' }).page()), '1217981644879628');
  assert.ok(isInbox(PAGE_INBOX) && isInbox(INSTAGRAM_INBOX) && !isInbox(BOT));
  assert.equal(given({ platform: 'instagram' }).does(write(), reply()).owner(), INSTAGRAM_INBOX);
  assert.equal(given({}).does(write(), move('main')).owner(), PAGE_INBOX);
});

test('[X2] moving a thread to Main takes control for the inbox, whoever had it, from idle too', () => {
  for (const story of [ownedBy(BOT), ownedBy(DESK), ownedBy(DESK, withoutPrimary()), idle(withPrimary())]) {
    const before = story.owner();
    story.does(move('main'));
    assert.equal(story.owner(), PAGE_INBOX);
    assert.deepEqual(story.history().slice(-1), [`${before ?? '-'} -> ${PAGE_INBOX} by inbox`]);
    assert.equal(story.lines().at(-1)?.actor, PAGE_INBOX);
    if (before !== null) assert.deepEqual(story.heard(before), ['messages take_thread_control']);
  }
});

test('[X2] a thread that is Main already by the inbox stays as it is', () => {
  const story = ownedBy(PAGE_INBOX);
  const ends = story.endsAt();
  const events = story.events().length;
  story.wait(1_000).does(move('main'));
  assert.equal(story.events().length, events);
  assert.equal(story.endsAt(), ends);
});

test('[X3] a reply takes control too, before it goes out', () => {
  for (const story of [ownedBy(BOT), ownedBy(DESK), idle(withPrimary()), idle(withoutPrimary())]) {
    story.does(reply('Here I am'));
    assert.equal(story.owner(), PAGE_INBOX);
    assert.equal(story.lines().at(-1)?.cause, 'inbox');
    const [change, sent] = story.events().slice(-2);
    assert.equal(change?.event.type, 'control_changed');
    assert.ok(sent?.event.type === 'message_sent' && sent.event.renews);
  }
  const story = ownedBy(DESK).does(reply());
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control', 'standby echo']);
  assert.deepEqual(story.heard(BOT), ['standby echo']);
});

test('[X3] a reply that is too late takes nothing', () => {
  for (const story of [ownedBy(DESK), idle(withPrimary()), ownedBy(PAGE_INBOX)]) {
    story.waitUntil(story.now() + 7 * DAY_MS).refuses(reply(), 'outside_window');
  }
  const early = idle(withPrimary());
  early.waitUntil(early.now() + 7 * DAY_MS - 1).does(reply());
  assert.equal(early.owner(), PAGE_INBOX);
});

test('[X3] nor does one to a customer who has never acted, or whom nobody knows', () => {
  withPrimary().does(introduce('Budi')).refuses(reply(), 'outside_window');
  withPrimary().refuses(reply(), 'unknown_customer');
  withPrimary().refuses(move('main'), 'unknown_customer');
});

test('[X4] a reply to a thread that is marked Done goes out, and control stays with the app that has it', () => {
  for (const owner of [BOT, DESK]) {
    const story = ownedBy(owner).does(move('done'), reply());
    const ends = story.endsAt();
    assert.equal(story.owner(), owner);
    assert.deepEqual(story.heard(owner), ['messages echo']);
    story.wait(1_000).does(reply());
    assert.equal(story.endsAt(), ends, 'what another sends does not prolong control');
    assert.equal(story.folder(), 'done');
  }
});

test('[X4] if the thread is idle, the primary receiver gets it with pass_thread_control', () => {
  const story = idle(withPrimary()).does(move('done'), reply());
  assert.equal(story.owner(), BOT);
  assert.ok(story.heard(BOT).includes('messages pass_thread_control'));
  assert.equal(story.heard(BOT).filter((what) => what.endsWith('echo')).length, 1);
  assert.deepEqual(story.heard(DESK), ['standby echo']);
  const line = story.lines().at(-1);
  assert.deepEqual([line?.cause, line?.actor, line?.previous, line?.next], ['inbox', PAGE_INBOX, null, BOT]);
});

test('[X4] without a primary receiver it stays idle', () => {
  const story = idle(withoutPrimary()).does(move('done'), reply());
  assert.equal(story.owner(), null);
  assert.deepEqual(story.heard(BOT), ['standby echo']);
});

test('[X4] the mark counts only until the customer acts: then a reply takes control', () => {
  for (const act of [write(), tap(DESK)]) {
    const story = ownedBy(DESK).does(move('done'), act, reply());
    assert.equal(story.owner(), PAGE_INBOX);
  }
});

test('[X4] a reply that is too late does nothing there either', () => {
  const story = idle(withPrimary())
    .does(move('done'))
    .wait(7 * DAY_MS);
  story.refuses(reply(), 'outside_window');
});

test('[X5] marking Done what the inbox controls gives control to the primary receiver', () => {
  const story = ownedBy(PAGE_INBOX).does(move('done'));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(BOT), ['messages pass_thread_control']);
  assert.deepEqual(story.history().slice(-1), [`${PAGE_INBOX} -> ${BOT} by inbox`]);
  assert.equal(story.folder(), 'done');
});

test('[X5] without a primary receiver the thread is idle', () => {
  for (const page of [withoutPrimary(), withPrimary({ apps: [[BOT, { advancedAccess: false }], DESK] })]) {
    const story = ownedBy(PAGE_INBOX, page).does(move('done'));
    assert.equal(story.owner(), null);
    assert.equal(story.folder(), 'done');
    assert.deepEqual([BOT, DESK].flatMap(story.heard), []);
  }
});

test('[X5] on a thread that it does not control Done changes the folder only', () => {
  for (const story of [ownedBy(DESK), ownedBy(BOT), idle(withPrimary()), idle(withoutPrimary())]) {
    const [owner, ends, history] = [story.owner(), story.endsAt(), story.history()];
    story.wait(1_000).does(move('done'));
    assert.deepEqual([story.owner(), story.endsAt(), story.history()], [owner, ends, history]);
    assert.equal(story.folder(), 'done');
    assert.deepEqual([BOT, DESK, QUIZ].flatMap(story.heard), []);
  }
});

test('[X6] a request for a thread of the inbox is there with its metadata, and the inbox answers nothing by itself', () => {
  const story = ownedBy(PAGE_INBOX).does(request(DESK, { metadata: 'order 12' }));
  assert.equal(story.owner(), PAGE_INBOX);
  const asked = askRequests(story.question(PAGE_INBOX));
  assert.ok(asked.ok);
  assert.deepEqual(
    asked.value.map(({ app, metadata, requestedAt }) => [app, metadata, requestedAt]),
    [[DESK, 'order 12', story.now()]],
  );
  assert.deepEqual(story.heard(BOT), ['messages request_thread_control']);
  story.wait(DAY_MS - 1);
  assert.equal(story.owner(), PAGE_INBOX);
});

test('[X6] the inbox passes as any owner may, to the asker, to another or without a target', () => {
  for (const [target, next] of [
    [DESK, DESK],
    [QUIZ, QUIZ],
    [null, BOT],
  ] as const) {
    const story = ownedBy(PAGE_INBOX).does(request(DESK), pass(PAGE_INBOX, target, { metadata: 'yours' }));
    assert.equal(story.owner(), next);
    assert.ok(story.heard(next).includes('messages pass_thread_control'));
    assert.equal(story.lines().at(-1)?.metadata, 'yours');
  }
  ownedBy(PAGE_INBOX, withoutPrimary()).refuses(pass(PAGE_INBOX, null), 'target_required');
});

const folderAfter = (story: Scenario): string => story.folder();

test('[X7] Main when the inbox controls', () => {
  assert.equal(folderAfter(ownedBy(PAGE_INBOX)), 'main');
  assert.equal(folderAfter(ownedBy(DESK).does(pass(DESK, PAGE_INBOX))), 'main');
});

test('[X7] else Done when marked so and the customer has not acted since', () => {
  assert.equal(folderAfter(ownedBy(DESK).does(move('done'), send(DESK), release(DESK))), 'done');
  assert.equal(folderAfter(ownedBy(DESK).does(move('done'), write())), 'general');
  assert.equal(folderAfter(idle(withoutPrimary()).does(move('done'), write())), 'main');
});

test("[X7] else Main when idle, without a primary receiver, and the last message is the customer's; else General", () => {
  assert.equal(folderAfter(withoutPrimary().does(write())), 'main');
  assert.equal(folderAfter(withoutPrimary().does(tap(STRANGER))), 'main');
  assert.equal(folderAfter(withoutPrimary().does(write(), send(DESK))), 'general');
  assert.equal(folderAfter(withoutPrimary().does(write(), take(DESK))), 'general');
  assert.equal(folderAfter(withoutPrimary().does(write(), take(DESK), release(DESK))), 'main');
  assert.equal(folderAfter(withoutPrimary().does(write(), take(DESK)).wait(DAY_MS)), 'main');
  assert.equal(folderAfter(idle(withPrimary())), 'general');
  assert.equal(folderAfter(ownedBy(BOT)), 'general');
  assert.equal(folderAfter(withoutPrimary().does(introduce('Budi'))), 'general');
});

test('[X7] when the inbox gets control the mark goes', () => {
  for (const command of [move('main'), pass(DESK, PAGE_INBOX)]) {
    const story = ownedBy(DESK, withoutPrimary()).does(move('done'), command);
    assert.equal(story.folder(), 'main');
    story.does(pass(PAGE_INBOX, DESK));
    assert.equal(story.folder(), 'general');
  }
});

test('[X7] moving to General a thread that the inbox controls gives control up as Done does', () => {
  const story = ownedBy(PAGE_INBOX).does(move('general'));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(BOT), ['messages pass_thread_control']);
  assert.equal(story.folder(), 'general');
  const without = ownedBy(PAGE_INBOX, withoutPrimary()).does(reply(), move('general'));
  assert.equal(without.owner(), null);
  assert.equal(without.folder(), 'general');
});

test('[X7] moving to General what it does not control touches no control', () => {
  const story = ownedBy(DESK).does(move('done'), move('general'));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(story.heard(DESK), []);
});
