/** [S3] What a customer answers to a survey. */

import type { Json, JsonObject } from '../protocol/message.ts';
import { checkText, checkWord, isAbsent, isObject } from './checks.ts';
import { MAX_SURVEY_ANSWER } from './limits.ts';
import { fail, failed, type Problem, problemOf, type Read, read, readChecked } from './problem.ts';
import { questionOf, scoresOf } from './surveys.ts';

/**
 * Reads `{"<question id>": {"payload", "follow_up"?}}` as the answers to a survey, and gives the `feedback_screens` that
 * its sender is told.
 * @param survey the payload of the template
 */
export function readAnswers(survey: JsonObject, answers: Json | undefined): Read<Json> {
  if (isAbsent(answers)) return failed('answers', 'is required');
  if (!isObject(answers)) return failed('answers', 'must be an object');
  const question = questionOf(survey);
  const id = String(question?.['id']);
  const unknown = Object.keys(answers).find((each) => question === null || each !== id);
  if (unknown !== undefined) return failed(`answers[${unknown}]`, 'is not a question of this survey');
  const answer = question === null ? undefined : answers[id];
  if (question === null || isAbsent(answer)) return failed('answers', `must answer the question ${id}`);
  const given = readAnswer(question, answer, `answers[${id}]`);
  return given.ok ? read([{ screen_id: 0, questions: { [id]: given.value } }]) : given;
}

function readAnswer(question: JsonObject, answer: Json, path: string): Read<JsonObject> {
  if (!isObject(answer)) return failed(path, 'must be an object with a payload');
  const { payload, follow_up: followUp, ...others } = answer;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failed(`${path}[${unknown}]`, 'is not known here');
  const type = question['type'] ?? null;
  const scores = scoresOf(type);
  const wrong =
    scores === null
      ? checkText(payload, `${path}[payload]`, { max: MAX_SURVEY_ANSWER })
      : checkWord(payload, `${path}[payload]`, scores);
  if (wrong !== null) return fail(wrong);
  const given: JsonObject = { type, payload: payload ?? null };
  if (isAbsent(followUp)) return read(given);
  const misplaced = checkFollowUp(question, followUp, `${path}[follow_up]`);
  return readChecked({ ...given, follow_up: { type: 'free_form', payload: followUp } }, misplaced);
}

function checkFollowUp(question: JsonObject, value: Json, path: string): Problem | null {
  if (isAbsent(question['follow_up'])) return problemOf(path, 'is not asked for by this survey');
  return checkText(value, path, { max: MAX_SURVEY_ANSWER });
}
