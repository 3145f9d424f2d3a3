/** Reading what an operator names: whom a path is about, and lists in a body. */

import { randomInt } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import {
  type AppId,
  type PageId,
  type PersonId,
  parseAppId,
  parsePageId,
  parsePersonId,
} from '../../protocol/ids.ts';
import type { Json, JsonObject } from '../../protocol/message.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { AppRecord, PageRecord, Person } from '../../store/config.ts';
import { isLongerThan } from '../../wire/checks.ts';
import { fail, listAt, textAt } from '../sandbox/body.ts';

/** Most items in one list of a call. */
export const MAX_LIST = 10_000;
/** Longest text in a call, in characters. */
export const MAX_OPERATOR_TEXT = 2_000;

const DIGITS = 'must be 1 to 32 digits';

const partOf = (request: FastifyRequest, name: string): string =>
  (request.params as Readonly<Record<string, string>>)[name] ?? '';

/** The app of a path. */
export function appIn(runtime: Runtime, request: FastifyRequest): AppRecord {
  const id = parseAppId(partOf(request, 'app')) ?? fail('app', `The app ${DIGITS}`);
  return appNamed(runtime, id);
}

export const appNamed = (runtime: Runtime, id: AppId): AppRecord =>
  runtime.configuration.app(id) ?? fail('app', `There is no app ${id}`);

/** The page of a path. */
export function pageIn(runtime: Runtime, request: FastifyRequest): PageRecord {
  const id = parsePageId(partOf(request, 'page')) ?? fail('page', `The page ${DIGITS}`);
  return pageNamed(runtime, id);
}

export const pageNamed = (runtime: Runtime, id: PageId): PageRecord =>
  runtime.configuration.pageRecord(id) ?? fail('page', `There is no page ${id}`);

/** The id of a path's person, who need not exist. */
export const personIdIn = (request: FastifyRequest): PersonId =>
  parsePersonId(partOf(request, 'person')) ?? fail('person', `The person ${DIGITS}`);

export function personNamed(runtime: Runtime, id: PersonId): Person {
  const { people } = runtime.configuration.current();
  return people.find((person) => person.id === id) ?? fail('person', `There is no person ${id}`);
}

/** An id in a body or a query; null when it is not given. */
export function idAt<Id extends string>(
  body: JsonObject,
  key: string,
  parse: (text: string) => Id | null,
): Id | null {
  const value = textAt(body, key, MAX_OPERATOR_TEXT);
  return value === null ? null : (parse(value) ?? fail(key, `${key} ${DIGITS}`));
}

const FIRST_ID = 100_000_000_000_000;
const ID_RANGE = 2 ** 47;

/** An id for something that is made without one, below 2^53 (W3). */
export function freshId<Id extends string>(parse: (text: string) => Id | null): Id {
  return parse(String(FIRST_ID + randomInt(ID_RANGE))) ?? freshId(parse);
}

/** One of a few words; null when it is null or not given. */
export function wordAt<Word extends string>(
  body: JsonObject,
  key: string,
  known: readonly Word[],
): Word | null {
  const given = body[key];
  if (given === undefined || given === null) return null;
  return known.find((word) => word === given) ?? fail(key, `${key} must be ${known.join(' or ')}`);
}

/** True or false; null when it is not given. */
export function flagAt(body: JsonObject, key: string): boolean | null {
  const given = body[key];
  if (given === undefined) return null;
  return typeof given === 'boolean' ? given : fail(key, `${key} must be true or false`);
}

/** The parameters of a path's query; each once, and none but these. */
export function readQuery(request: FastifyRequest, keys: readonly string[]): JsonObject {
  const query: JsonObject = { ...(request.query as Readonly<Record<string, Json>>) };
  const unknown = Object.keys(query).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    fail(unknown, `Unknown parameter ${JSON.stringify(unknown)}; this call takes ${keys.join(', ')}`);
  return query;
}

/** The fields of a subscription, each once; null when they are not given. @param kind whose fields they are */
export function fieldsAt(
  body: JsonObject,
  key: string,
  { isField, kind }: { readonly isField: (name: string) => boolean; readonly kind: string },
): readonly string[] | null {
  const given = listIn(body, key);
  if (given === null) return null;
  const fields = given.map((each) => (typeof each === 'string' && isField(each) ? each : null));
  const stranger = fields.indexOf(null);
  if (stranger >= 0)
    fail(
      key,
      `${key} holds ${JSON.stringify(given[stranger]).slice(0, 100)}, which is not a field of ${kind}`,
    );
  if (fields.length === 0) fail(key, `${key} must name a field`);
  return [...new Set(fields.filter((each) => each !== null))];
}

/** The words of a list, each of those that are known, in the order in which those stand; null when it is not given. */
export function wordsAt<Word extends string>(
  body: JsonObject,
  key: string,
  known: readonly Word[],
): readonly Word[] | null {
  const given = listIn(body, key);
  if (given === null) return null;
  const stranger = given.find((each) => !known.some((word) => word === each));
  if (stranger !== undefined)
    fail(key, `${key} holds ${JSON.stringify(stranger).slice(0, 100)}, which is none of ${known.join(', ')}`);
  return known.filter((word) => given.includes(word));
}

/** The texts of a list, each passing the reader once; null when it is not given. */
export function textsAt<Value extends string>(
  body: JsonObject,
  key: string,
  { parse, fault }: { readonly parse: (text: string) => Value | null; readonly fault: string },
): readonly Value[] | null {
  const given = listIn(body, key);
  if (given === null) return null;
  const read = given.map((each) =>
    typeof each === 'string' && !isLongerThan(each, MAX_OPERATOR_TEXT) ? parse(each) : null,
  );
  const known = read.filter((each) => each !== null);
  return known.length < read.length ? fail(key, `${key} ${fault}`) : [...new Set(known)];
}

/** A list; null when it is not given. One that is `null` in the body would be an empty one, and take everything away. */
function listIn(body: JsonObject, key: string): readonly Json[] | null {
  if (body[key] === undefined) return null;
  return body[key] === null ? fail(key, `${key} must be a list`) : listAt(body, key, MAX_LIST);
}
