/** Persistent menus, Get Started and ice breakers: RULES M1 to M6; B1, B2, C15 and C17 where they touch them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedOnPage } from '../../src/protocol/ask.ts';
import { itemsOf, menuFor, partFor, questionsOf } from '../../src/protocol/menu.ts';
import type { Profile } from '../../src/protocol/page.ts';
import { HOUR_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  BOT,
  breakIce,
  CUSTOMER,
  DESK,
  getStarted,
  menuOf,
  pick,
  QUIZ,
  react,
  setMenu,
  tap,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const titles = (story: Scenario): readonly unknown[] =>
  itemsOf(menuFor(story.page(), story.thread())).map(({ title }) => title);
/** The last act that was recorded. */
function lastAct(story: Scenario) {
  const event = story.events().findLast((each) => each.event.type === 'act_received')?.event;
  assert.ok(event?.type === 'act_received');
  return event.act;
}

const menuBy = (maker: typeof BOT, ...items: readonly string[]): Profile => ({
  persistent_menu: { maker, value: menuOf(items) },
});

test('[M1] without a primary receiver any connected app may set the profile of the page', () => {
  const page = withoutPrimary().page();
  for (const app of [BOT, DESK, QUIZ]) assert.equal(refusedOnPage(page, 'set_profile', app), null);
  const gone = withoutPrimary().disconnect(DESK).page();
  assert.equal(refusedOnPage(gone, 'set_profile', DESK)?.reason, 'caller_not_connected');
});

test('[M2] with one, only the primary receiver may', () => {
  const page = withPrimary().page();
  assert.equal(refusedOnPage(page, 'set_profile', BOT), null);
  for (const app of [DESK, QUIZ]) {
    assert.equal(refusedOnPage(page, 'set_profile', app)?.reason, 'profile_of_lead');
  }
});

test('[R10] under Conversation Routing the default app stands for the primary receiver; with the inbox, M1 applies', () => {
  const named = withPrimary({ mode: 'conversation_routing' }).page();
  assert.equal(refusedOnPage(named, 'set_profile', BOT), null);
  assert.equal(refusedOnPage(named, 'set_profile', DESK)?.reason, 'profile_of_lead');
  const inbox = withoutPrimary({ mode: 'conversation_routing' }).page();
  assert.equal(refusedOnPage(inbox, 'set_profile', DESK), null);
  const disconnected = withPrimary({ mode: 'conversation_routing' }).disconnect(BOT).page();
  assert.equal(refusedOnPage(disconnected, 'set_profile', DESK), null);
});

test('[M3] the owner sets and deletes the menu of its customer, primary or not; nobody else does', () => {
  const story = ownedBy(DESK).does(setMenu(DESK, ['Talk']));
  assert.deepEqual(titles(story), ['Talk']);
  for (const app of [BOT, QUIZ]) {
    story.refuses(setMenu(app, ['Mine']), 'menu_of_another');
    story.refuses(setMenu(app, null), 'menu_of_another');
  }
  assert.deepEqual(titles(story.does(setMenu(DESK, null))), []);
});

test('[M4] on an idle thread any connected app sets and deletes it', () => {
  for (const story of [idle(withPrimary()), idle(withoutPrimary())]) {
    story.does(setMenu(DESK, ['A']), setMenu(QUIZ, ['B']));
    assert.deepEqual(titles(story), ['B']);
    assert.equal(story.thread().menu?.maker, QUIZ);
    assert.deepEqual(titles(story.does(setMenu(BOT, null))), []);
    story.disconnect(QUIZ).refuses(setMenu(QUIZ, ['C']), 'caller_not_connected');
  }
});

test('[M3] deleting what is not there changes nothing; a stale epoch is refused', () => {
  const story = ownedBy(DESK);
  const before = story.events().length;
  story.does(setMenu(DESK, null));
  assert.equal(story.events().length, before);
  story.refuses(setMenu(DESK, ['A'], { epoch: 0 }), 'stale_epoch');
});

test('[M5] a tap gives control to the maker, with the complete postback; the loser hears of it first', () => {
  const story = idle(withPrimary()).does(setMenu(QUIZ, ['Prices', 'Help']));
  story.does(setMenu(QUIZ, ['Prices', 'Help']), write());
  ownedBy(DESK, story).does(pick(1));
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(story.heard(QUIZ), ['messages postback']);
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control', 'standby postback']);
  assert.deepEqual(story.heard(BOT), ['standby postback']);
  const act = lastAct(story);
  assert.ok(act.kind === 'postback');
  assert.deepEqual([act.tapped, act.title, act.payload, act.mid], ['menu', 'Help', 'Help', 'm_tap']);
  assert.equal(story.history().at(-1), `${DESK} -> ${QUIZ} by menu`);
});

test('[M5] a tap by the customer of the maker that has control already only renews it', () => {
  const story = ownedBy(DESK)
    .does(setMenu(DESK, ['Talk']))
    .wait(HOUR_MS)
    .does(pick(0));
  assert.equal(story.owner(), DESK);
  assert.equal(story.history().at(-1)?.endsWith('by menu'), false);
  assert.deepEqual(story.heard(DESK), ['messages postback']);
});

test('[M5] a user-level menu hides the page-level one', () => {
  const story = ownedBy(DESK).setProfile(menuBy(BOT, 'Start'));
  assert.deepEqual(titles(story), ['Start']);
  story.does(setMenu(DESK, ['Talk']));
  assert.deepEqual(titles(story), ['Talk']);
  assert.deepEqual(titles(story.does(setMenu(DESK, null))), ['Start']);
});

