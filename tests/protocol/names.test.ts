/** How a page comes to know its customers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOT, introduce, read, request, take, write } from '../../src/testing/scenario-commands.ts';
import { withoutPrimary } from './stories.ts';

test('a customer is known from the first act on, or from being introduced; before that every call is refused', () => {
  const story = withoutPrimary();
  for (const command of [take(BOT), request(BOT), read]) story.refuses(command, 'unknown_customer');
  story.does(write(), take(BOT));
  assert.deepEqual(story.thread().customer, { name: null });
  withoutPrimary().does(introduce(null), take(BOT));
});

test('a new name replaces the old one; one that is known is no news, and no name never replaces one', () => {
  const story = withoutPrimary().does(introduce('Budi'));
  const events = story.events().length;
  story.does(introduce('Budi'), introduce(null));
  assert.equal(story.events().length, events);
  assert.deepEqual(story.thread().customer, { name: 'Budi' });
  story.does(introduce('Budi S.'), write());
  assert.deepEqual(story.thread().customer, { name: 'Budi S.' });
});

test('being introduced is no act: it opens no window, moves nothing and tells nobody', () => {
  const story = withoutPrimary().namePrimary(BOT).hush().does(introduce('Budi'));
  assert.equal(story.owner(), null);
  assert.equal(story.thread().lastActAt, null);
  assert.deepEqual(story.heard(BOT), []);
  assert.equal(story.folder(), 'general');
});
