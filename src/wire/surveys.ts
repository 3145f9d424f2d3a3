/** [S1, S2, S3] The template `customer_feedback`: one question to the customer, and the answers to it. */

import type { Json, JsonObject } from '../protocol/message.ts';
import {
  checkText,
  checkUrl,
  checkWord,
  isAbsent,
  isList,
  isObject,
  optional,
  pick,
  readSized,
} from './checks.ts';
import {
  MAX_EXPIRES_IN_DAYS,
  MAX_PLACEHOLDER,
  MAX_QUESTION_ID,
  MAX_QUESTION_TITLE,
  MAX_SURVEY_BUTTON,
  MAX_SURVEY_BYTES,
  MAX_SURVEY_SUBTITLE,
  MAX_SURVEY_TITLE,
} from './limits.ts';
import { fail, failed, type Problem, problemOf, type Read, read, readChecked } from './problem.ts';

export const SURVEY = 'customer_feedback';

/** Shortest question that can be asked, in characters. */
const MIN_QUESTION_TITLE = 5;
const DEFAULT_EXPIRES_IN_DAYS = 1;
const DEFAULT_PLACEHOLDER = 'Give additional feedback';
const SCORE_LABELS = ['neg_pos', 'hard_easy', 'dis_sat', 'unlike_like', 'poor_great', 'none'];

/** A kind of question that is answered with a score. */
type Scored = {
  /** How the scores can be shown, the default first. */
  readonly options: readonly [string, ...string[]];
  /** What stands at their ends unless something else is asked for. */
  readonly label: string;
  readonly scores: { readonly from: number; readonly to: number };
  /** What is asked unless something else is. */
  readonly title: (business: string) => string;
};

const SCORED: Readonly<Record<string, Scored>> = {
  csat: {
    options: ['five_stars', 'one_to_five', 'five_emojis'],
    label: 'neg_pos',
    scores: { from: 1, to: 5 },
    title: (business) => `How would you rate your experience with ${business}?`,
  },
  nps: {
    options: ['zero_to_ten'],
    label: 'unlike_like',
    scores: { from: 0, to: 10 },
    title: (business) => `How likely are you to recommend ${business} to a friend?`,
  },
  ces: {
    options: ['one_to_seven'],
    label: 'hard_easy',
    scores: { from: 1, to: 7 },
    title: () => 'Overall, how easy was it to solve your problem today?',
  },
};
const FREE_FORM = 'free_form';
const QUESTION_TYPES = [...Object.keys(SCORED), FREE_FORM];

