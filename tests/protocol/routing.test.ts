/** Conversation Routing: RULES R1 to R12. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOwner, askRequests, askSecondaryReceivers } from '../../src/protocol/ask.ts';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { PERMISSIONS } from '../../src/protocol/permissions.ts';
import { validUntil } from '../../src/protocol/thread.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  BOT,
  CUSTOMER,
  DESK,
  extend,
  move,
  pass,
  passing,
  QUIZ,
  read,
  release,
  releasing,
  reply,
  request,
  send,
  setMenu,
  survey,
  take,
  tap,
  tell,
  tick,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import type { PageOptions } from '../../src/testing/scenario-page.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const mode = 'conversation_routing';
/** A page whose default app is BOT. */
const routed = (more: PageOptions = {}): Scenario => withPrimary({ mode, ...more });
/** A page whose default app is the inbox. */
const inboxRouted = (more: PageOptions = {}): Scenario => withoutPrimary({ mode, ...more });
/** Idle, with the customer's last act just now. */
const idled = (story: Scenario = routed()): Scenario => {
  idle(story);
  if (story.owner() === PAGE_INBOX) story.does(pass(PAGE_INBOX, DESK), release(DESK));
  return story.hush();
};

test('[R1] when the customer acts on an idle thread the default app gets control, with no handover event', () => {
  const story = routed().does(write());
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(BOT), ['messages message']);
  assert.deepEqual(story.heard(DESK), ['standby message']);
  assert.deepEqual(story.history(), [`- -> ${BOT} by default_app`]);
});

test('[R1] [R10] the inbox is the default app where none is named, or the named one is not connected', () => {
  for (const story of [
    inboxRouted(),
    routed().disconnect(BOT),
    routed({ apps: [[BOT, { advancedAccess: false }], DESK] }),
  ]) {
    story.does(write());
    assert.equal(story.owner(), PAGE_INBOX);
    assert.deepEqual(story.heard(DESK), ['standby message']);
    assert.equal(story.folder(), 'main');
  }
  const back = routed().disconnect(BOT).connect(BOT).does(write());
  assert.equal(back.owner(), BOT);
});

test('[R1] control goes by C15 first: an entry point, then the maker of a button', () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 3 }] as const;
  assert.equal(
    routed({ entryPoints })
      .does(write('Hi', { referral: ad('777') }))
      .owner(),
    DESK,
  );
  assert.equal(routed().does(tap(QUIZ)).owner(), QUIZ);
  assert.equal(ownedBy(DESK, routed()).does(write()).owner(), DESK);
});

test('[R2] while idle only the default app may send', () => {
  const story = idled().does(send(BOT));
  assert.equal(story.owner(), null);
  story.refuses(send(DESK), 'not_default_app');
  story.refuses(typing(QUIZ), 'not_default_app');
  idled(inboxRouted()).refuses(send(DESK), 'not_default_app');
});

test('[R2] [S1] [X3] [X4] a survey and the people in the inbox stand outside of that', () => {
  const story = idled().does(survey(DESK));
  assert.deepEqual(story.heard(DESK), ['messages echo']);
  story.does(reply());
  assert.equal(story.owner(), PAGE_INBOX);
  const done = ownedBy(PAGE_INBOX, routed()).does(move('done'));
  assert.equal(done.owner(), BOT);
  done.does(release(BOT), move('done')).hush().does(reply());
  assert.equal(done.owner(), BOT);
  assert.deepEqual(done.heard(BOT), ['standby echo', 'messages pass_thread_control']);
});

test('[C4] on an owned thread nobody but the owner sends, the default app included', () => {
  const story = ownedBy(DESK, routed());
  for (const app of [BOT, QUIZ]) story.refuses(send(app), 'controlled_by_another');
});

test('[R3] any app with the right takes, idle or owned, the owner itself does not', () => {
  for (const story of [idled(), ownedBy(DESK, routed())]) {
    story.does(take(QUIZ));
    assert.equal(story.owner(), QUIZ);
    story.refuses(take(QUIZ), 'already_owner');
  }
  const story = ownedBy(DESK, routed()).does(take(QUIZ, { metadata: 'm' }));
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control']);
});