test('[M5] only postback items reach an app', () => {
  const story = ownedBy(DESK)
    .does(setMenu(DESK, [{ url: 'https://example.com' }, 'Talk']))
    .hush();
  const before = story.events().length;
  story.does(pick(0));
  assert.equal(story.events().length, before);
});

test('[M5] what the customer does not see cannot be tapped', () => {
  const story = ownedBy(DESK);
  story.refuses(pick(0), 'nothing_to_tap');
  story.does(setMenu(DESK, ['Talk']));
  story.refuses(pick(1), 'nothing_to_tap');
  story.refuses(pick(0, 0), 'nothing_to_tap');
  story.refuses(pick(), 'nothing_to_tap');
  story.refuses(getStarted(), 'nothing_to_tap');
  story.refuses(breakIce(0), 'nothing_to_tap');
});

test('[M5] an item in a menu within the menu is named by its path', () => {
  const value = [
    {
      locale: 'default',
      call_to_actions: [
        {
          type: 'nested',
          title: 'More',
          call_to_actions: [{ type: 'postback', title: 'Deep', payload: 'DEEP' }],
        },
      ],
    },
  ];
  const story = ownedBy(DESK).setProfile({ persistent_menu: { maker: QUIZ, value } });
  story.refuses(pick(0), 'nothing_to_tap');
  story.does(pick(0, 0));
  assert.equal(story.owner(), QUIZ);
});

test('[M6] the menu stays when the primary receiver changes, until the new one replaces it', () => {
  const story = idle(withPrimary().setProfile(menuBy(BOT, 'Start'))).namePrimary(QUIZ);
  assert.deepEqual(titles(story), ['Start']);
  story.does(pick(0));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(titles(story.setProfile(menuBy(QUIZ, 'New'))), ['New']);
});

test('[M6] [C17] what an app made is hidden where the app is not connected, and is back when the app is', () => {
  const profile: Profile = {
    ...menuBy(BOT, 'Start'),
    get_started: { maker: BOT, value: { payload: 'GO' } },
    ice_breakers: { maker: BOT, value: [{ question: 'Hours?', payload: 'HOURS' }] },
  };
  const story = idle(withPrimary()).setProfile(profile);
  const shown = () => [titles(story).length, partFor(story.page(), 'get_started', CUSTOMER) !== null];
  assert.deepEqual(shown(), [1, true]);
  story.changeApp(BOT, { advancedAccess: false });
  assert.deepEqual(shown(), [0, false]);
  story.refuses(getStarted(), 'nothing_to_tap');
  story.refuses(breakIce(0), 'nothing_to_tap');
  story.changeApp(BOT, { testers: [CUSTOMER] });
  assert.deepEqual(shown(), [1, true]);
  story.disconnect(BOT);
  assert.deepEqual(shown(), [0, false]);
  story.connect(BOT);
  assert.deepEqual(shown(), [1, true]);
});

test('[C17] the menu made for one customer by an app that left gives way to that of the page, until the app is back', () => {
  const story = idle(withPrimary().setProfile(menuBy(BOT, 'Start'))).does(setMenu(QUIZ, ['Own']));
  assert.deepEqual(titles(story.disconnect(QUIZ)), ['Start']);
  story.does(pick(0));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(titles(story.connect(QUIZ)), ['Own']);
});

test('[M6] Get Started and ice breakers give control to their maker, by a postback', () => {
  const value = [{ locale: 'default', call_to_actions: [{ question: 'Hours?', payload: 'HOURS' }] }];
  const profile: Profile = {
    get_started: { maker: QUIZ, value: { payload: 'GO' } },
    ice_breakers: { maker: DESK, value },
  };
  const story = withPrimary().setProfile(profile).does(getStarted());
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(story.history(), [`- -> ${QUIZ} by postback`]);
  const act = lastAct(story);
  assert.ok(act.kind === 'postback');
  assert.deepEqual([act.title, act.payload], ['Get Started', 'GO']);
  assert.deepEqual(story.heard(QUIZ), ['messages postback']);
  story.does(breakIce(0));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(
    questionsOf(partFor(story.page(), 'ice_breakers', CUSTOMER)).map(({ question }) => question),
    ['Hours?'],
  );
});

test('[C15] the app of the ad goes before the maker of what was tapped', () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 1 }] as const;
  const profile: Profile = { get_started: { maker: QUIZ, value: { payload: 'GO' } } };
  const story = withPrimary({ entryPoints, profile }).does(getStarted(ad('777')));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(story.heard(DESK), ['messages postback']);
  assert.deepEqual(story.heard(QUIZ), ['standby postback']);
});

test('[B1] [B2] a user-level menu, a button and an ad move control alike: the loser hears first, the others without payload', () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: QUIZ, days: 1 }] as const;
  const acts = [pick(0), tap(QUIZ), write('Hi', { referral: ad('777') })];
  for (const act of acts) {
    const story = idle(withPrimary({ entryPoints })).does(setMenu(QUIZ, ['Prices']));
    ownedBy(DESK, story).does(act);
    assert.equal(story.owner(), QUIZ);
    assert.equal(story.heard(QUIZ).length, 1);
    assert.deepEqual(story.heard(DESK)[0], 'messages take_thread_control');
    assert.match(story.heard(BOT).join(), /^standby (postback|message)$/);
  }
});

test('[C15] a reaction is an act: it goes to the owner, and on an idle thread to the primary receiver', () => {
  const story = idle(withPrimary()).wait(HOUR_MS).does(react());
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(BOT), ['messages reaction']);
  assert.deepEqual(story.heard(DESK), ['standby reaction']);
  assert.equal(story.thread().lastActAt, story.now());
  assert.equal(ownedBy(DESK).does(react('unreact')).owner(), DESK);
});
