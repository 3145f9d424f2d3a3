/** [H] Human agents, and how long after the customer's last act anyone may write. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { DAY_MS, HOUR_MS } from '../../src/protocol/time.ts';
import type { Scenario } from '../../src/testing/scenario.ts';
import {
  ad,
  BOT,
  come,
  DESK,
  extend,
  introduce,
  move,
  pass,
  QUIZ,
  read,
  reply,
  send,
  tap,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import { idle, ownedBy, withoutPrimary, withPrimary } from './stories.ts';

const HUMAN = { humanAgent: true } as const;
/** DESK has the Human Agent feature; BOT and QUIZ have not. */
const withDesk = (): Scenario => withPrimary({ apps: [BOT, [DESK, HUMAN], QUIZ] });
const asPrimary = (): Scenario => withPrimary({ primary: DESK, apps: [BOT, [DESK, HUMAN], QUIZ] });

test('[H1] an app with the feature sends a tagged message on a thread that another controls; control does not move', () => {
  for (const owner of [BOT, QUIZ, PAGE_INBOX]) {
    const story = ownedBy(owner, withDesk());
    const [ends, history] = [story.endsAt(), story.history()];
    story.wait(HOUR_MS).does(send(DESK, HUMAN), typing(DESK, HUMAN));
    assert.equal(story.owner(), owner);
    assert.equal(story.endsAt(), ends);
    assert.deepEqual(story.history(), history);
    assert.deepEqual(story.heard(DESK), ['messages echo']);
    if (owner !== PAGE_INBOX) assert.deepEqual(story.heard(owner), ['messages echo']);
  }
});

test('[H1] the feature without the tag lets nobody speak, nor the tag without the feature', () => {
  const story = ownedBy(QUIZ, withDesk());
  story.refuses(send(DESK), 'controlled_by_another');
  story.refuses(typing(DESK), 'controlled_by_another');
  story.refuses(send(BOT, HUMAN), 'controlled_by_another');
  story.refuses(typing(BOT, HUMAN), 'controlled_by_another');
});

test('[H1] being the primary receiver is no such right, and needs the tag like any other', () => {
  const story = ownedBy(BOT, asPrimary());
  story.refuses(send(DESK), 'controlled_by_another');
  assert.equal(story.does(send(DESK, HUMAN)).owner(), BOT);
});

/** Who speaks and for how long after the customer's last act it may. */
const WINDOWS: readonly (readonly [string, () => Scenario, ReturnType<typeof send>, number])[] = [
  ['the owner', () => ownedBy(BOT, withDesk()).does(extend(BOT, 604_800)), send(BOT), 24],
  ['the owner, typing', () => ownedBy(BOT, withDesk()).does(extend(BOT, 604_800)), typing(BOT), 24],
  ['anyone on an idle thread', () => idle(withDesk()), send(QUIZ), 24],
  ['anyone, tagged without the feature', () => idle(withDesk()), send(QUIZ, HUMAN), 24],
  [
    'the owner, tagged without the feature',
    () => ownedBy(BOT).does(extend(BOT, 604_800)),
    send(BOT, HUMAN),
    24,
  ],
  [
    'the owner with feature and tag',
    () => ownedBy(DESK, withDesk()).does(extend(DESK, 604_800)),
    send(DESK, HUMAN),
    168,
  ],
  [
    'the owner with the feature alone',
    () => ownedBy(DESK, withDesk()).does(extend(DESK, 604_800)),
    send(DESK),
    24,
  ],
  ['a human agent on an idle thread', () => idle(withDesk()), send(DESK, HUMAN), 168],
  [
    "a human agent on another's thread",
    () => ownedBy(BOT, withDesk()).does(extend(BOT, 604_800)),
    send(DESK, HUMAN),
    168,
  ],
  ['a human agent, typing', () => idle(withDesk()), typing(DESK, HUMAN), 168],
  ['the inbox', () => idle(withDesk()), reply(), 168],
  ['the inbox as owner', () => ownedBy(PAGE_INBOX, withDesk()), reply(), 168],
  ['the inbox, Done', () => ownedBy(BOT, withDesk()).does(extend(BOT, 604_800), move('done')), reply(), 168],
];

for (const [who, begin, command, hours] of WINDOWS) {
  test(`[H2] ${who} may write until ${hours} hours after the customer's last act, and no later`, () => {
    const inTime = begin();
    const acted = inTime.now();
    inTime.waitUntil(acted + hours * HOUR_MS - 1).does(command);
    for (const lateMs of [0, 1, DAY_MS]) {
      begin()
        .waitUntil(acted + hours * HOUR_MS + lateMs)
        .refuses(command, 'outside_window');
    }
  });
}

test('[H2] the window opens anew with every act, and with nothing else', () => {
  for (const act of [write(), tap(BOT), come(ad('1'))]) {
    const story = ownedBy(BOT)
      .wait(20 * HOUR_MS)
      .does(act);
    const acted = story.now();
    story.waitUntil(acted + DAY_MS - 1).does(send(BOT));
  }
  const story = ownedBy(BOT, withDesk())
    .does(extend(BOT, 604_800))
    .wait(23 * HOUR_MS);
  story.does(send(BOT), read, typing(BOT), introduce('Budi'), pass(BOT, DESK), send(DESK)).wait(HOUR_MS);
  story.refuses(send(DESK), 'outside_window');
});

test('[H2] it opens with the first act: before it nobody writes', () => {
  const story = withoutPrimary({ apps: [BOT, [DESK, HUMAN]] }).does(introduce('Budi'));
  story.refuses(send(BOT), 'outside_window');
  story.refuses(send(DESK, HUMAN), 'outside_window');
  story.refuses(reply(), 'outside_window');
  story.does(write(), send(BOT));
});

test('[H3] without the feature the tag counts for nothing', () => {
  const owned = ownedBy(DESK, withDesk());
  owned.refuses(send(BOT, HUMAN), 'controlled_by_another');
  const late = idle(withDesk()).wait(DAY_MS);
  late.refuses(send(BOT, HUMAN), 'outside_window');
  const owner = ownedBy(BOT, withDesk()).does(extend(BOT, 604_800)).wait(DAY_MS);
  owner.refuses(send(BOT, HUMAN), 'outside_window');
});

test('[H3] to the owner it gives only the seven days', () => {
  const story = ownedBy(DESK, withDesk());
  story.does(send(DESK, HUMAN));
  assert.equal(story.owner(), DESK);
  const event = story.events().at(-1)?.event;
  assert.ok(event?.type === 'message_sent' && event.renews);
  assert.equal(story.endsAt(), story.now() + DAY_MS);
  story
    .does(extend(DESK, 604_800))
    .wait(6 * DAY_MS)
    .does(send(DESK, HUMAN));
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});