test('[R3] without the right nobody takes, not even the default app', () => {
  const apps = [[BOT, { takeControl: false }], [DESK, { takeControl: false }], QUIZ] as const;
  const owned = ownedBy(QUIZ, routed({ apps }));
  for (const app of [BOT, DESK]) owned.refuses(take(app), 'take_not_given');
  const free = idled(routed({ apps }));
  for (const app of [BOT, DESK]) free.refuses(take(app), 'take_not_given');
  assert.equal(ownedBy(QUIZ, withPrimary({ apps })).does(take(BOT)).owner(), BOT);
});

test('[R3] standby is for those only to whom the page gave it; what an app owns it hears all the same', () => {
  const apps = [BOT, [DESK, { standbyAccess: false }], QUIZ] as const;
  const story = routed({ apps }).does(write(), send(BOT), read);
  assert.deepEqual(story.heard(DESK), []);
  assert.equal(story.heard(QUIZ).length, 3);
  const reasons = story.events().flatMap(({ audience }) => audience.filter(({ app }) => app === DESK));
  assert.deepEqual(
    [...new Set(reasons.map(({ outcome }) => (outcome.told ? 'told' : outcome.reason)))],
    ['no_standby_access'],
  );
  story.does(pass(BOT, DESK), write());
  assert.deepEqual(story.heard(DESK), ['messages pass_thread_control', 'messages message']);
  const handover = withPrimary({ apps }).does(write());
  assert.deepEqual(handover.heard(DESK), ['standby message']);
});

test('[R4] the owner passes, and anyone when idle, to itself too; without a target it goes to the default app', () => {
  assert.equal(ownedBy(DESK, routed()).does(pass(DESK, QUIZ)).owner(), QUIZ);
  assert.equal(ownedBy(DESK, routed()).does(pass(DESK, null)).owner(), BOT);
  assert.equal(ownedBy(DESK, inboxRouted()).does(pass(DESK, null)).owner(), PAGE_INBOX);
  assert.equal(idled().does(pass(QUIZ, QUIZ)).owner(), QUIZ);
  assert.equal(idled().does(pass(QUIZ, null)).owner(), BOT);
  assert.equal(idled().does(pass(BOT, null)).owner(), BOT);
});

test('[R4] [R10] the default app does not pass what another controls, nor the owner to itself', () => {
  const story = ownedBy(DESK, routed());
  for (const app of [BOT, QUIZ]) story.refuses(pass(app, QUIZ), 'not_owner');
  story.refuses(pass(DESK, DESK), 'already_owner');
  ownedBy(BOT, routed()).refuses(pass(BOT, null), 'already_owner');
});

test('[R4] request, secondary_receivers, thread_requests and pass_thread_metadata are not available', () => {
  for (const story of [idled(), ownedBy(DESK, routed())]) {
    for (const app of [BOT, DESK, QUIZ]) {
      story.refuses(request(app), 'not_available');
      if (app !== QUIZ) story.refuses(tell(app, QUIZ), 'not_available');
      const asked = askRequests(story.question(app));
      assert.equal(asked.ok ? null : asked.refusal.reason, 'not_available');
      const listed = askSecondaryReceivers(story.page(), app);
      assert.equal(listed.ok ? null : listed.refusal.reason, 'not_available');
    }
  }
});

test('[R5] a send may pass control on, or release it: with the message, or with a sender action', () => {
  const story = ownedBy(DESK, routed()).does(send(DESK, { control: passing(QUIZ) }));
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(story.heard(DESK), ['messages echo']);
  assert.deepEqual(story.heard(QUIZ), ['standby echo', 'messages pass_thread_control']);
  assert.equal(
    ownedBy(DESK, routed())
      .does(send(DESK, { control: passing(null) }))
      .owner(),
    BOT,
  );
  assert.equal(
    ownedBy(DESK, routed())
      .does(typing(DESK, { control: passing(QUIZ) }))
      .owner(),
    QUIZ,
  );
  assert.equal(
    ownedBy(DESK, routed())
      .does(typing(DESK, { control: releasing }))
      .owner(),
    null,
  );
  const released = ownedBy(DESK, routed()).does(send(DESK, { control: releasing }));
  assert.equal(released.owner(), null);
  assert.deepEqual(released.heard(DESK), ['messages echo']);
  assert.deepEqual(released.heard(BOT), ['standby echo']);
});

