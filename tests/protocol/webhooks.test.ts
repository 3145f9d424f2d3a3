/** [W] Who is told of what, and on which channel, as far as the rules decide it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/protocol/decide.ts';
import type { Addressed } from '../../src/protocol/event.ts';
import { type AppId, PAGE_INBOX } from '../../src/protocol/ids.ts';
import { DAY_MS } from '../../src/protocol/time.ts';
import { given, type Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  appId,
  BOT,
  come,
  DESK,
  extend,
  move,
  pass,
  QUIZ,
  read,
  release,
  reply,
  request,
  STRANGER,
  send,
  take,
  tap,
  tell,
  tick,
  write,
} from '../../src/testing/scenario-commands.ts';
import type { AppOptions } from '../../src/testing/scenario-page.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

/** A page on which QUIZ chose these fields, and the primary receiver BOT owns the thread. */
const quizWith = (more: AppOptions): Scenario =>
  ownedBy(BOT, withPrimary({ apps: [BOT, DESK, [QUIZ, more]] }));
const both = (...fields: readonly string[]): AppOptions => ({ appFields: fields, pageFields: fields });

/** What became of an app in the audience of the last event. */
const outcome = (story: Scenario, app: AppId): Addressed['outcome'] | undefined =>
  story
    .events()
    .at(-1)
    ?.audience.find((each) => each.app === app)?.outcome;

test('[W1] both lists must name a field, and the one that lacks it is named', () => {
  for (const [more, reason] of [
    [{ appFields: ['messages'] }, 'field_not_subscribed_by_app'],
    [{ pageFields: ['messages'] }, 'field_not_subscribed_on_page'],
    [{ appFields: [], pageFields: [] }, 'field_not_subscribed_by_app'],
  ] as const) {
    const story = quizWith(more).does(write());
    assert.deepEqual(story.heard(QUIZ), []);
    assert.deepEqual(outcome(story, QUIZ), { told: false, reason, field: 'standby' });
  }
  assert.deepEqual(quizWith(both('standby')).does(write()).heard(QUIZ), ['standby message']);
});

test('[W1] each event needs its own field, and nothing else brings it', () => {
  const owned = (field: string): Scenario =>
    ownedBy(QUIZ, withPrimary({ apps: [BOT, DESK, [QUIZ, both(field)]] })).does(
      write(),
      tap(QUIZ),
      come(ad('1')),
      send(QUIZ),
      read,
      request(DESK),
      tell(DESK, QUIZ),
      take(BOT),
    );
  const expected: Readonly<Record<string, readonly string[]>> = {
    messages: ['messages message'],
    messaging_postbacks: ['messages postback'],
    messaging_referrals: ['messages referral'],
    message_echoes: ['messages echo'],
    message_reads: ['messages read'],
    messaging_handovers: [
      'messages request_thread_control',
      'messages pass_thread_metadata',
      'messages take_thread_control',
    ],
    standby: [],
    feed: [],
  };
  for (const [field, heard] of Object.entries(expected)) {
    assert.deepEqual(owned(field).heard(QUIZ), heard, field);
  }
});

test('[W1] the singular spellings subscribe as well, on both platforms', () => {
  for (const platform of ['messenger', 'instagram'] as const) {
    for (const fields of [
      ['messaging_handover', 'messaging_referral'],
      ['messaging_handovers', 'messaging_referrals'],
    ]) {
      const story = given({ platform, primary: BOT, apps: [BOT, [QUIZ, both(...fields)]] });
      story.does(write(), pass(BOT, QUIZ), come(ad('1')));
      assert.deepEqual(story.heard(QUIZ), ['messages pass_thread_control', 'messages referral']);
      const connection = story.page().connections.find(({ app }) => app === QUIZ);
      assert.deepEqual(connection?.pageFields, fields, 'kept as they were given');
    }
  }
});

