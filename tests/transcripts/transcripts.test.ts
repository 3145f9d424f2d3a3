/**
 * The three common uses, surveys with menus, and Conversation Routing as transcripts: their commands are played, and what comes of them must read as it is
 * written there. `UPDATE_TRANSCRIPTS=1` writes them anew, to be reviewed as a diff.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { replay } from '../../src/testing/scenario-script.ts';

const check = (file: string): void => {
  const place = path.join(import.meta.dirname, file);
  const written = readFileSync(place, 'utf8');
  const played = replay(written);
  if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(place, played);
  else assert.equal(played, written);
  assert.ok((played.match(/^> /gm)?.length ?? 0) >= 10, 'a story has its commands');
};

test('[U1] customer service: the bot passes to the desk that asked, and has the next message again', () =>
  check('u1.txt'));
test('[U2] leads: the quiz passes to the Page Inbox, and Done gives control back', () => check('u2.txt'));
test('[U2] leads on Instagram: the same with the Instagram inbox', () => check('u2-instagram.txt'));
test('[U3] click-to-Messenger ads: the agent app gets the lead, extends, releases', () => check('u3.txt'));
test('[S4] [M5] surveys that wait and menus that are tapped', () => check('surveys.txt'));
test('[R1] [R5] [R12] Conversation Routing, and the switch to handover', () => check('routing.txt'));

test('a transcript that tells something else fails, and so does a line that nobody understands', () => {
  const story = '> page messenger: BOT\n> customer writes "Hi"\n';
  const told = replay(story);
  assert.match(told, /-> BOT {4}messages message: "Hi"/);
  assert.equal(replay(told), told);
  assert.notEqual(replay(told.replace('"Hi"', '"Ho"')), told);
  assert.throws(() => replay(`${story}> BOT dances\n`), /dances/);
});