test('[R5] both or neither: what cannot be passed or released is not sent', () => {
  const story = ownedBy(DESK, routed());
  story.refuses(send(DESK, { control: passing(DESK) }), 'already_owner');
  story.disconnect(QUIZ).refuses(send(DESK, { control: passing(QUIZ) }), 'target_not_connected');
  story.refuses(send(BOT, { control: releasing }), 'controlled_by_another');
  const free = idled();
  free.refuses(send(BOT, { control: releasing }), 'not_owner');
  free.refuses(typing(BOT, { control: releasing }), 'not_owner');
  free.does(send(BOT, { control: passing(DESK) }));
  assert.equal(free.owner(), DESK);
});

test('[R5] in handover mode it is refused, and nothing is sent', () => {
  for (const control of [releasing, passing(null), passing(QUIZ)]) {
    const story = ownedBy(DESK);
    story.refuses(send(DESK, { control }), 'thread_control_not_available');
    story.refuses(typing(DESK, { control }), 'thread_control_not_available');
  }
});

test('[R5] [S4] a send that releases lets held surveys out after the message', () => {
  const story = ownedBy(DESK, routed())
    .does(survey(QUIZ, 'm_1'))
    .hush()
    .does(send(DESK, { control: releasing }));
  assert.deepEqual(story.heard(QUIZ), ['standby echo', 'messages echo']);
  const last = story
    .events()
    .slice(-3)
    .map(({ event }) => event.type);
  assert.deepEqual(last, ['message_sent', 'control_changed', 'message_sent']);
});

test('[R6] the owner is named to the owner and the default app only; others read until when, and nothing when idle', () => {
  const story = ownedBy(DESK, routed());
  const until = story.endsAt();
  const asked = (app: typeof BOT) => {
    const answer = askOwner(story.question(app));
    assert.ok(answer.ok);
    return answer.value;
  };
  for (const app of [BOT, DESK]) assert.deepEqual(asked(app), { owner: DESK, until });
  assert.deepEqual(asked(QUIZ), { owner: null, until });
  story.does(release(DESK));
  for (const app of [BOT, DESK, QUIZ]) assert.equal(asked(app), null);
});

test('[C13] [R6] a refusal names the owner to those only who may know it', () => {
  const story = ownedBy(DESK, routed());
  assert.equal(story.refuses(send(BOT), 'controlled_by_another').control?.owner?.app, DESK);
  const { control, allowed } = story.refuses(send(QUIZ), 'controlled_by_another');
  assert.deepEqual(control, { owner: null, until: story.endsAt() });
  assert.deepEqual(allowed, ['survey', 'take']);
  const apps = [BOT, DESK, [QUIZ, { takeControl: false }]] as const;
  const without = ownedBy(DESK, routed({ apps })).refuses(send(QUIZ), 'controlled_by_another');
  assert.deepEqual(without.allowed, ['survey']);
});

test('[R7] the 24 hours run from the last act of the customer only', () => {
  const story = routed().does(write());
  const end = story.now() + DAY_MS;
  story.wait(20 * HOUR_MS).does(send(BOT));
  assert.equal(story.endsAt(), end);
  story.does(pass(BOT, DESK));
  assert.equal(story.endsAt(), end);
  story.waitUntil(end).does(tick);
  assert.equal(story.owner(), null);
  const renewed = ownedBy(DESK, routed()).wait(HOUR_MS).does(write());
  assert.equal(renewed.endsAt(), renewed.now() + DAY_MS);
});

