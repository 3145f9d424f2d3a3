/** What is left of a thread when its texts go, by age or because the customer is to be forgotten. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankTexts, eraseEvent, eraseThread, holdsTexts, isBlank } from '../../src/protocol/blank.ts';
import type { Event, Recorded } from '../../src/protocol/event.ts';
import { evolve } from '../../src/protocol/evolve.ts';
import { historyOf } from '../../src/protocol/history.ts';
import { emptyThread } from '../../src/protocol/thread.ts';
import { given } from '../../src/testing/scenario.ts';
import {
  answerSurvey,
  BOT,
  CUSTOMER,
  come,
  DESK,
  extend,
  introduce,
  link,
  mid,
  move,
  pass,
  QUIZ,
  read,
  release,
  reply,
  request,
  setMenu,
  survey,
  take,
  tap,
  tell,
  write,
} from '../../src/testing/scenario-commands.ts';

/** Stands wherever somebody may write what they like. */
const SECRET = 'my secret';
const attachment = { type: 'image', payload: { url: SECRET } };

/** A thread on which everything has happened that can, with a secret in each place that has room for one. */
function told() {
  const metadata = SECRET;
  const story = given({ primary: BOT, apps: [BOT, DESK, QUIZ] });
  const message = {
    mid: mid('m_out'),
    text: SECRET,
    attachment,
    quickReplies: [{ title: SECRET, payload: SECRET }],
    metadata,
    replyTo: mid('m_in'),
  };
  const act = { kind: 'message', mid: mid('m_in'), text: SECRET, attachments: [attachment] } as const;
  return story.does(
    introduce(SECRET),
    { type: 'receive', act: { ...act, quickReplyPayload: SECRET, referral: link(SECRET) } },
    {
      type: 'send',
      caller: BOT,
      message,
      humanAgent: false,
      persona: null,
      controlEpoch: null,
      survey: false,
      control: null,
    },
    read,
    request(DESK, { metadata }),
    pass(BOT, DESK, { metadata }),
    extend(DESK, 60),
    tell(QUIZ, DESK, SECRET),
    tap(QUIZ, { payload: SECRET, referral: link(SECRET) }),
    come(link(SECRET)),
    take(BOT, { metadata }),
    release(BOT, { metadata }),
    move('main'),
    reply(SECRET),
    move('done'),
    write(SECRET),
    request(DESK, { metadata }),
    request(QUIZ, { metadata }),
    answerSurvey(QUIZ),
    setMenu(BOT, [SECRET]),
    survey(QUIZ, 'm_survey', { text: SECRET }),
  );
}

const changeEach = (events: readonly Recorded[], change: (event: Event) => Event): readonly Recorded[] =>
  events.map((recorded) => ({ ...recorded, event: change(recorded.event) }));
const fold = (events: readonly Recorded[]) => {
  const { page } = told().thread();
  return events.reduce(evolve, emptyThread(page, CUSTOMER));
};

test('the story of these tests has its secret in every kind of event that can hold one', () => {
  const holders = told()
    .events()
    .filter((recorded) => JSON.stringify(recorded).includes(SECRET))
    .map(({ event }) => event.type);
  assert.deepEqual(
    new Set(holders),
    new Set([
      'customer_introduced',
      'act_received',
      'message_sent',
      'control_requested',
      'control_changed',
      'metadata_passed',
      'survey_held',
      'menu_changed',
    ]),
  );
  assert.ok(JSON.stringify(told().thread()).includes(SECRET));
});

test('an erased thread is the fold of its erased events, and nothing personal is in either', () => {
  const story = told();
  const erased = changeEach(story.events(), eraseEvent);
  assert.deepEqual(fold(erased), eraseThread(story.thread()));
  assert.ok(!JSON.stringify([erased, eraseThread(story.thread())]).includes(SECRET));
});

