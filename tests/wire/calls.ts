/** Calls as a client would make them, read into parameters. */

import assert from 'node:assert/strict';
import type { AppId, Mid } from '../../src/protocol/ids.ts';
import type { Json } from '../../src/protocol/message.ts';
import { type CallInput, type Parameters, readParameters } from '../../src/wire/parameters.ts';
import type { Problem } from '../../src/wire/problem.ts';

export const CALLER = '2001' as AppId;
export const MID = 'm_1' as Mid;
export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

export type Call = Partial<Omit<CallInput, 'body'>> & { readonly body?: string | Buffer };

export const readCall = ({ method = 'POST', query = '', contentType, body = '' }: Call) =>
  readParameters({ method, query, contentType, body: Buffer.from(body) });

/** The parameters of a call that is well-formed. */
export function parametersOf(call: Call): Parameters {
  const read = readCall(call);
  assert.ok(read.ok, read.ok ? '' : read.problem.message);
  return read.parameters;
}

export const jsonCall = (body: Json): Parameters =>
  parametersOf({ contentType: JSON_TYPE, body: JSON.stringify(body) });

export const formCall = (body: string): Parameters => parametersOf({ contentType: FORM_TYPE, body });

type Result = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };

/** The problem of a bad call: Graph's 100, in words that name the parameter. */
export function problemIn(result: Result, parameter: string): Problem {
  assert.ok(!result.ok, `expected a problem of ${parameter}`);
  assert.equal(result.problem.parameter, parameter);
  assert.equal(result.problem.code, 100);
  assert.ok(result.problem.message.includes(parameter), result.problem.message);
  return result.problem;
}