test('[R7] who gets control after those hours has 24 from then; an extension counts as ever', () => {
  const story = idled()
    .wait(30 * HOUR_MS)
    .does(take(DESK));
  assert.equal(story.endsAt(), story.now() + DAY_MS);
  story.does(extend(DESK, 3 * 86_400));
  assert.equal(story.endsAt(), story.now() + 3 * DAY_MS);
});

test('[R11] a send tagged HUMAN_AGENT takes control, with the feature and the right to take', () => {
  const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;
  const story = ownedBy(QUIZ, routed({ apps })).does(send(DESK, { humanAgent: true }));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(story.heard(QUIZ), ['messages take_thread_control', 'standby echo']);
  assert.deepEqual(story.heard(DESK), ['messages echo']);
  assert.equal(story.history().at(-1), `${QUIZ} -> ${DESK} by take`);
  const free = idled(routed({ apps }))
    .wait(2 * DAY_MS)
    .does(send(DESK, { humanAgent: true }));
  assert.equal(free.owner(), DESK);
});

test('[R11] without the right, or without the feature, it is refused; typing takes nothing', () => {
  const noRight = [BOT, [DESK, { humanAgent: true, takeControl: false }], QUIZ] as const;
  ownedBy(QUIZ, routed({ apps: noRight })).refuses(send(DESK, { humanAgent: true }), 'controlled_by_another');
  idled(routed({ apps: noRight })).refuses(send(DESK, { humanAgent: true }), 'not_default_app');
  ownedBy(QUIZ, routed()).refuses(send(DESK, { humanAgent: true }), 'controlled_by_another');
  const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;
  const story = ownedBy(QUIZ, routed({ apps })).does(typing(DESK, { humanAgent: true }));
  assert.equal(story.owner(), QUIZ);
});

test('[R11] [R5] a send that takes control may pass it on at once', () => {
  const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;
  const story = ownedBy(QUIZ, routed({ apps })).does(send(DESK, { humanAgent: true, control: passing(BOT) }));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.history().slice(-2), [`${QUIZ} -> ${DESK} by take`, `${DESK} -> ${BOT} by pass`]);
});

test('[R11] [R5] [C19] a send that takes control and passes it to the sender has taken it, once', () => {
  const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;
  const named = ownedBy(QUIZ, routed({ apps }));
  const before = named.endsAt();
  named.does(send(DESK, { humanAgent: true, control: { ...passing(DESK), metadata: 'mine' } }));
  assert.equal(named.owner(), DESK);
  assert.equal(named.history().at(-1), `${QUIZ} -> ${DESK} by take`);
  assert.equal(named.lines().at(-1)?.metadata, 'mine');
  assert.equal(named.endsAt(), before, 'it keeps control no longer than by the message alone');
  assert.deepEqual(named.heard(QUIZ), ['messages take_thread_control', 'standby echo']);
  assert.deepEqual(named.heard(DESK), ['messages echo'], 'nobody is told of a pass');
  const unnamed = ownedBy(QUIZ, routed({ apps: [[BOT, { humanAgent: true }], DESK, QUIZ] }));
  unnamed.does(send(BOT, { humanAgent: true, control: passing(null) }));
  assert.equal(unnamed.history().at(-1), `${QUIZ} -> ${BOT} by take`);
  const free = idled(routed({ apps })).does(send(DESK, { humanAgent: true, control: passing(DESK) }));
  assert.equal(free.history().at(-1), `- -> ${DESK} by take`);

  const owner = ownedBy(DESK, routed({ apps }));
  owner.refuses(send(DESK, { humanAgent: true, control: passing(DESK) }), 'already_owner');
  const typed = ownedBy(QUIZ, routed({ apps }));
  typed.refuses(typing(DESK, { humanAgent: true, control: passing(DESK) }), 'not_owner');
  ownedBy(QUIZ, routed()).refuses(send(DESK, { control: passing(DESK) }), 'controlled_by_another');
});