test('[W2] the owner gets the event on messages, every other connected app gets it on standby', () => {
  for (const [act, kind] of [
    [write(), 'message'],
    [tap(DESK), 'postback'],
    [come(ad('1')), 'referral'],
    [read, 'read'],
  ] as const) {
    const story = ownedBy(DESK).does(act);
    assert.deepEqual(story.heard(DESK), [`messages ${kind}`]);
    assert.deepEqual(story.heard(BOT), [`standby ${kind}`]);
    assert.deepEqual(story.heard(QUIZ), [`standby ${kind}`]);
    const [one, other] = [story.notices(DESK)[0], story.notices(BOT)[0]];
    assert.equal(one?.recorded, other?.recorded, 'it is the same event');
  }
});

test('[W2] on the thread of the inbox every app is one of the others', () => {
  const story = ownedBy(PAGE_INBOX).does(write());
  for (const app of [BOT, DESK, QUIZ]) assert.deepEqual(story.heard(app), ['standby message']);
});

test('[W2] standby alone brings messages, postbacks and referrals; echoes and reads need their own field too', () => {
  const told = (...fields: readonly string[]) =>
    quizWith(both(...fields))
      .does(write(), tap(BOT), come(ad('1')), send(BOT), read)
      .heard(QUIZ);
  const acts = ['standby message', 'standby postback', 'standby referral'];
  assert.deepEqual(told('standby'), acts);
  assert.deepEqual(told('standby', 'message_echoes'), [...acts, 'standby echo']);
  assert.deepEqual(told('standby', 'message_reads'), [...acts, 'standby read']);
  assert.deepEqual(told('standby', 'messaging_seen'), [...acts, 'standby read']);
  assert.deepEqual(told('messages', 'messaging_postbacks', 'message_echoes', 'message_reads'), []);
});

test('[W2] handovers never come on standby', () => {
  const story = ownedBy(DESK).does(
    request(QUIZ),
    tell(QUIZ, BOT),
    take(BOT),
    pass(BOT, DESK),
    move('main'),
    move('done'),
  );
  story.namePrimary(QUIZ);
  const handovers = [BOT, DESK, QUIZ]
    .flatMap(story.notices)
    .filter(({ kind }) => kind.includes('thread') || kind === 'app_roles');
  assert.ok(handovers.length >= 9);
  for (const { channel, kind } of handovers) assert.equal(channel, 'messages', kind);
});

test('[W3] each of the five handover events reaches whom it concerns, with its metadata or null', () => {
  const story = ownedBy(DESK).does(
    request(QUIZ),
    tell(DESK, QUIZ, 'wait'),
    pass(DESK, QUIZ),
    take(BOT, { metadata: 'now' }),
  );
  story.namePrimary(DESK);
  assert.deepEqual(story.heard(QUIZ), [
    'messages pass_thread_metadata',
    'messages pass_thread_control',
    'messages take_thread_control',
  ]);
  assert.deepEqual(story.heard(DESK), ['messages request_thread_control', 'messages app_roles']);
  const metadata = story.events().flatMap(({ event }) => ('metadata' in event ? [event.metadata] : []));
  assert.deepEqual(metadata.slice(-4), [null, 'wait', null, 'now']);
});

test('[W4] on an idle thread every connected app gets standby: a message waits', () => {
  for (const act of [write(), tap(STRANGER), come(ad('1')), read]) {
    const story = idle(withoutPrimary()).does(act);
    const kinds = [BOT, DESK, QUIZ].map(story.heard);
    assert.deepEqual(kinds[0], kinds[1]);
    assert.deepEqual(kinds[1], kinds[2]);
    assert.match(kinds[0]?.join() ?? '', /^standby \w+$/);
  }
});

test('[W4] the page decides otherwise by idle_channel', () => {
  const story = idle(withoutPrimary({ idleChannel: 'messages' })).does(write());
  for (const app of [BOT, DESK, QUIZ]) assert.deepEqual(story.heard(app), ['messages message']);
  story.hush().setIdleChannel('standby').does(write());
  assert.deepEqual(story.heard(BOT), ['standby message']);
});