test('[C14] erasing keeps every line of the history with its cause, its apps and its date', () => {
  const story = told();
  const withoutMetadata = historyOf(story.events()).map((line) => ({ ...line, metadata: null }));
  assert.ok(withoutMetadata.length > 5);
  assert.deepEqual(historyOf(changeEach(story.events(), eraseEvent)), withoutMetadata);
});

test('[C14] a thread whose texts are gone is the same fold, and its history is whole', () => {
  // A held survey keeps its text until it goes out: the thread holds it.
  const story = told().does(release(BOT));
  assert.deepEqual(story.thread().held, []);
  const blanked = changeEach(story.events(), blankTexts);
  assert.deepEqual(fold(blanked), story.thread());
  assert.deepEqual(historyOf(blanked), historyOf(story.events()));
});

test('without its texts an event tells nothing that was said, and keeps its ids', () => {
  for (const { event } of told().events()) {
    const blanked = blankTexts(event);
    assert.equal(blanked.type, event.type);
    assert.equal(holdsTexts(blanked), false);
    assert.equal(isBlank(event), false, event.type);
    if (holdsTexts(event)) assert.ok(!JSON.stringify(blanked).includes(SECRET), event.type);
    else assert.deepEqual(blanked, event);
    for (const id of [BOT, DESK, QUIZ, 'm_in', 'm_out']) {
      assert.equal(
        JSON.stringify(blanked).includes(id),
        JSON.stringify(event).includes(id),
        `${event.type} ${id}`,
      );
    }
  }
});

test('what was said, and is blank, is known as such; control and readings never are', () => {
  const kinds = (wanted: boolean): ReadonlySet<string> => {
    const events = told()
      .events()
      .map(({ event }) => eraseEvent(event));
    const kindOf = (event: Event): string => (event.type === 'act_received' ? event.act.kind : event.type);
    return new Set(events.filter((event) => isBlank(event) === wanted).map(kindOf));
  };
  assert.deepEqual(
    kinds(true),
    new Set(['feedback', 'message', 'message_sent', 'metadata_passed', 'postback']),
  );
  assert.ok(
    ['control_changed', 'control_requested', 'messages_read', 'referral'].every((kind) =>
      kinds(false).has(kind),
    ),
  );
  assert.equal(kinds(true).isDisjointFrom(kinds(false)), true);
});

test('an event that holds any one text is known by it', () => {
  const message = { text: null, attachment: null, quickReplies: [], metadata: null };
  const bare = { ...message, mid: mid('m_out'), replyTo: null };
  const sent = (more: object): Event => ({
    type: 'message_sent',
    app: BOT,
    message: { ...bare, ...more },
    persona: null,
    renews: true,
  });
  const act = {
    kind: 'message',
    mid: mid('m_in'),
    text: null,
    attachments: [],
    quickReplyPayload: null,
  } as const;
  const said = (more: object): Event => ({ type: 'act_received', act: { ...act, referral: null, ...more } });
  const tapped = (more: object): Event => {
    const button = {
      kind: 'postback',
      tapped: 'button',
      mid: mid('m_out'),
      title: '',
      payload: null,
      maker: BOT,
    } as const;
    return { type: 'act_received', act: { ...button, referral: null, ...more } };
  };
  const holders = [
    sent({ text: 'a' }),
    sent({ attachment }),
    sent({ quickReplies: [{}] }),
    sent({ metadata: 'a' }),
    said({ text: 'a' }),
    said({ attachments: [attachment] }),
    said({ quickReplyPayload: 'a' }),
    said({ referral: link('a') }),
    tapped({ title: 'a' }),
    tapped({ payload: 'a' }),
    tapped({ referral: link('a') }),
  ];
  for (const event of holders) {
    assert.equal(holdsTexts(event), true, JSON.stringify(event));
    assert.equal(holdsTexts(blankTexts(event)), false, JSON.stringify(event));
  }
  for (const event of [sent({}), said({}), tapped({})]) assert.equal(holdsTexts(event), false);
});
