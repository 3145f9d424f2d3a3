/** Reading the JSON of sandbox calls: every mistake names its key. */

import type { FastifyRequest } from 'fastify';
import type { Json, JsonObject } from '../../protocol/message.ts';
import { parseStrictJson } from '../../wire/lax-json.ts';
import type { Problem } from '../../wire/problem.ts';

/** A mistake in a sandbox call, on its way to the answer. */
export class SandboxProblem extends Error {
  readonly problem: Problem;

  constructor(parameter: string, message: string) {
    super(message);
    this.name = 'SandboxProblem';
    this.problem = { code: 100, message, parameter };
  }
}

export const fail = (parameter: string, message: string): never => {
  throw new SandboxProblem(parameter, message);
};

/** The body as an object with no keys but these; an empty body is an empty object. */
export function readBody(request: FastifyRequest, keys: readonly string[]): JsonObject {
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  const parsed = parseStrictJson(text.trim() === '' ? '{}' : text);
  if (!parsed.ok) return fail('body', `The body is not valid JSON: ${parsed.reason}`);
  const body = parsed.value;
  if (!isObject(body)) return fail('body', 'The body must be a JSON object');
  const unknown = Object.keys(body).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const taken = keys.length === 0 ? 'nothing' : keys.join(', ');
    fail(unknown, `Unknown key ${JSON.stringify(unknown)}; this call takes ${taken}`);
  }
  return body;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text of 1 to `max` characters, or null where it may be missing and is. */
export function textAt(body: JsonObject, key: string, max: number): string | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value === '') return fail(key, `${key} must be a text that is not empty`);
  if (value.length > max && [...value].length > max)
    return fail(key, `${key} must have at most ${max} characters`);
  return value;
}

/** A whole number in a range. */
export function integerAt(body: JsonObject, key: string, from: number, to: number): number {
  const value = body[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= from && value <= to) return value;
  return fail(key, `${key} must be a whole number from ${from} to ${to}`);
}

export function listAt(body: JsonObject, key: string, max: number): readonly Json[] {
  const value = body[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return fail(key, `${key} must be a list`);
  if (value.length > max) return fail(key, `${key} must have at most ${max} items`);
  return value;
}