test('[W4] where one single app is connected the default is messages, the inbox not counted', () => {
  const alone = withoutPrimary({ apps: [BOT] });
  assert.deepEqual(alone.does(write()).heard(BOT), ['messages message']);
  alone.hush().connect(appId('2004')).does(write());
  assert.deepEqual(alone.heard(BOT), ['standby message']);
  alone.hush().disconnect(appId('2004')).does(write());
  assert.deepEqual(alone.heard(BOT), ['messages message']);
  alone.hush().changeApp(DESK, { advancedAccess: false }).does(write());
  assert.deepEqual(
    alone.heard(BOT),
    ['messages message'],
    'one that does not reach the customer does not count',
  );
});

test('[W4] a value that the page has set always wins', () => {
  const alone = withoutPrimary({ apps: [BOT], idleChannel: 'standby' }).does(write());
  assert.deepEqual(alone.heard(BOT), ['standby message']);
  alone.hush().setIdleChannel(null).does(write());
  assert.deepEqual(alone.heard(BOT), ['messages message']);
});

test('[W5] a message is echoed to its sender and to the owner on messages, to all others on standby', () => {
  const apps = [BOT, DESK, [QUIZ, { humanAgent: true }], appId('2004')] as const;
  const byOwner = ownedBy(DESK, withPrimary({ apps })).does(send(DESK));
  assert.deepEqual(byOwner.heard(DESK), ['messages echo']);
  assert.deepEqual(byOwner.heard(BOT), ['standby echo']);
  const byHuman = ownedBy(DESK, withPrimary({ apps })).does(send(QUIZ, { humanAgent: true }));
  assert.deepEqual(byHuman.heard(QUIZ), ['messages echo']);
  assert.deepEqual(byHuman.heard(DESK), ['messages echo']);
  assert.deepEqual(byHuman.heard(BOT), ['standby echo']);
  const onIdle = idle(withPrimary({ apps, idleChannel: 'messages' })).does(send(DESK));
  assert.deepEqual(onIdle.heard(DESK), ['messages echo']);
  assert.deepEqual(onIdle.heard(BOT), ['standby echo']);
  const fromInbox = ownedBy(PAGE_INBOX, withPrimary({ apps })).does(reply());
  assert.deepEqual(fromInbox.heard(BOT), ['standby echo']);
});

test('[W5] who was the owner is settled when the message is accepted', () => {
  const story = ownedBy(DESK).does(send(DESK));
  const echo = story.events().at(-1);
  story.does(take(BOT), release(BOT)).disconnect(DESK);
  const kept = story.events().find(({ seq }) => seq === echo?.seq);
  assert.deepEqual(
    kept?.audience.map(({ app, channel }) => [app, channel]),
    [
      [BOT, 'standby'],
      [DESK, 'messages'],
      [QUIZ, 'standby'],
    ],
  );
});

test('[W5] an echo after expiry finds nobody the owner', () => {
  const apps = [BOT, [DESK, { humanAgent: true }], QUIZ] as const;
  const story = ownedBy(BOT, withPrimary({ apps }))
    .wait(DAY_MS)
    .does(send(DESK, { humanAgent: true }));
  assert.deepEqual(story.heard(BOT), ['standby echo']);
});

test('[W7] timestamps of a thread are distinct and grow, in one millisecond too, and never lie before their event', () => {
  const story = ownedBy(DESK);
  for (let times = 0; times < 50; times++) story.does(write(), send(DESK), pass(DESK, BOT), pass(BOT, DESK));
  story.wait(1).does(write()).wait(1_000).does(tap(QUIZ));
  const events = story.events();
  for (const [index, event] of events.entries()) {
    assert.ok(event.timestamp > (events[index - 1]?.timestamp ?? 0));
    assert.ok(event.timestamp >= event.at);
    assert.equal(event.seq, index + 1);
  }
  assert.equal(events.at(-2)?.timestamp, story.now(), 'time catches up with them');
});

