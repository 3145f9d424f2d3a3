/** Surveys: RULES S1 to S4. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId } from '../../src/protocol/ids.ts';
import { MAX_HELD_SURVEYS, validUntil } from '../../src/protocol/thread.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import { given, type Scenario } from '../../src/testing/scenario.ts';
import {
  answerSurvey,
  BOT,
  DESK,
  extend,
  link,
  move,
  pass,
  QUIZ,
  release,
  send,
  survey,
  take,
  tick,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

/** The surveys that the customer got, in order. */
const gotten = (story: Scenario): readonly string[] =>
  story
    .events()
    .flatMap(({ event }) =>
      event.type === 'message_sent' && event.message.attachment !== null ? [event.message.mid] : [],
    );
const held = (story: Scenario): readonly string[] => story.thread().held.map(({ message }) => message.mid);
/** What became of held surveys that did not go out: mid, reason and how long after the story began to be told. */
const dropped = (story: Scenario): readonly string[] =>
  story
    .events()
    .flatMap(({ event }) => (event.type === 'survey_dropped' ? [`${event.mid} ${event.reason}`] : []));

test('[S1] a survey from the owner, or on an idle thread, goes out at once', () => {
  for (const story of [ownedBy(DESK), idle(withPrimary()), idle(withoutPrimary())]) {
    story.does(survey(DESK));
    assert.deepEqual(gotten(story), ['m_survey']);
    assert.deepEqual(held(story), []);
    assert.deepEqual(story.heard(DESK), ['messages echo']);
    assert.deepEqual(story.heard(QUIZ), ['standby echo']);
  }
});

test('[S1] a survey sent while another app controls the thread is held, and nobody is told of it', () => {
  const story = ownedBy(DESK).does(survey(BOT, 'm_1'), survey(QUIZ, 'm_2'));
  assert.deepEqual(held(story), ['m_1', 'm_2']);
  assert.deepEqual(gotten(story), []);
  for (const app of [BOT, DESK, QUIZ]) assert.deepEqual(story.heard(app), []);
  assert.equal(story.owner(), DESK);
});

test('[S1] a held survey is no activity of anybody', () => {
  const story = ownedBy(DESK);
  const end = story.endsAt();
  story.wait(HOUR_MS).does(survey(BOT));
  assert.equal(story.endsAt(), end);
});

test('[S2] held surveys go out on release, in the order in which they were sent', () => {
  const story = ownedBy(DESK).does(survey(QUIZ, 'm_1'), survey(BOT, 'm_2'), survey(QUIZ, 'm_3'));
  story.does(release(DESK));
  assert.deepEqual(gotten(story), ['m_1', 'm_2', 'm_3']);
  assert.deepEqual(held(story), []);
  assert.deepEqual(story.heard(QUIZ), ['messages echo', 'standby echo', 'messages echo']);
  assert.equal(story.owner(), null);
});

test('[S4] held surveys go out in the step that makes the thread idle: expiry, Done, disconnection', () => {
  const ends: readonly (readonly [AppId, (story: Scenario) => Scenario])[] = [
    [DESK, (story) => story.wait(DAY_MS).does(tick)],
    [DESK, (story) => story.disconnect(DESK).does(tick)],
  ];
  for (const [owner, end] of ends) {
    const story = ownedBy(owner, withoutPrimary()).does(survey(BOT));
    assert.deepEqual(gotten(end(story)), ['m_survey']);
  }
  const inbox = idle(withoutPrimary()).does(move('main'), survey(BOT));
  assert.deepEqual(gotten(inbox), []);
  assert.deepEqual(gotten(inbox.does(move('done'))), ['m_survey']);
});

test('[S4] on expiry they bear its instant, and come before a later act or call', () => {
  for (const later of [write(), take(QUIZ)]) {
    const story = ownedBy(DESK, withoutPrimary()).does(survey(BOT));
    const end = story.endsAt() ?? 0;
    story
      .waitUntil(end - HOUR_MS)
      .does(write())
      .hush();
    const expiry = story.endsAt() ?? 0;
    assert.equal(expiry, end - HOUR_MS + DAY_MS);
    story.waitUntil(expiry + 5 * HOUR_MS).does(later);
    const [expired, sent] = story.events().filter(({ at }) => at === expiry);
    assert.equal(expired?.event.type, 'control_changed');
    assert.equal(sent?.event.type, 'message_sent');
    assert.deepEqual(gotten(story), ['m_survey']);
  }
});

test('[S4] when the owner passes the thread on it is not idle, and a survey waits even if its sender gets control', () => {
  const story = ownedBy(DESK).does(survey(BOT), pass(DESK, BOT));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(held(story), ['m_survey']);
  story.does(send(BOT), release(BOT));
  assert.deepEqual(gotten(story), ['m_survey']);
});

test('[S2] a survey that could not go out within 7 days of the last act of the customer is dropped', () => {
  const story = ownedBy(DESK).does(extend(DESK, 604_800), survey(BOT, 'm_1')).wait(DAY_MS);
  story.does(write(), survey(QUIZ, 'm_2'));
  const until = story.now() + 7 * DAY_MS;
  story.wait(5 * DAY_MS).does(extend(DESK, 604_800));
  story.waitUntil(until - 1).does(tick);
  assert.deepEqual(held(story), ['m_1', 'm_2']);
  story.waitUntil(until + DAY_MS).does(tick);
  assert.deepEqual(dropped(story), ['m_1 outside_window', 'm_2 outside_window']);
  const [first, second] = story.events().filter(({ event }) => event.type === 'survey_dropped');
  assert.deepEqual([first?.at, second?.at], [until, until]);
  assert.deepEqual(held(story), []);
  assert.deepEqual(gotten(story.does(release(DESK))), []);
});

