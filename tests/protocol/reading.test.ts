/** What an app that reads is told of a thread. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mid } from '../../src/protocol/ids.ts';
import { canSend, isOwner, mayRead, surveyState } from '../../src/protocol/reading.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import {
  BOT,
  DESK,
  extend,
  QUIZ,
  release,
  survey,
  tick,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const MID = 'm_survey' as Mid;

test('[S2] a survey reads as delivered from the instant at which the thread is idle, written down or not', () => {
  const story = ownedBy(DESK).does(survey(BOT));
  const state = () => surveyState(story.question(BOT), MID);
  assert.equal(state(), 'held');
  story.wait(DAY_MS - 1);
  assert.equal(state(), 'held');
  story.wait(1);
  assert.equal(state(), 'delivered');
  assert.equal(story.thread().held.length, 1, 'nobody has written it down yet');
});

test('[S2] a survey reads as dropped from the end of the 7 days, written down or not', () => {
  const story = ownedBy(DESK)
    .does(survey(BOT))
    .wait(DAY_MS / 2)
    .does(extend(DESK, 604_800));
  const state = () => surveyState(story.question(BOT), MID);
  story.wait(6.5 * DAY_MS - 1);
  assert.equal(state(), 'held');
  story.wait(1);
  assert.equal(state(), 'dropped');
  story.does(tick);
  assert.equal(state(), 'dropped');
});

test('[C1] an app owns a thread, and may write, by the instant at which it asks', () => {
  const story = ownedBy(DESK);
  assert.deepEqual([isOwner(story.question(DESK)), isOwner(story.question(BOT))], [true, false]);
  assert.deepEqual([canSend(story.question(DESK)), canSend(story.question(BOT))], [true, false]);
  story.does(release(DESK));
  assert.equal(isOwner(story.question(DESK)), false);
  assert.deepEqual([canSend(story.question(DESK)), canSend(story.question(BOT))], [true, true]);
  story.wait(DAY_MS);
  assert.equal(canSend(story.question(DESK)), false);
});

test('[R3] where the standby channel is given, an app without it reads what it controls, and nothing else', () => {
  assert.equal(mayRead(ownedBy(DESK).question(QUIZ)), true, 'in handover mode it is not given');
  const routed = withoutPrimary({ mode: 'conversation_routing' }).does(write());
  assert.equal(mayRead(routed.question(QUIZ)), true);
  const page = routed.page();
  const question = routed.question(QUIZ);
  const connections = page.connections.map((each) => ({ ...each, standbyAccess: false }));
  const without = { ...question, page: { ...page, connections } };
  assert.equal(mayRead(without), false);
  const owner = ownedBy(QUIZ, withoutPrimary({ mode: 'conversation_routing' })).question(QUIZ);
  assert.equal(mayRead({ ...owner, page: { ...owner.page, connections } }), true);
  assert.equal(mayRead(idle(withPrimary()).question(QUIZ)), true);
});
