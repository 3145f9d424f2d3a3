/** [I] Threads that become idle by time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOwner } from '../../src/protocol/ask.ts';
import { PAGE_INBOX } from '../../src/protocol/ids.ts';
import { wakeAt } from '../../src/protocol/thread.ts';
import { DAY_MS, HOUR_MS, unixSeconds } from '../../src/protocol/time.ts';
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
  release,
  reply,
  request,
  send,
  take,
  tap,
  tell,
  tick,
  typing,
  write,
} from '../../src/testing/scenario-commands.ts';
import { ownedBy, withoutPrimary, withPrimary } from './stories.ts';

test('[I1] a thread without activity for 24 hours becomes idle by itself, whoever has it', () => {
  for (const owner of [BOT, DESK, PAGE_INBOX]) {
    const story = ownedBy(owner);
    const began = story.now();
    story.waitUntil(began + DAY_MS - 1);
    assert.equal(story.owner(), owner);
    story.waitUntil(began + DAY_MS);
    assert.equal(story.owner(), null);
  }
});

test('[I1] every act of the customer and every message of the owner is activity', () => {
  const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 1 }] as const;
  for (const activity of [
    write(),
    write('', { quickReply: 'A' }),
    tap(DESK),
    come(ad('1')),
    come(ad('777')),
    send(DESK),
  ]) {
    const story = ownedBy(DESK, withPrimary({ entryPoints }))
      .wait(23 * HOUR_MS)
      .does(activity);
    assert.equal(story.endsAt(), story.now() + DAY_MS);
  }
  const human = ownedBy(DESK, withPrimary({ apps: [BOT, [DESK, { humanAgent: true }]] }));
  human.wait(HOUR_MS).does(send(DESK, { humanAgent: true }));
  assert.equal(human.endsAt(), human.now() + DAY_MS);
  const inbox = ownedBy(PAGE_INBOX).wait(HOUR_MS).does(reply());
  assert.equal(inbox.endsAt(), inbox.now() + DAY_MS);
});

test('[I1] nothing else is: neither receipts, typing, metadata, requests and names nor what others send', () => {
  const apps = [BOT, DESK, [QUIZ, { humanAgent: true }]] as const;
  const story = ownedBy(DESK, withPrimary({ apps }));
  const ends = story.endsAt();
  story
    .wait(HOUR_MS)
    .does(
      read,
      typing(DESK),
      tell(DESK, QUIZ),
      request(BOT),
      introduce('Budi'),
      send(QUIZ, { humanAgent: true }),
      move('done'),
      reply(),
      move('general'),
      extend(DESK, 60),
    );
  story.refuses(take(DESK), 'already_owner');
  assert.equal(story.endsAt(), ends);
});

test('[I2] an extension puts the moment off; later activity never brings it nearer', () => {
  const story = ownedBy(DESK).does(extend(DESK, 7 * 86_400));
  const far = story.now() + 7 * DAY_MS;
  assert.equal(story.endsAt(), far);
  story.wait(HOUR_MS).does(write(), send(DESK), tap(DESK));
  assert.equal(story.endsAt(), far);
  story.waitUntil(far - HOUR_MS).does(write());
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});

test('[I3] one millisecond before the end everything is as it was; at the end everyone finds the thread idle', () => {
  const end = (story: Scenario): Scenario => story.waitUntil(story.endsAt() ?? Number.NaN);
  const before = (story: Scenario): Scenario => story.waitUntil((story.endsAt() ?? Number.NaN) - 1);

  before(ownedBy(DESK)).refuses(take(QUIZ), 'not_owner');
  assert.equal(end(ownedBy(DESK)).does(take(QUIZ)).owner(), QUIZ);

  assert.deepEqual(before(ownedBy(DESK)).does(request(QUIZ)).queue(), [QUIZ]);
  assert.equal(end(ownedBy(DESK)).does(request(QUIZ)).owner(), QUIZ);

  before(ownedBy(DESK)).refuses(pass(QUIZ, QUIZ), 'not_owner');
  assert.equal(end(ownedBy(DESK)).does(pass(QUIZ, QUIZ)).owner(), QUIZ);

  before(ownedBy(DESK)).does(extend(DESK, 60));
  end(ownedBy(DESK)).refuses(extend(DESK, 60), 'not_owner');
  before(ownedBy(DESK)).does(release(DESK));
  end(ownedBy(DESK)).refuses(release(DESK), 'not_owner');

  assert.equal(before(ownedBy(DESK)).does(write()).owner(), DESK);
  assert.equal(end(ownedBy(DESK)).does(write()).owner(), BOT);
  assert.equal(end(ownedBy(DESK, withoutPrimary())).does(write()).owner(), null);
});

test('[I3] a send at the end finds an idle thread', () => {
  const apps = [BOT, DESK, [QUIZ, { humanAgent: true }]] as const;
  const story = () => ownedBy(DESK, withPrimary({ apps })).wait(HOUR_MS);
  const late = story();
  late.waitUntil((late.endsAt() ?? 0) - 1).refuses(send(BOT), 'controlled_by_another');
  const idle = story();
  idle.waitUntil(idle.endsAt() ?? 0).refuses(send(BOT), 'outside_window');
  const human = story();
  human.waitUntil(human.endsAt() ?? 0).does(send(QUIZ, { humanAgent: true }));
  assert.deepEqual(human.heard(DESK), ['standby echo']);
});

test("[I3] the expiry's line bears its instant and comes first, however late anything happens", () => {
  for (const lateMs of [0, 1, 5 * HOUR_MS, 400 * DAY_MS]) {
    const story = ownedBy(DESK);
    const end = story.endsAt() ?? 0;
    story.waitUntil(end + lateMs).does(write());
    const [expiry, next] = story.lines().slice(-2);
    assert.deepEqual(
      [expiry?.at, expiry?.cause, expiry?.actor, expiry?.previous],
      [end, 'expiry', null, DESK],
    );
    assert.deepEqual([next?.at, next?.cause, next?.next], [end + lateMs, 'primary_receiver', BOT]);
  }
});

test('[I3] a line that is due is there to be read before any job has run, and after it just the same', () => {
  const story = ownedBy(DESK);
  const end = story.endsAt();
  story.wait(2 * DAY_MS);
  assert.deepEqual(askOwner(story.question(QUIZ)), { ok: true, value: null });
  const seen = story.lines();
  assert.equal(seen.at(-1)?.at, end);
  story.does(tick);
  assert.deepEqual(story.lines(), seen);
  story.wait(DAY_MS).does(tick, tick);
  assert.deepEqual(story.lines(), seen);
});

test('[I3] expiration is rounded down to seconds', () => {
  assert.equal(unixSeconds(1_767_603_600_000), 1_767_603_600);
  assert.equal(unixSeconds(1_767_603_600_999), 1_767_603_600);
  assert.equal(unixSeconds(1_767_603_601_000), 1_767_603_601);
});

test('[I4] a thread names the instant at which something happens on it by itself, and a tick then writes the line', () => {
  const story = ownedBy(DESK).does(extend(DESK, 2 * 86_400));
  const end = story.endsAt() ?? 0;
  assert.equal(wakeAt(story.thread()), end);
  const before = story.events().length;
  story.waitUntil(end - 1).does(tick);
  assert.equal(story.events().length, before);
  story.waitUntil(end).does(tick);
  assert.deepEqual(story.history().slice(-1), [`${DESK} -> - by expiry`]);
  assert.equal(wakeAt(story.thread()), null);
  assert.deepEqual(story.heard(DESK), [], 'nobody is told of an expiry (W9)');
});

const entryPoints = [{ source: 'ADS', key: '777', app: DESK, days: 3 }] as const;
/** DESK has had the thread by the ad, for three days after the act, since this instant. */
const byAd = (): Scenario => withPrimary({ entryPoints }).does(come(ad('777')));