test('[S2] the 7 days run from every act anew, and a tick that finds nothing due changes nothing', () => {
  const story = ownedBy(DESK)
    .does(extend(DESK, 604_800), survey(BOT))
    .wait(6 * DAY_MS);
  story
    .does(extend(DESK, 604_800), write())
    .wait(6 * DAY_MS)
    .does(tick);
  assert.deepEqual(held(story), ['m_survey']);
  assert.deepEqual(gotten(story.does(release(DESK))), ['m_survey']);
});

test('[H2] a survey is refused once 7 days have gone by since the last act', () => {
  const story = idle(withoutPrimary());
  story.wait(7 * DAY_MS - 1).does(survey(BOT));
  story.wait(1).refuses(survey(BOT, 'm_2'), 'outside_window');
  const silent = given({ apps: [BOT] }).does({ type: 'introduce', name: null });
  silent.refuses(survey(BOT), 'outside_window');
});

test('[C17] the held surveys of an app that is disconnected are dropped, and coming back does not return them', () => {
  const story = ownedBy(DESK).does(survey(BOT, 'm_1'), survey(QUIZ, 'm_2'));
  story.disconnect(BOT).wait(HOUR_MS).connect(BOT).does(tick);
  assert.deepEqual(dropped(story), ['m_1 not_connected']);
  assert.deepEqual(gotten(story.does(release(DESK))), ['m_2']);
});

test('[S4] C16 is checked again when they go out', () => {
  const story = ownedBy(DESK).does(survey(BOT));
  story.disconnect(BOT).does(release(DESK));
  assert.deepEqual(gotten(story), []);
  assert.deepEqual(dropped(story), ['m_survey not_connected']);
});

test('[S3] the answer reaches the app that sent the survey, and nobody else', () => {
  const story = ownedBy(DESK).does(survey(DESK)).hush().does(answerSurvey(BOT));
  assert.deepEqual(story.heard(BOT), ['messages feedback']);
  for (const app of [DESK, QUIZ]) assert.deepEqual(story.heard(app), []);
  const feedback = { pageFields: ['messages', 'standby'] };
  const deaf = ownedBy(DESK).changeApp(BOT, feedback).does(answerSurvey(BOT));
  assert.deepEqual(deaf.heard(BOT), []);
});

test('[C15] a survey answer moves nothing, and is an act like any other', () => {
  const story = idle(withPrimary()).wait(HOUR_MS).does(answerSurvey(DESK));
  assert.equal(story.owner(), null);
  assert.equal(story.thread().lastActAt, story.now());
  const owned = ownedBy(DESK).wait(HOUR_MS).does(answerSurvey(BOT));
  assert.equal(owned.owner(), DESK);
  assert.equal(owned.endsAt(), owned.now() + DAY_MS);
});

test('[S2] from its end on a survey cannot be answered', () => {
  const story = idle(withPrimary());
  const end = story.now() + DAY_MS;
  story.waitUntil(end - 1).does(answerSurvey(BOT, end));
  story.wait(1).refuses(answerSurvey(BOT, end), 'survey_expired');
});

test('[S1] a stale control_epoch, an app without a role and a persona of another app are refused as with any send', () => {
  const story = ownedBy(DESK);
  story.refuses(survey(BOT, 'm_1', { epoch: 0 }), 'stale_epoch');
  story.disconnect(BOT).refuses(survey(BOT), 'caller_not_connected');
});

test('[limit MAX_HELD_SURVEYS] as many surveys are held, and the next one is refused', () => {
  const story = ownedBy(DESK);
  for (let number = 1; number <= MAX_HELD_SURVEYS; number++) story.does(survey(BOT, `m_${number}`));
  story.refuses(survey(BOT, 'm_more'), 'too_many_surveys');
  story.does(survey(DESK, 'm_own'));
  assert.equal(gotten(story.does(release(DESK))).length, MAX_HELD_SURVEYS + 1);
});

test('[E1] a survey outlives an entry point that moves control: the thread is not idle', () => {
  const entryPoints = [{ source: 'SHORTLINK', key: 'spring', app: QUIZ, days: 3 }] as const;
  const story = ownedBy(DESK, withPrimary({ entryPoints })).does(
    survey(BOT),
    write('Hi', { referral: link('spring') }),
  );
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(held(story), ['m_survey']);
  assert.deepEqual(gotten(story.wait(3 * DAY_MS).does(tick)), ['m_survey']);
});

test('[I3] a decision on a thread with an overdue survey is good until the lease ends, no longer', () => {
  const story = ownedBy(DESK).does(extend(DESK, 604_800), survey(BOT));
  story
    .wait(6 * DAY_MS)
    .does(extend(DESK, 604_800))
    .wait(DAY_MS + HOUR_MS);
  assert.equal(validUntil(story.thread(), story.now()), story.endsAt());
});
