/** [C] The calls by which control of a thread moves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import {
  BOT,
  DESK,
  extend,
  move,
  pass,
  QUIZ,
  read,
  release,
  reply,
  request,
  send,
  take,
  tap,
  tell,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

test('[C1] whoever gets control, the one before has none', () => {
  const story = withPrimary();
  const steps = [
    [write(), BOT],
    [pass(BOT, DESK), DESK],
    [take(BOT), BOT],
    [tap(QUIZ), QUIZ],
    [reply(), PAGE_INBOX],
    [move('done'), BOT],
    [release(BOT), null],
    [request(DESK), DESK],
  ] as const;
  for (const [command, owner] of steps) {
    story.does(command);
    assert.equal(story.owner(), owner);
    for (const app of [BOT, DESK, QUIZ]) {
      if (app !== owner) story.refuses(extend(app, 60), 'not_owner');
    }
  }
});

test('[C2] a new thread is idle, and without a primary receiver it stays idle when the customer writes', () => {
  const story = withoutPrimary();
  assert.equal(story.owner(), null);
  story.does(write());
  assert.equal(story.owner(), null);
  assert.deepEqual(story.history(), []);
  for (const app of [BOT, DESK, QUIZ]) assert.deepEqual(story.heard(app), ['standby message']);
});

test('[C2] an app that did not subscribe to the handover webhooks is not told that a message waits', () => {
  const story = withoutPrimary({ apps: [BOT, DESK, [QUIZ, { pageFields: ['messages'] }]] }).does(write());
  assert.deepEqual(story.heard(DESK), ['standby message']);
  assert.deepEqual(story.heard(QUIZ), []);
});

test('[C3] while a thread is idle any connected app takes control, with a primary receiver or without', () => {
  for (const page of [withPrimary, withoutPrimary]) {
    for (const app of [BOT, DESK, QUIZ]) {
      const story = idle(page()).does(take(app));
      assert.equal(story.owner(), app);
    }
  }
});

test('[C4] only the owner sends while a thread is controlled; nothing of another goes out', () => {
  for (const other of [BOT, QUIZ]) {
    const story = ownedBy(DESK);
    story.refuses(send(other), 'controlled_by_another');
    story.refuses(typing(other), 'controlled_by_another');
    assert.deepEqual([BOT, DESK, QUIZ].flatMap(story.heard), []);
    story.does(send(DESK), typing(DESK));
  }
});

test('[C4] nor does an app send while the inbox has control, the primary receiver included', () => {
  const story = ownedBy(PAGE_INBOX);
  for (const app of [BOT, DESK, QUIZ]) story.refuses(send(app), 'controlled_by_another');
});

test('[C5] on an idle thread any connected app sends, and gains no control by it', () => {
  for (const page of [withPrimary, withoutPrimary]) {
    const story = idle(page());
    for (const app of [BOT, DESK, QUIZ]) {
      story.does(send(app), typing(app));
      assert.equal(story.owner(), null);
    }
    assert.deepEqual(story.heard(BOT), ['messages echo', 'standby echo', 'standby echo']);
  }
});

test('[C6] the owner passes control to any connected app, or to the inbox', () => {
  for (const target of [BOT, QUIZ, PAGE_INBOX]) {
    assert.equal(ownedBy(DESK).does(pass(DESK, target)).owner(), target);
  }
});

test('[C6] the new owner is told, with the metadata and with who had control', () => {
  const story = ownedBy(DESK).does(pass(DESK, QUIZ, { metadata: 'case 7' }));
  const [notice, ...more] = story.notices(QUIZ);
  assert.deepEqual(more, []);
  assert.equal(notice?.kind, 'pass_thread_control');
  assert.equal(notice?.channel, 'messages');
  const event = notice?.recorded.event;
  assert.ok(event?.type === 'control_changed');
  assert.deepEqual([event.previous, event.next, event.metadata], [DESK, QUIZ, 'case 7']);
  assert.deepEqual(story.heard(DESK), []);
  assert.deepEqual(story.heard(BOT), []);
});

test('[C6] the primary receiver passes a thread that another app controls', () => {
  for (const owner of [DESK, PAGE_INBOX]) {
    const story = ownedBy(owner).does(pass(BOT, QUIZ));
    assert.equal(story.owner(), QUIZ);
    assert.deepEqual(story.heard(QUIZ), ['messages pass_thread_control']);
  }
});

test('[C6] no other app passes a thread that another controls', () => {
  for (const target of [QUIZ, BOT, PAGE_INBOX, null]) {
    ownedBy(DESK).refuses(pass(QUIZ, target), 'not_owner');
    ownedBy(DESK, withoutPrimary()).refuses(pass(QUIZ, target ?? BOT), 'not_owner');
  }
  ownedBy(DESK).refuses(pass(PAGE_INBOX, BOT), 'not_owner');
});

test('[C6] on an idle thread any connected app passes, to itself too; there was no owner before', () => {
  for (const caller of [BOT, DESK, QUIZ]) {
    for (const target of [BOT, DESK, PAGE_INBOX]) {
      const story = idle(withPrimary()).does(pass(caller, target));
      assert.equal(story.owner(), target);
      if (target === PAGE_INBOX) continue;
      const event = story.notices(target)[0]?.recorded.event;
      assert.ok(event?.type === 'control_changed');
      assert.equal(event.previous, null);
      assert.deepEqual(story.heard(target), ['messages pass_thread_control']);
    }
  }
});

test('[C6] without a target a secondary app passes to the primary receiver', () => {
  assert.equal(ownedBy(DESK).does(pass(DESK, null)).owner(), BOT);
  assert.equal(ownedBy(PAGE_INBOX).does(pass(PAGE_INBOX, null)).owner(), BOT);
  assert.equal(idle(withPrimary()).does(pass(DESK, null)).owner(), BOT);
});

test('[C6] otherwise the target is required', () => {
  ownedBy(BOT).refuses(pass(BOT, null), 'target_required');
  ownedBy(DESK).refuses(pass(BOT, null), 'target_required');
  idle(withPrimary()).refuses(pass(BOT, null), 'target_required');
  ownedBy(DESK, withoutPrimary()).refuses(pass(DESK, null), 'target_required');
  idle(withoutPrimary()).refuses(pass(DESK, null), 'target_required');
});

test('[C7] only the primary receiver takes an owned thread, and the app that lost control is told', () => {
  const story = ownedBy(DESK);
  story.refuses(take(QUIZ), 'not_owner');
  story.does(take(BOT, { metadata: 'urgent' }));
  assert.equal(story.owner(), BOT);
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control']);
  const event = story.notices(DESK)[0]?.recorded.event;
  assert.ok(event?.type === 'control_changed');
  assert.deepEqual([event.previous, event.next, event.metadata], [DESK, BOT, 'urgent']);
  assert.deepEqual(story.heard(BOT), []);
});

test('[C7] without a primary receiver nobody takes an owned thread; on an idle one any app does, and nobody is told', () => {
  const owned = ownedBy(DESK, withoutPrimary());
  owned.refuses(take(BOT), 'not_owner');
  owned.refuses(take(QUIZ), 'not_owner');
  const story = idle(withoutPrimary()).does(take(QUIZ));
  assert.equal(story.owner(), QUIZ);
  assert.deepEqual([BOT, DESK, QUIZ].flatMap(story.heard), []);
});

test('[C8] a request on an idle thread is granted at once, and the asker gets pass_thread_control', () => {
  for (const asker of [BOT, DESK]) {
    const story = idle(withPrimary()).does(request(asker, { metadata: 'please' }));
    assert.equal(story.owner(), asker);
    assert.deepEqual(story.heard(asker), ['messages pass_thread_control']);
    assert.deepEqual(story.lines().at(-1)?.cause, 'request');
    assert.deepEqual(story.queue(), []);
  }
});

test('[C8] a request on a controlled thread is asked, not granted: the owner and the primary receiver are told', () => {
  const story = ownedBy(DESK).does(request(QUIZ, { metadata: 'please' }));
  assert.equal(story.owner(), DESK);
  assert.deepEqual(story.heard(DESK), ['messages request_thread_control']);
  assert.deepEqual(story.heard(BOT), ['messages request_thread_control']);
  assert.deepEqual(story.heard(QUIZ), []);
  assert.deepEqual(story.queue(), [QUIZ]);
});

test('[C8] the primary receiver is told once when it is the owner, and not of its own request', () => {
  const asOwner = ownedBy(BOT).does(request(QUIZ));
  assert.deepEqual(asOwner.heard(BOT), ['messages request_thread_control']);
  const asAsker = ownedBy(DESK).does(request(BOT));
  assert.deepEqual(asAsker.heard(BOT), []);
  assert.deepEqual(asAsker.heard(DESK), ['messages request_thread_control']);
  const without = ownedBy(DESK, withoutPrimary()).does(request(QUIZ));
  assert.deepEqual(without.heard(BOT), []);
});

test('[C9] the owner releases, the primary receiver included; the thread is idle until the customer acts', () => {
  for (const owner of [BOT, DESK]) {
    const story = ownedBy(owner).does(release(owner, { metadata: 'solved' }));
    assert.equal(story.owner(), null);
    assert.deepEqual([BOT, DESK, QUIZ].flatMap(story.heard), []);
    story.does(read).wait(HOUR_MS);
    assert.equal(story.owner(), null);
    story.does(write());
    assert.equal(story.owner(), BOT);
  }
});

test('[C10] the owner extends from now, by one second and by seven days', () => {
  const story = ownedBy(DESK);
  const began = story.now();
  story.wait(DAY_MS - 1).does(extend(DESK, 1));
  assert.equal(story.endsAt(), began + DAY_MS - 1 + 1_000);
  story.does(extend(DESK, 604_800));
  assert.equal(story.endsAt(), began + DAY_MS - 1 + 7 * DAY_MS);
});

test('[C10] an extension never shortens what it has', () => {
  const story = ownedBy(DESK).does(extend(DESK, 3_600));
  assert.equal(story.endsAt(), story.now() + DAY_MS);
  const far = story.now() + 3 * DAY_MS;
  story.does(extend(DESK, 3 * 86_400), extend(DESK, 2 * 86_400));
  assert.equal(story.endsAt(), far);
  story.wait(DAY_MS).does(extend(DESK, 2 * 86_400 - 1));
  assert.equal(story.endsAt(), far);
  story.does(extend(DESK, 2 * 86_400 + 1));
  assert.equal(story.endsAt(), far + 1_000);
});

test('[C10] anyone else is refused, the primary receiver too', () => {
  for (const other of [BOT, QUIZ]) ownedBy(DESK).refuses(extend(other, 60), 'not_owner');
  for (const app of [BOT, DESK]) idle(withPrimary()).refuses(extend(app, 60), 'not_owner');
});

test('[C12] an app tells another something, and control stays where it is', () => {
  for (const [story, owner] of [[ownedBy(DESK), DESK] as const, [idle(withPrimary()), null] as const]) {
    const ends = story.endsAt();
    for (const caller of [BOT, DESK, PAGE_INBOX]) {
      story.hush().does(tell(caller, QUIZ, 'wait a minute'));
      assert.deepEqual(story.heard(QUIZ), ['messages pass_thread_metadata']);
      assert.deepEqual([BOT, DESK].flatMap(story.heard), []);
      const event = story.notices(QUIZ)[0]?.recorded.event;
      assert.deepEqual(event, {
        type: 'metadata_passed',
        app: caller,
        target: QUIZ,
        metadata: 'wait a minute',
      });
    }
    assert.equal(story.owner(), owner);
    assert.equal(story.endsAt(), ends);
  }
});

test('[C12] metadata goes to another app, never to oneself', () => {
  ownedBy(DESK).refuses(tell(DESK, DESK), 'target_is_caller');
});

test('[C18] metadata is handed on verbatim and kept, whatever is in it', () => {
  const metadata = `${'é'.repeat(400)} {"a":[1]} \n\0 ${'x'.repeat(580)}`;
  const kept = (story: ReturnType<typeof idle>) => story.events().at(-1)?.event;
  const stories = [
    ownedBy(DESK).does(pass(DESK, QUIZ, { metadata })),
    ownedBy(DESK).does(take(BOT, { metadata })),
    idle(withPrimary()).does(request(QUIZ, { metadata })),
    ownedBy(DESK).does(request(QUIZ, { metadata })),
    ownedBy(DESK).does(release(DESK, { metadata })),
    ownedBy(DESK).does(tell(DESK, QUIZ, metadata)),
  ];
  for (const story of stories) {
    const event = kept(story);
    assert.ok(event !== undefined && 'metadata' in event);
    assert.equal(event.metadata, metadata);
  }
  assert.equal(stories[0]?.lines().at(-1)?.metadata, metadata);
  assert.equal(stories[4]?.lines().at(-1)?.metadata, metadata);
});

test('[C18] where no metadata is given there is null', () => {
  assert.equal(ownedBy(DESK).does(pass(DESK, QUIZ)).lines().at(-1)?.metadata, null);
});

test('[C19] take, request and pass to itself by the owner are refused and prolong nothing', () => {
  for (const owner of [BOT, DESK]) {
    const story = ownedBy(owner);
    const ends = story.endsAt();
    story.wait(HOUR_MS);
    story.refuses(take(owner), 'already_owner');
    story.refuses(request(owner), 'already_owner');
    story.refuses(pass(owner, owner), 'already_owner');
    assert.equal(story.endsAt(), ends);
  }
  const inbox = ownedBy(PAGE_INBOX);
  inbox.refuses(pass(PAGE_INBOX, PAGE_INBOX), 'already_owner');
});

test("[C19] the primary's pass to itself of another's thread counts as a take", () => {
  const story = ownedBy(DESK).does(pass(BOT, BOT, { metadata: 'mine' }));
  assert.deepEqual(story.lines().at(-1), {
    seq: story.thread().seq,
    at: story.now(),
    cause: 'take',
    actor: BOT,
    previous: DESK,
    next: BOT,
    connection: 0,
    metadata: 'mine',
  });
  assert.deepEqual(story.heard(DESK), ['messages take_thread_control']);
  assert.deepEqual(story.heard(BOT), []);
});

test('[C19] pass, release and extend by one who may not are refused, on owned and idle threads', () => {
  const owned = ownedBy(DESK);
  owned.refuses(pass(QUIZ, QUIZ), 'not_owner');
  for (const app of [BOT, QUIZ]) {
    owned.refuses(release(app), 'not_owner');
    owned.refuses(extend(app, 60), 'not_owner');
  }
  const nobodys = idle(withPrimary());
  for (const app of [BOT, DESK]) {
    nobodys.refuses(release(app), 'not_owner');
    nobodys.refuses(extend(app, 60), 'not_owner');
  }
});

test('[C20] only the app that made a persona uses it, and control does not come of it', () => {
  const story = ownedBy(DESK);
  story.refuses(send(DESK, { persona: BOT }), 'persona_of_another_app');
  story.does(send(DESK, { persona: DESK }));
  const event = story.events().at(-1)?.event;
  assert.ok(event?.type === 'message_sent');
  assert.equal(event.persona, `7${DESK}`);
  const nobodys = idle(withPrimary());
  nobodys.refuses(send(DESK, { persona: BOT }), 'persona_of_another_app');
  assert.equal(nobodys.does(send(DESK, { persona: DESK })).owner(), null);
  ownedBy(DESK).refuses(send(BOT, { persona: BOT }), 'controlled_by_another');
});
