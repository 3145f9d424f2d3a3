/** [C11, C13, C14] What can be read: the owner, the reason of a refusal, the history. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOwner, askRequests } from '../../src/protocol/ask.ts';
import { type AppId, PAGE_INBOX } from '../../src/protocol/ids.ts';
import { type CallName, PERMISSIONS } from '../../src/protocol/permissions.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import { deepFreeze, type Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  BOT,
  come,
  DESK,
  extend,
  move,
  pass,
  QUIZ,
  release,
  reply,
  request,
  STRANGER,
  send,
  setMenu,
  survey,
  take,
  tap,
  tell,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

test('[C11] any connected app asks who controls a thread and until when', () => {
  const story = ownedBy(DESK);
  for (const caller of [BOT, DESK, QUIZ, PAGE_INBOX]) {
    const value = { owner: DESK, until: story.now() + DAY_MS };
    assert.deepEqual(askOwner(story.question(caller)), { ok: true, value });
    assert.deepEqual(askOwner(idle(withPrimary()).question(caller)), { ok: true, value: null });
  }
});

test('[C11] asking changes nothing and prolongs nothing', () => {
  const story = ownedBy(DESK).does(request(QUIZ));
  const before = JSON.stringify(story.thread());
  story.wait(HOUR_MS);
  const question = deepFreeze(story.question(DESK));
  assert.deepEqual(askOwner(question), askOwner(question));
  assert.deepEqual(askRequests(question), askRequests(question));
  assert.equal(JSON.stringify(story.thread()), before);
  assert.equal(story.endsAt(), story.now() - HOUR_MS + DAY_MS);
});

test('[C13] a refusal names the reason, who controls the thread, until when, and what the caller may do', () => {
  const story = ownedBy(DESK, withPrimary({ apps: [BOT, [DESK, { name: 'Live desk' }], QUIZ] }));
  const refusal = story.refuses(send(QUIZ), 'controlled_by_another');
  assert.deepEqual(refusal.control, {
    owner: { app: DESK, name: 'Live desk' },
    until: story.now() + DAY_MS,
  });
  assert.deepEqual(refusal.allowed, ['survey', 'request', 'pass_metadata', 'thread_owner']);
  assert.equal(refusal.epoch, story.thread().epoch);
});

test('[C13] on an idle thread a refusal names nobody', () => {
  const refusal = idle(withPrimary()).refuses(release(DESK), 'not_owner');
  assert.equal(refusal.control, null);
});

/** One well-formed attempt at each call. */
function attempt(story: Scenario, call: CallName, caller: AppId): boolean {
  switch (call) {
    case 'thread_owner':
      return askOwner(story.question(caller)).ok;
    case 'thread_requests':
      return askRequests(story.question(caller)).ok;
    default:
      return story.play(commandOf(call, caller)).ok;
  }
}

function commandOf(call: Exclude<CallName, 'thread_owner' | 'thread_requests'>, caller: AppId) {
  switch (call) {
    case 'send':
      return send(caller);
    case 'pass':
      return pass(caller, QUIZ);
    case 'take':
      return take(caller);
    case 'request':
      return request(caller);
    case 'release':
      return release(caller);
    case 'extend':
      return extend(caller, 60);
    case 'pass_metadata':
      return tell(caller, QUIZ);
    case 'survey':
      return survey(caller);
    case 'set_menu':
      return setMenu(caller, ['More']);
  }
}

test('[C13] what a refusal says that the caller may do is just what it may do', () => {
  const calls = Object.keys(PERMISSIONS.handover) as CallName[];
  const stories: readonly (() => Scenario)[] = [
    () => ownedBy(DESK),
    () => ownedBy(BOT),
    () => ownedBy(PAGE_INBOX),
    () => ownedBy(DESK, withoutPrimary()),
    () => idle(withPrimary()),
    () => idle(withoutPrimary()),
  ];
  let refusals = 0;
  for (const story of stories) {
    for (const caller of [BOT, DESK]) {
      for (const call of calls) {
        if (call === 'thread_owner' || call === 'thread_requests') continue;
        const decision = story().play(commandOf(call, caller));
        if (decision.ok) continue;
        refusals++;
        const possible = calls.filter((each) => attempt(story(), each, caller));
        assert.deepEqual(decision.refusal.allowed, possible);
      }
    }
  }
  assert.ok(refusals > 20);
});

test('[C13] who may not speak of a thread at all learns nothing of it', () => {
  const story = ownedBy(DESK, withPrimary({ apps: [BOT, DESK, [QUIZ, { advancedAccess: false }]] }));
  for (const [caller, reason] of [
    [STRANGER, 'caller_not_connected'],
    [QUIZ, 'caller_without_role'],
  ] as const) {
    const refusal = story.refuses(send(caller), reason);
    assert.equal(refusal.control, null);
    assert.deepEqual(refusal.allowed, []);
    const asked = askOwner(story.question(caller));
    assert.ok(!asked.ok);
    assert.equal(asked.refusal.reason, reason);
    assert.equal(asked.refusal.control, null);
  }
});

test('[C14] every change of control is a line with its cause, actor, both apps, metadata and time', () => {
  const story = withPrimary({ entryPoints: [{ source: 'ADS', key: '777', app: DESK, days: 1 }] });
  const at: number[] = [];
  const steps = [
    write(),
    pass(BOT, DESK, { metadata: 'one' }),
    take(BOT, { metadata: 'two' }),
    release(BOT, { metadata: 'three' }),
    request(QUIZ, { metadata: 'four' }),
    come(ad('777')),
    tap(QUIZ),
    reply(),
    move('done'),
  ];
  for (const command of steps) {
    at.push(story.wait(1_000).now());
    story.does(command);
  }
  story.disconnect(BOT);
  at.push(story.now());
  story.wait(1).does(take(DESK));
  at.push(story.now(), story.now() + DAY_MS);
  story.wait(2 * DAY_MS);

  const lines = story
    .lines()
    .map((line) => [line.at, line.cause, line.actor, line.previous, line.next, line.metadata]);
  assert.deepEqual(lines, [
    [at[0], 'primary_receiver', null, null, BOT, null],
    [at[1], 'pass', BOT, BOT, DESK, 'one'],
    [at[2], 'take', BOT, DESK, BOT, 'two'],
    [at[3], 'release', BOT, BOT, null, 'three'],
    [at[4], 'request', QUIZ, null, QUIZ, 'four'],
    [at[5], 'entry_point', null, QUIZ, DESK, null],
    [at[6], 'postback', null, DESK, QUIZ, null],
    [at[7], 'inbox', PAGE_INBOX, QUIZ, PAGE_INBOX, null],
    [at[8], 'inbox', PAGE_INBOX, PAGE_INBOX, BOT, null],
    [at[9], 'disconnected', null, BOT, null, null],
    [at[10], 'take', DESK, null, DESK, null],
    [at[11], 'expiry', null, DESK, null, null],
  ]);
});

test('[C14] the history neither loses nor reorders a line, and numbers them as the events are numbered', () => {
  const story = ownedBy(DESK);
  let before = story.lines();
  for (const command of [
    send(DESK),
    take(BOT),
    write(),
    pass(BOT, QUIZ),
    reply(),
    move('general'),
    release(BOT),
  ]) {
    story.wait(1).does(command);
    const after = story.lines();
    assert.deepEqual(after.slice(0, before.length), before);
    before = after;
  }
  const numbers = before.map(({ seq }) => seq);
  assert.deepEqual(
    numbers,
    [...numbers].sort((one, other) => one - other),
  );
  for (const { seq } of before) assert.equal(story.events()[seq - 1]?.event.type, 'control_changed');
});