/** The scores that a type of question takes, as texts; null where it is answered in words. */
export function scoresOf(type: Json | undefined): readonly string[] | null {
  const scored = typeof type === 'string' ? SCORED[type] : undefined;
  if (scored === undefined) return null;
  const { from, to } = scored.scores;
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

/** Whether the payload of a template is that of a survey. */
export const isSurvey = (payload: JsonObject): boolean => payload['template_type'] === SURVEY;

/** The payload of a survey as it was given, with every default but the title of the question filled in, and nothing besides. */
export function readSurvey(payload: JsonObject, path: string): Read<JsonObject> {
  const { title, subtitle, button_title: button, business_privacy: privacy } = payload;
  const wrong =
    checkPlain(title, `${path}[title]`, { max: MAX_SURVEY_TITLE }) ??
    checkPlain(subtitle, `${path}[subtitle]`, { max: MAX_SURVEY_SUBTITLE }) ??
    checkPlain(button, `${path}[button_title]`, { max: MAX_SURVEY_BUTTON });
  if (wrong !== null) return fail(wrong);
  const question = readQuestion(payload['feedback_screens'], `${path}[feedback_screens]`);
  if (!question.ok) return question;
  const unsafe = checkPrivacy(privacy, `${path}[business_privacy]`);
  if (unsafe !== null) return fail(unsafe);
  const days = readDays(payload['expires_in_days'], `${path}[expires_in_days]`);
  if (!days.ok) return days;
  const survey: JsonObject = {
    ...pick(payload, ['template_type', 'title', 'subtitle', 'button_title']),
    feedback_screens: [{ questions: [question.value] }],
    business_privacy: pick(isObject(privacy) ? privacy : {}, ['url']),
    expires_in_days: days.value,
  };
  return readSized(survey, path, MAX_SURVEY_BYTES);
}

/** The one question of a survey; null for what is none. */
export function questionOf(payload: JsonObject): JsonObject | null {
  const screen = firstOf(payload['feedback_screens']);
  return screen === null ? null : firstOf(screen['questions']);
}

const firstOf = (list: Json | undefined): JsonObject | null => {
  const first = isList(list) ? list[0] : undefined;
  return isObject(first) ? first : null;
};

/** The survey with its question asked: where it has no title, with the usual one of its type. */
export function withQuestion(payload: JsonObject, business: string): JsonObject {
  const question = questionOf(payload);
  const scored = question === null ? undefined : SCORED[String(question['type'])];
  if (question === null || scored === undefined || !isAbsent(question['title'])) return payload;
  const asked = { ...question, title: scored.title(business) };
  return { ...payload, feedback_screens: [{ questions: [asked] }] };
}

/** [S2] For how many days the survey can be answered. */
export function daysOf(payload: JsonObject): number {
  const days = payload['expires_in_days'];
  return typeof days === 'number' ? days : DEFAULT_EXPIRES_IN_DAYS;
}

/** Exactly one screen with exactly one question. */
function readQuestion(screens: Json | undefined, path: string): Read<JsonObject> {
  const screen = readOnly(screens, path);
  if (!screen.ok) return screen;
  const question = readOnly(screen.value['questions'], `${path}[0][questions]`);
  return question.ok ? readAsked(question.value, `${path}[0][questions][0]`) : question;
}

/** The only item of a list. */
function readOnly(list: Json | undefined, path: string): Read<JsonObject> {
  if (isAbsent(list)) return failed(path, 'is required');
  if (!isList(list)) return failed(path, 'must be a list');
  const [only] = list;
  if (list.length !== 1) return failed(path, 'must have exactly 1 item');
  return isObject(only) ? read(only) : failed(`${path}[0]`, 'must be an object');
}

function readAsked(question: JsonObject, path: string): Read<JsonObject> {
  const { id, type, title } = question;
  const wrong =
    checkQuestionId(id, `${path}[id]`) ??
    checkWord(type, `${path}[type]`, QUESTION_TYPES) ??
    optional(title, `${path}[title]`, (text, at) =>
      checkPlain(text, at, { min: MIN_QUESTION_TITLE, max: MAX_QUESTION_TITLE }),
    );
  if (wrong !== null) return fail(wrong);
  const scored = SCORED[String(type)];
  return scored === undefined ? readFreeForm(question, path) : readScored(question, scored, path);
}

function checkQuestionId(id: Json | undefined, path: string): Problem | null {
  return (
    checkText(id, path, { max: MAX_QUESTION_ID }) ??
    (/^[A-Za-z0-9_]+$/.test(String(id))
      ? null
      : problemOf(path, 'must be made of letters A to Z, digits and underscores'))
  );
}

/** A question that is answered in words has a title of its own, and no score. */
function readFreeForm(question: JsonObject, path: string): Read<JsonObject> {
  if (isAbsent(question['title'])) return failed(`${path}[title]`, 'is required with the type free_form');
  for (const name of ['score_option', 'score_label', 'follow_up']) {
    if (!isAbsent(question[name])) return failed(`${path}[${name}]`, 'does not go with the type free_form');
  }
  return read(pick(question, ['id', 'type', 'title']));
}

function readScored(question: JsonObject, { options, label }: Scored, path: string): Read<JsonObject> {
  const { score_option: option, score_label: ends, follow_up: followUp } = question;
  const wrong =
    optional(option, `${path}[score_option]`, (word, at) => checkWord(word, at, options)) ??
    optional(ends, `${path}[score_label]`, (word, at) => checkWord(word, at, SCORE_LABELS));
  if (wrong !== null) return fail(wrong);
  const more = readFollowUp(followUp, `${path}[follow_up]`);
  if (!more.ok) return more;
  return read({
    ...pick(question, ['id', 'type', 'title']),
    score_option: option ?? options[0],
    score_label: ends ?? label,
    ...(more.value === null ? {} : { follow_up: more.value }),
  });
}

function readFollowUp(value: Json | undefined, path: string): Read<JsonObject | null> {
  if (isAbsent(value)) return read(null);
  if (!isObject(value)) return failed(path, 'must be an object');
  const { type, placeholder } = value;
  const wrong =
    checkWord(type, `${path}[type]`, [FREE_FORM]) ??
    optional(placeholder, `${path}[placeholder]`, (text, at) =>
      checkText(text, at, { max: MAX_PLACEHOLDER }),
    );
  return readChecked({ type: FREE_FORM, placeholder: placeholder ?? DEFAULT_PLACEHOLDER }, wrong);
}

function checkPrivacy(value: Json | undefined, path: string): Problem | null {
  if (isAbsent(value)) return problemOf(path, 'is required');
  return isObject(value) ? checkUrl(value['url'], `${path}[url]`) : problemOf(path, 'must be an object');
}

/** A number, or its text as forms send it. */
function readDays(value: Json | undefined, path: string): Read<number> {
  if (isAbsent(value)) return read(DEFAULT_EXPIRES_IN_DAYS);
  const days = typeof value === 'string' && /^[0-9]{1,2}$/.test(value) ? Number(value) : value;
  const isRight =
    typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= MAX_EXPIRES_IN_DAYS;
  return isRight ? read(days) : failed(path, `must be a whole number of days, 1 to ${MAX_EXPIRES_IN_DAYS}`);
}

/** What people would take for an address. */
const ADDRESS = /:\/\/|\bwww\.|\b[a-z0-9-]+\.(?:com|net|org|info|io|co|me|app|link|ly|gl)\b/i;

/** A text without addresses. */
function checkPlain(
  value: Json | undefined,
  path: string,
  { min = 1, max }: { readonly min?: number; readonly max: number },
): Problem | null {
  const wrong = checkText(value, path, { max });
  if (wrong !== null) return wrong;
  const text = String(value);
  if ([...text].length < min) return problemOf(path, `must not be shorter than ${min} characters`);
  return ADDRESS.test(text) ? problemOf(path, 'must not hold a URL') : null;
}
