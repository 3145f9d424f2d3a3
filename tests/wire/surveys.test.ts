/** The template of surveys: what is taken, what is filled in, and what is refused by its path. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import {
  MAX_EXPIRES_IN_DAYS,
  MAX_PLACEHOLDER,
  MAX_QUESTION_ID,
  MAX_QUESTION_TITLE,
  MAX_REACTION,
  MAX_SURVEY_ANSWER,
  MAX_SURVEY_BUTTON,
  MAX_SURVEY_BYTES,
  MAX_SURVEY_SUBTITLE,
  MAX_SURVEY_TITLE,
  MAX_URL,
} from '../../src/wire/limits.ts';
import { parseSend } from '../../src/wire/messages.ts';
import { readAnswers } from '../../src/wire/survey-answers.ts';
import { daysOf, questionOf, withQuestion } from '../../src/wire/surveys.ts';
import { CALLER, formCall, jsonCall, MID, problemIn } from './calls.ts';

const QUESTION: JsonObject = { id: 'q1', type: 'csat' };
const SURVEY: JsonObject = {
  template_type: 'customer_feedback',
  title: 'Rate your visit',
  subtitle: 'It helps us',
  button_title: 'Rate us',
  feedback_screens: [{ questions: [QUESTION] }],
  business_privacy: { url: 'https://example.org/privacy' },
};
const asking = (more: JsonObject): JsonObject => ({
  ...SURVEY,
  feedback_screens: [{ questions: [{ ...QUESTION, ...more }] }],
});

const send = (payload: Json, more: JsonObject = {}) =>
  parseSend(
    jsonCall({
      recipient: { id: '5001' },
      message: { attachment: { type: 'template', payload } },
      ...more,
    }),
    CALLER,
    MID,
  );

function taken(payload: JsonObject, more: JsonObject = {}): JsonObject {
  const parsed = send(payload, more);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem.message);
  assert.ok(parsed.command.type === 'send' && parsed.command.survey);
  return parsed.command.message.attachment?.payload ?? {};
}

const ROOT = 'message[attachment][payload]';
const ASKED = '[feedback_screens][0][questions][0]';
const refused = (payload: Json, path: string) => problemIn(send(payload), `${ROOT}${path}`);

test('[S1] a survey is taken with its defaults filled in', () => {
  const types = [
    ['csat', 'five_stars', 'neg_pos'],
    ['nps', 'zero_to_ten', 'unlike_like'],
    ['ces', 'one_to_seven', 'hard_easy'],
  ] as const;
  for (const [type, option, label] of types) {
    assert.deepEqual(taken(asking({ type })), {
      ...SURVEY,
      feedback_screens: [{ questions: [{ id: 'q1', type, score_option: option, score_label: label }] }],
      expires_in_days: 1,
    });
  }
  const followed = questionOf(taken(asking({ follow_up: { type: 'free_form' } })));
  assert.deepEqual(followed?.['follow_up'], { type: 'free_form', placeholder: 'Give additional feedback' });
});

test('[S1] whatever the sender chose stays as it is', () => {
  const words = [
    { type: 'csat', score_option: 'one_to_five', score_label: 'dis_sat' },
    { type: 'csat', score_option: 'five_emojis', score_label: 'none' },
    { type: 'nps', score_option: 'zero_to_ten', score_label: 'poor_great' },
    { type: 'ces', title: 'Was it easy?', follow_up: { type: 'free_form', placeholder: 'Tell us' } },
  ];
  for (const more of words) {
    const question = questionOf(taken({ ...asking(more), expires_in_days: 7 }));
    for (const [key, value] of Object.entries(more)) assert.deepEqual(question?.[key], value);
  }
  const inWords = {
    ...SURVEY,
    feedback_screens: [{ questions: [{ id: 'q', type: 'free_form', title: 'What else?' }] }],
  };
  assert.deepEqual(questionOf(taken(inWords)), { id: 'q', type: 'free_form', title: 'What else?' });
});

test('[S1] a survey in the brackets of a form', () => {
  const at = 'message[attachment][payload]';
  const pairs = [
    'recipient[id]=5001',
    'message[attachment][type]=template',
    `${at}[template_type]=customer_feedback`,
    `${at}[title]=Rate`,
    `${at}[subtitle]=It helps`,
    `${at}[button_title]=Go`,
    `${at}[feedback_screens][0][questions][0][id]=q1`,
    `${at}[feedback_screens][0][questions][0][type]=nps`,
    `${at}[business_privacy][url]=https://example.org`,
    `${at}[expires_in_days]=3`,
  ];
  const parsed = parseSend(formCall(pairs.join('&')), CALLER, MID);
  assert.ok(parsed.ok && parsed.command.type === 'send' && parsed.command.survey);
  assert.equal(daysOf(parsed.command.message.attachment?.payload ?? {}), 3);
});

test('[S1] the tag CUSTOMER_FEEDBACK is for surveys, and a survey needs none', () => {
  for (const tag of ['CUSTOMER_FEEDBACK', 'customer_feedback', 'HUMAN_AGENT']) {
    taken(SURVEY, { tag, messaging_type: 'MESSAGE_TAG' });
  }
  taken(SURVEY);
  const tag = 'CUSTOMER_FEEDBACK';
  const text = jsonCall({ recipient: { id: '5001' }, message: { text: 'Rate us' }, tag });
  problemIn(parseSend(text, CALLER, MID), 'tag');
  const button = {
    template_type: 'button',
    text: 'a',
    buttons: [{ type: 'postback', title: 'b', payload: 'c' }],
  };
  problemIn(send(button, { tag }), 'tag');
  const action = jsonCall({ recipient: { id: '5001' }, sender_action: 'typing_on', tag });
  problemIn(parseSend(action, CALLER, MID), 'tag');
});

test('[S1] a survey that is wrong is refused by its path', () => {
  const { title: _, ...untitled } = SURVEY;
  refused(untitled, '[title]');
  for (const bad of [
    null,
    5,
    '',
    [],
    'Go to https://example.org',
    'See www.example',
    'at example.com',
    'on m.me/x',
  ]) {
    refused({ ...SURVEY, title: bad }, '[title]');
    refused({ ...SURVEY, subtitle: bad }, '[subtitle]');
    refused({ ...SURVEY, button_title: bad }, '[button_title]');
    if (bad !== null) refused(asking({ title: bad }), `${ASKED}[title]`);
  }
  for (const bad of [null, 'x', {}, [], [{}, {}], [{ questions: [QUESTION] }, { questions: [QUESTION] }]]) {
    const isOne = Array.isArray(bad) && bad.length === 1;
    refused({ ...SURVEY, feedback_screens: bad }, isOne ? '[feedback_screens][0]' : '[feedback_screens]');
  }
  refused({ ...SURVEY, feedback_screens: ['x'] }, '[feedback_screens][0]');
  for (const bad of [null, 'x', [], [QUESTION, { ...QUESTION, id: 'q2' }]]) {
    refused({ ...SURVEY, feedback_screens: [{ questions: bad }] }, '[feedback_screens][0][questions]');
  }
  refused({ ...SURVEY, feedback_screens: [{ questions: ['x'] }] }, ASKED);
  for (const id of [null, '', 5, 'a b', 'a-b', 'ü']) refused(asking({ id }), `${ASKED}[id]`);
  for (const type of [null, '', 'CSAT', 'stars', 5]) refused(asking({ type }), `${ASKED}[type]`);
  for (const url of [null, '', 'example.org', 'ftp://example.org', 5]) {
    refused({ ...SURVEY, business_privacy: { url } }, '[business_privacy][url]');
  }
  refused({ ...SURVEY, business_privacy: null }, '[business_privacy]');
  refused({ ...SURVEY, business_privacy: 'https://example.org' }, '[business_privacy]');
});

test('[S1] scores, labels and further questions go with their types only', () => {
  for (const [type, option] of [
    ['csat', 'zero_to_ten'],
    ['nps', 'five_stars'],
    ['ces', 'one_to_five'],
    ['csat', 5],
  ] as const) {
    refused(asking({ type, score_option: option }), `${ASKED}[score_option]`);
  }
  refused(asking({ score_label: 'good_bad' }), `${ASKED}[score_label]`);
  refused(asking({ follow_up: 'yes' }), `${ASKED}[follow_up]`);
  refused(asking({ follow_up: {} }), `${ASKED}[follow_up][type]`);
  refused(asking({ follow_up: { type: 'csat' } }), `${ASKED}[follow_up][type]`);
  refused(asking({ follow_up: { type: 'free_form', placeholder: '' } }), `${ASKED}[follow_up][placeholder]`);
  refused(asking({ type: 'free_form' }), `${ASKED}[title]`);
  const inWords = { type: 'free_form', title: 'What else?' };
  refused(asking({ ...inWords, score_option: 'five_stars' }), `${ASKED}[score_option]`);
  refused(asking({ ...inWords, score_label: 'none' }), `${ASKED}[score_label]`);
  refused(asking({ ...inWords, follow_up: { type: 'free_form' } }), `${ASKED}[follow_up]`);
});

const x = (count: number): string => 'x'.repeat(count);

test('[S1] what is no part of a survey is not kept', () => {
  const junk = { note: 'x'.repeat(100_000) };
  const plain = asking({ follow_up: { type: 'free_form' } });
  const question = { ...QUESTION, ...junk, follow_up: { type: 'free_form', ...junk } };
  const littered = {
    ...plain,
    ...junk,
    feedback_screens: [{ ...junk, questions: [question] }],
    business_privacy: { url: 'https://example.org/privacy', ...junk },
  };
  assert.deepEqual(taken(littered), taken(plain));
  const words = { id: 'q', type: 'free_form', title: 'What else?' };
  const inWords = (more: JsonObject) =>
    taken({ ...SURVEY, feedback_screens: [{ questions: [{ ...words, ...more }] }] });
  assert.deepEqual(inWords(junk), inWords({}));
});

test('[limit MAX_SURVEY_BYTES] a survey has a size, and one with the longest texts fits', () => {
  const wide = (length: number): string => '😀'.repeat(length);
  const start = 'https://example.org/';
  const full = (url: string): JsonObject => ({
    ...SURVEY,
    title: wide(MAX_SURVEY_TITLE),
    subtitle: wide(MAX_SURVEY_SUBTITLE),
    button_title: wide(MAX_SURVEY_BUTTON),
    feedback_screens: [
      {
        questions: [
          {
            id: x(MAX_QUESTION_ID),
            type: 'csat',
            title: wide(MAX_QUESTION_TITLE),
            follow_up: { type: 'free_form', placeholder: wide(MAX_PLACEHOLDER) },
          },
        ],
      },
    ],
    business_privacy: { url },
  });
  const bytes = Buffer.byteLength(JSON.stringify(taken(full(start.padEnd(MAX_URL, 'x')))));
  assert.ok(bytes < MAX_SURVEY_BYTES, `${bytes}`);
  const ofSize = (size: number): JsonObject =>
    full(start.padEnd(MAX_URL - (size - bytes), 'x') + 'ü'.repeat(size - bytes));
  assert.equal(Buffer.byteLength(JSON.stringify(taken(ofSize(MAX_SURVEY_BYTES)))), MAX_SURVEY_BYTES);
  refused(ofSize(MAX_SURVEY_BYTES + 1), '');
});

test('[limit MAX_SURVEY_TITLE] [limit MAX_SURVEY_SUBTITLE] [limit MAX_SURVEY_BUTTON] texts of a survey', () => {
  for (const [name, max] of [
    ['title', MAX_SURVEY_TITLE],
    ['subtitle', MAX_SURVEY_SUBTITLE],
    ['button_title', MAX_SURVEY_BUTTON],
  ] as const) {
    taken({ ...SURVEY, [name]: '😀'.repeat(max) });
    refused({ ...SURVEY, [name]: x(max + 1) }, `[${name}]`);
  }
});

test('[limit MAX_QUESTION_ID] [limit MAX_QUESTION_TITLE] [limit MAX_PLACEHOLDER] texts of a question', () => {
  taken(asking({ id: x(MAX_QUESTION_ID) }));
  refused(asking({ id: x(MAX_QUESTION_ID + 1) }), `${ASKED}[id]`);
  taken(asking({ title: x(MAX_QUESTION_TITLE) }));
  taken(asking({ title: 'Good?' }));
  refused(asking({ title: x(MAX_QUESTION_TITLE + 1) }), `${ASKED}[title]`);
  refused(asking({ title: 'Ok??' }), `${ASKED}[title]`);
  const ask = (placeholder: string) => asking({ follow_up: { type: 'free_form', placeholder } });
  taken(ask(x(MAX_PLACEHOLDER)));
  refused(ask(x(MAX_PLACEHOLDER + 1)), `${ASKED}[follow_up][placeholder]`);
});

test('[limit MAX_EXPIRES_IN_DAYS] [S2] a survey can be answered for 1 to 7 days', () => {
  for (const days of [1, '1', MAX_EXPIRES_IN_DAYS, String(MAX_EXPIRES_IN_DAYS)]) {
    assert.equal(daysOf(taken({ ...SURVEY, expires_in_days: days })), Number(days));
  }
  assert.equal(daysOf(taken({ ...SURVEY, expires_in_days: null })), 1);
  for (const days of [0, MAX_EXPIRES_IN_DAYS + 1, -1, 1.5, '', 'a', '8', true, []]) {
    refused({ ...SURVEY, expires_in_days: days }, '[expires_in_days]');
  }
});

test('a question without a title is the usual one of its type', () => {
  const title = (type: string) => questionOf(withQuestion(taken(asking({ type })), 'Kopi Senja'))?.['title'];
  assert.equal(title('csat'), 'How would you rate your experience with Kopi Senja?');
  assert.equal(title('nps'), 'How likely are you to recommend Kopi Senja to a friend?');
  assert.equal(title('ces'), 'Overall, how easy was it to solve your problem today?');
  const own = taken(asking({ title: 'How was it?' }));
  assert.deepEqual(withQuestion(own, 'Kopi Senja'), own);
});

const withMore = taken(asking({ follow_up: { type: 'free_form' } }));
const inWords = taken({
  ...SURVEY,
  feedback_screens: [{ questions: [{ id: 'q1', type: 'free_form', title: 'What else?' }] }],
});

test('[S3] answers are told as Graph tells them', () => {
  for (const [type, scores] of [
    ['csat', ['1', '5']],
    ['nps', ['0', '10']],
    ['ces', ['1', '7']],
  ] as const) {
    for (const payload of scores) {
      assert.deepEqual(readAnswers(taken(asking({ type })), { q1: { payload } }), {
        ok: true,
        value: [{ screen_id: 0, questions: { q1: { type, payload } } }],
      });
    }
  }
  const answered = readAnswers(withMore, { q1: { payload: '4', follow_up: 'Cold coffee' } });
  const followUp = { type: 'free_form', payload: 'Cold coffee' };
  assert.deepEqual(answered, {
    ok: true,
    value: [{ screen_id: 0, questions: { q1: { type: 'csat', payload: '4', follow_up: followUp } } }],
  });
  assert.ok(readAnswers(inWords, { q1: { payload: 'Nothing' } }).ok);
});

test('[S3] answers that are none name what is wrong', () => {
  for (const answers of [undefined, null, 'x', [], {}]) problemIn(readAnswers(withMore, answers), 'answers');
  problemIn(readAnswers(withMore, { q2: { payload: '5' } }), 'answers[q2]');
  problemIn(readAnswers(withMore, { q1: { payload: '5' }, q2: { payload: '5' } }), 'answers[q2]');
  problemIn(readAnswers(withMore, { q1: '5' }), 'answers[q1]');
  problemIn(readAnswers(withMore, { q1: { payload: '5', note: 'x' } }), 'answers[q1][note]');
  for (const [type, wrong] of [
    ['csat', ['0', '6', 5, '', null, '05']],
    ['nps', ['-1', '11']],
    ['ces', ['0', '8']],
  ] as const) {
    for (const payload of wrong) {
      problemIn(readAnswers(taken(asking({ type })), { q1: { payload } }), 'answers[q1][payload]');
    }
  }
  for (const followUp of ['', 5, {}]) {
    problemIn(readAnswers(withMore, { q1: { payload: '5', follow_up: followUp } }), 'answers[q1][follow_up]');
  }
  const unasked = readAnswers(taken(SURVEY), { q1: { payload: '5', follow_up: 'x' } });
  problemIn(unasked, 'answers[q1][follow_up]');
});

test('[limit MAX_SURVEY_ANSWER] [S3] an answer in words', () => {
  const more = (count: number) => readAnswers(withMore, { q1: { payload: '5', follow_up: x(count) } });
  assert.ok(more(MAX_SURVEY_ANSWER).ok);
  problemIn(more(MAX_SURVEY_ANSWER + 1), 'answers[q1][follow_up]');
  const words = (count: number) => readAnswers(inWords, { q1: { payload: x(count) } });
  assert.ok(words(MAX_SURVEY_ANSWER).ok);
  problemIn(words(MAX_SURVEY_ANSWER + 1), 'answers[q1][payload]');
});

test('[limit MAX_REACTION] a reaction names a message, and what it is', () => {
  const react = (action: string, payload: Json) =>
    parseSend(jsonCall({ recipient: { id: '5001' }, sender_action: action, payload }), CALLER, MID);
  for (const reaction of ['love', '❤', x(MAX_REACTION)]) {
    const parsed = react('REACT', { message_id: 'm_1', reaction });
    assert.ok(parsed.ok && parsed.command.type === 'signal');
  }
  assert.ok(react('unreact', { message_id: 'm_1' }).ok);
  assert.ok(react('react', '{"message_id":"m_1","reaction":"love"}').ok);
  problemIn(react('react', null), 'payload');
  problemIn(react('react', 'love'), 'payload');
  for (const mid of [null, '', 'x', 5]) {
    problemIn(react('react', { message_id: mid, reaction: 'love' }), 'payload[message_id]');
    problemIn(react('unreact', { message_id: mid }), 'payload[message_id]');
  }
  for (const reaction of [null, '', 5, x(MAX_REACTION + 1)]) {
    problemIn(react('react', { message_id: 'm_1', reaction }), 'payload[reaction]');
  }
});