test('[I5] control ends 24 hours after the owner got it, when nothing has happened since', () => {
  const story = ownedBy(BOT)
    .wait(10 * HOUR_MS)
    .does(pass(BOT, DESK));
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});

test('[I5] or 24 hours after the last activity, if that is later', () => {
  const story = ownedBy(DESK)
    .wait(10 * HOUR_MS)
    .does(write());
  assert.equal(story.endsAt(), story.now() + DAY_MS);
});

test('[I5] or at the end of its extension, of its entry-point term, or of its activity: at the latest of them', () => {
  const start = byAd().now();
  const term = start + 3 * DAY_MS;
  assert.equal(byAd().endsAt(), term);
  assert.equal(
    byAd()
      .does(extend(DESK, 4 * 86_400))
      .endsAt(),
    start + 4 * DAY_MS,
  );
  assert.equal(
    byAd()
      .does(extend(DESK, 2 * 86_400))
      .endsAt(),
    term,
  );
  const spoke = byAd()
    .does(extend(DESK, 2 * 86_400))
    .wait(2 * DAY_MS);
  spoke.refuses(send(DESK), 'outside_window');
  assert.equal(spoke.endsAt(), term);
  const wrote = byAd()
    .wait(2.5 * DAY_MS)
    .does(write());
  assert.equal(wrote.endsAt(), wrote.now() + 3 * DAY_MS);
  const apps = [BOT, [DESK, { humanAgent: true }]] as const;
  const late = withPrimary({ entryPoints, apps })
    .does(come(ad('777')))
    .wait(2.5 * DAY_MS);
  late.does(send(DESK, { humanAgent: true }));
  assert.equal(late.endsAt(), late.now() + DAY_MS);
});

test('[I5] a change of owner clears extension and term', () => {
  for (const change of [pass(DESK, QUIZ), take(BOT), tap(QUIZ), move('main'), reply()]) {
    const story = byAd()
      .does(extend(DESK, 7 * 86_400))
      .does(change);
    assert.equal(story.endsAt(), story.now() + DAY_MS);
  }
  const back = byAd().does(extend(DESK, 7 * 86_400), pass(DESK, QUIZ), pass(QUIZ, DESK));
  assert.equal(back.endsAt(), back.now() + DAY_MS);
  const again = byAd().does(extend(DESK, 7 * 86_400), release(DESK), take(DESK));
  assert.equal(again.endsAt(), again.now() + DAY_MS);
});