test('[R11] [X2] the inbox needs no right: Main and a reply take control', () => {
  for (const act of [move('main'), reply()])
    assert.equal(ownedBy(DESK, routed()).does(act).owner(), PAGE_INBOX);
});

test('[R10] [X5] Done gives control to the default app; where that is the inbox, the thread is idle', () => {
  const named = ownedBy(PAGE_INBOX, routed()).does(move('done'));
  assert.equal(named.owner(), BOT);
  assert.deepEqual(named.heard(BOT), ['messages pass_thread_control']);
  const story = ownedBy(PAGE_INBOX, inboxRouted()).does(move('general'));
  assert.equal(story.owner(), null);
});

test('[R10] [X7] an idle thread is in General: there is always somebody who answers first', () => {
  for (const story of [idled(), idled(inboxRouted())]) assert.equal(story.folder(), 'general');
});

test('[R10] [M2] user-level menus follow the same rules', () => {
  ownedBy(DESK, routed())
    .does(setMenu(DESK, ['A']))
    .refuses(setMenu(BOT, ['B']), 'menu_of_another');
  idled().does(setMenu(QUIZ, ['C']));
});

test('[R12] switching keeps owner, expiry, held surveys and menus, and drops open requests', () => {
  const story = ownedBy(DESK).does(setMenu(DESK, ['A']), survey(QUIZ), request(QUIZ));
  const end = story.endsAt();
  assert.deepEqual(story.queue(), [QUIZ]);
  story.wait(HOUR_MS).switchTo(mode);
  assert.deepEqual([story.owner(), story.endsAt(), story.queue()], [DESK, end, []]);
  assert.equal(story.thread().held.length, 1);
  assert.equal(story.thread().menu?.maker, DESK);
  story.does(tick);
  assert.deepEqual(story.thread().requests, []);
  story.switchTo('handover');
  assert.deepEqual([story.owner(), story.endsAt(), story.queue()], [DESK, end, []]);
  story.does(request(BOT));
  assert.deepEqual(story.queue(), [BOT]);
});

test('[R12] a request made before two switches is not open again after them', () => {
  const story = ownedBy(DESK).does(request(QUIZ)).switchTo(mode).switchTo('handover');
  assert.deepEqual(story.queue(), []);
  story.does(request(QUIZ));
  assert.deepEqual(story.queue(), [QUIZ]);
});

test('[R12] the primary receiver becomes the default app and back', () => {
  const story = withPrimary().switchTo(mode).does(write());
  assert.equal(story.owner(), BOT);
  story.does(release(BOT)).switchTo('handover').does(write());
  assert.equal(story.owner(), BOT);
  assert.deepEqual(
    story.history().map((line) => line.split(' by ')[1]),
    ['default_app', 'release', 'primary_receiver'],
  );
  const none = withoutPrimary().switchTo(mode).does(write());
  assert.equal(none.owner(), PAGE_INBOX);
  none.does(pass(PAGE_INBOX, DESK), release(DESK)).switchTo('handover').does(write());
  assert.equal(none.owner(), null);
});

test('[P6] [R12] the app that ceases to be primary receiver by a switch, and the one that becomes it, are told', () => {
  const story = withPrimary().switchTo(mode);
  assert.deepEqual(story.heard(BOT), ['messages app_roles']);
  story.switchTo('handover');
  assert.deepEqual(story.heard(BOT), ['messages app_roles', 'messages app_roles']);
});

test('[A6] every call of one mode is a call of the other: the same rows', () => {
  assert.deepEqual(Object.keys(PERMISSIONS.conversation_routing), Object.keys(PERMISSIONS.handover));
});

test('[I3] a decision is good until the first instant at which it would differ, in either mode', () => {
  const story = routed().does(write());
  assert.equal(validUntil(story.thread(), story.now()), story.now() + DAY_MS);
  story.does(pass(BOT, DESK)).wait(HOUR_MS).does(survey(QUIZ));
  assert.equal(validUntil(story.thread(), story.now()), story.endsAt());
  assert.equal(story.thread().psid, CUSTOMER);
});
