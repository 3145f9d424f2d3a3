/** [K] The best practices that the server helps its apps to keep. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOwner, askRequests } from '../../src/protocol/ask.ts';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  appId,
  BOT,
  DESK,
  move,
  pass,
  QUIZ,
  release,
  request,
  send,
  take,
  tap,
  tell,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const SHOP = appId('2004');
const four = (): Scenario => withPrimary({ apps: [BOT, DESK, QUIZ, SHOP] });

test('[K1] the automated app answers first, and the desk that listens on standby acts when it is needed', () => {
  const story = withPrimary().does(write(), send(BOT), write('A person, please'));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(DESK), ['standby message', 'standby echo', 'standby message']);
  story.does(request(DESK), pass(BOT, DESK), send(DESK));
});

test('[K2] looking before acting changes nothing', () => {
  const story = ownedBy(DESK);
  const before = JSON.stringify([story.thread(), story.history(), story.endsAt()]);
  for (let times = 0; times < 3; times++) {
    for (const app of [BOT, DESK, QUIZ]) assert.ok(askOwner(story.question(app)).ok);
  }
  assert.equal(JSON.stringify([story.thread(), story.history(), story.endsAt()]), before);
});

test('[K3] no app speaks while another controls; the primary takes when it is urgent, the others request', () => {
  const story = ownedBy(DESK);
  const primary = story.refuses(send(BOT), 'controlled_by_another');
  assert.ok(primary.allowed.includes('take') && primary.allowed.includes('request'));
  const other = story.refuses(send(QUIZ), 'controlled_by_another');
  assert.ok(!other.allowed.includes('take') && other.allowed.includes('request'));
  assert.equal(story.does(take(BOT), send(BOT)).owner(), BOT);
});

test('[K4] open requests stand in the order of arrival, one an app', () => {
  const story = ownedBy(BOT, four()).does(request(QUIZ), request(DESK), request(SHOP), request(QUIZ));
  assert.deepEqual(story.queue(), [QUIZ, DESK, SHOP]);
});

test('[K4] asking again updates the metadata, keeps the place and tells the owner', () => {
  const story = ownedBy(BOT, four()).does(request(QUIZ, { metadata: 'one' }));
  const asked = story.now();
  story.wait(1_000).does(request(DESK));
  story
    .hush()
    .wait(1_000)
    .does(request(QUIZ, { metadata: 'two' }));
  const answer = askRequests(story.question(BOT));
  assert.ok(answer.ok);
  assert.deepEqual(
    answer.value.map(({ app, requestedAt, metadata }) => [app, requestedAt, metadata]),
    [
      [QUIZ, asked, 'two'],
      [DESK, asked + 1_000, null],
    ],
  );
  assert.deepEqual(story.heard(BOT), ['messages request_thread_control']);
});

test('[K4] asking again without metadata leaves none', () => {
  const story = ownedBy(BOT).does(request(QUIZ, { metadata: 'one' }), request(QUIZ));
  const answer = askRequests(story.question(BOT));
  assert.ok(answer.ok);
  assert.equal(answer.value[0]?.metadata, null);
});

test('[K4] a request stays open through every change of owner, and the new owner is not told again', () => {
  const story = ownedBy(DESK, four())
    .does(request(SHOP, { metadata: 'mine' }))
    .hush();
  const changes = [pass(DESK, QUIZ), take(BOT), move('main'), move('general'), tap(DESK)];
  for (const change of changes) {
    story.does(change);
    assert.deepEqual(story.queue(), [SHOP]);
  }
  for (const app of [BOT, DESK, QUIZ]) {
    assert.ok(!story.heard(app).includes('messages request_thread_control'));
  }
  const answer = askRequests(story.question(DESK));
  assert.ok(answer.ok);
  assert.equal(answer.value[0]?.metadata, 'mine');
});

test('[K4] it closes when its app gets control, whichever way', () => {
  for (const [change, rest] of [
    [pass(DESK, QUIZ), [BOT]],
    [tap(QUIZ), [BOT]],
    [take(BOT), [QUIZ]],
    [pass(DESK, null), [QUIZ]],
  ] as const) {
    const story = ownedBy(DESK).does(request(QUIZ), request(BOT), change);
    assert.deepEqual(story.queue(), rest);
    story.does(pass(story.owner() ?? BOT, DESK));
    assert.deepEqual(story.queue(), rest, 'and it does not open again');
  }
});

test('[K4] it closes when the thread idles, by release or by time', () => {
  const released = ownedBy(DESK).does(request(QUIZ), release(DESK));
  assert.deepEqual(released.queue(), []);
  released.does(write());
  assert.equal(released.owner(), BOT);
  assert.deepEqual(released.queue(), []);
  const expired = ownedBy(DESK).does(request(QUIZ)).wait(DAY_MS);
  assert.deepEqual(expired.queue(), []);
  assert.deepEqual(expired.does(write()).queue(), []);
  const lost = ownedBy(DESK).does(request(QUIZ)).disconnect(DESK).connect(DESK);
  assert.deepEqual(lost.queue(), []);
  const done = ownedBy(PAGE_INBOX, withoutPrimary()).does(request(QUIZ), move('done'));
  assert.deepEqual(done.queue(), []);
});

test('[K4] who asks again after that stands at the end', () => {
  const story = ownedBy(BOT, four()).does(
    request(QUIZ),
    request(DESK),
    pass(BOT, QUIZ),
    pass(QUIZ, BOT),
    request(QUIZ),
  );
  assert.deepEqual(story.queue(), [DESK, QUIZ]);
});

test('[K4] the owner and the primary receiver read the queue, others do not', () => {
  const story = ownedBy(DESK).does(request(QUIZ));
  for (const app of [DESK, BOT]) {
    const answer = askRequests(story.question(app));
    assert.ok(answer.ok);
    assert.deepEqual(
      answer.value.map(({ app }) => app),
      [QUIZ],
    );
  }
  for (const app of [QUIZ, PAGE_INBOX]) {
    const answer = askRequests(story.question(app));
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.reason, 'not_owner');
  }
  const nobodys = askRequests(idle(withPrimary()).question(BOT));
  assert.deepEqual(nobodys, { ok: true, value: [] });
});

test('[K4] who must wait is told why, and keeps its place', () => {
  const story = ownedBy(DESK)
    .does(request(QUIZ))
    .hush()
    .does(tell(DESK, QUIZ, 'ten minutes'));
  assert.deepEqual(story.heard(QUIZ), ['messages pass_thread_metadata']);
  assert.deepEqual(story.queue(), [QUIZ]);
});

test('[K5] when done: pass to the first in the queue, or release, or let it end after 24 hours', () => {
  const story = ownedBy(DESK, four()).does(request(QUIZ), request(SHOP));
  story.does(pass(DESK, story.queue()[0] ?? BOT));
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual(story.queue(), [SHOP]);
  story.does(pass(QUIZ, story.queue()[0] ?? BOT));
  assert.deepEqual([story.owner(), story.queue()], [SHOP, []]);
  assert.equal(story.does(release(SHOP)).owner(), null);
  assert.equal(story.does(take(DESK)).wait(DAY_MS).owner(), null);
});

test('[K6] on an idle thread: request control, speak, release', () => {
  const story = idle(withPrimary()).does(request(DESK), send(DESK));
  story.refuses(send(QUIZ), 'controlled_by_another');
  story.does(release(DESK));
  assert.deepEqual(story.history().slice(-2), [`- -> ${DESK} by request`, `${DESK} -> - by release`]);
});