test('[W7] what is decided by a clock that stepped back is dated with what came before', () => {
  const story = ownedBy(DESK);
  const { lastEventAt, timestamp } = story.thread();
  const decision = decide(story.page(), story.thread(), send(DESK), lastEventAt - DAY_MS);
  assert.ok(decision.ok);
  const [sent] = decision.events;
  assert.deepEqual([sent?.at, sent?.timestamp], [lastEventAt, timestamp + 1]);
});

test('[W7] each app hears its notices of a thread numbered 1, 2, 3 without gaps', () => {
  const story = withPrimary({ apps: [BOT, DESK, [QUIZ, both('standby')]] }).does(
    write(),
    send(BOT),
    pass(BOT, DESK),
    request(BOT),
    tap(BOT),
    read,
    reply(),
    move('done'),
  );
  for (const app of [BOT, DESK, QUIZ]) {
    const numbers = story
      .events()
      .flatMap(({ audience }) =>
        audience.flatMap((each) => (each.app === app && each.outcome.told ? [each.outcome.laneSeq] : [])),
      );
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
    assert.ok(numbers.length > 1);
  }
});

test("[W9] an app that loses control by another's act is told with both owners, before the event that caused it", () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: BOT, days: 1 }] as const;
  for (const [command, next, after] of [
    [take(BOT), BOT, []],
    [pass(BOT, QUIZ), QUIZ, []],
    [pass(BOT, BOT), BOT, []],
    [tap(QUIZ), QUIZ, ['standby postback']],
    [come(ad('777')), BOT, ['standby referral']],
    [write('', { referral: ad('777') }), BOT, ['standby message']],
    [move('main'), PAGE_INBOX, []],
    [reply(), PAGE_INBOX, ['standby echo']],
  ] as const) {
    const story = ownedBy(DESK, withPrimary({ entryPoints })).does(command);
    assert.deepEqual(story.heard(DESK), ['messages take_thread_control', ...after]);
    const event = story.notices(DESK)[0]?.recorded.event;
    assert.ok(event?.type === 'control_changed');
    assert.deepEqual([event.previous, event.next], [DESK, next]);
  }
});

test('[W9] pass_thread_control comes only from a pass, a granted request and the inbox giving control away', () => {
  const passed = (story: Scenario, app: AppId) => story.heard(app).includes('messages pass_thread_control');
  assert.ok(passed(ownedBy(DESK).does(pass(DESK, QUIZ)), QUIZ));
  assert.ok(passed(idle(withPrimary()).does(request(QUIZ)), QUIZ));
  assert.ok(passed(idle(withPrimary()).does(move('done'), reply()), BOT));
  assert.ok(passed(ownedBy(PAGE_INBOX).does(move('done')), BOT));
  assert.ok(!passed(idle(withPrimary()).does(take(QUIZ)), QUIZ));
  assert.ok(!passed(ownedBy(DESK).does(take(BOT)), BOT));
  assert.ok(!passed(ownedBy(DESK).does(pass(BOT, BOT)), BOT));
  assert.ok(!passed(idle(withPrimary()).does(write()), BOT));
  assert.ok(!passed(ownedBy(DESK).does(tap(QUIZ)), QUIZ));
});

test('[W9] release, expiry, extension and disconnection tell nobody', () => {
  for (const [story, what] of [
    [ownedBy(DESK).does(release(DESK)), 'control_changed'],
    [ownedBy(DESK).does(extend(DESK, 60)), 'lease_extended'],
    [ownedBy(DESK).wait(DAY_MS).does(tick), 'control_changed'],
    [ownedBy(DESK).disconnect(DESK).does(tick), 'control_changed'],
  ] as const) {
    assert.equal(story.events().at(-1)?.event.type, what);
    assert.deepEqual([BOT, DESK, QUIZ].flatMap(story.heard), []);
  }
});
