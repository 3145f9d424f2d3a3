/** Bad input, as a value: which parameter, and what is wrong with it. */

export type Problem = {
  readonly code: 100;
  readonly subcode?: number;
  /** Names the parameter. Without the prefix `(#100) `, which the rendering of errors puts there. */
  readonly message: string;
  /** As a path: `message[attachment][payload][url]`. */
  readonly parameter: string;
};

export type Failed = { readonly ok: false; readonly problem: Problem };

/** What a reader gives: a value, or what is wrong with the input. */
export type Read<Value> = { readonly ok: true; readonly value: Value } | Failed;

/** A problem of one parameter; `fault` goes on after its name: `must be …`. */
export const problemOf = (parameter: string, fault: string): Problem => ({
  code: 100,
  message: `${parameter} ${fault}`,
  parameter,
});

export const fail = (problem: Problem): Failed => ({ ok: false, problem });

/** The reader's answer to bad input. */
export const failed = (parameter: string, fault: string): Failed => fail(problemOf(parameter, fault));

/** The reader's answer to good input. */
export const read = <Value>(value: Value): Read<Value> => ({ ok: true, value });

/** The reader's answer to what has been checked. @param problem what the checks have found; null: nothing */
export const readChecked = <Value>(value: Value, problem: Problem | null): Read<Value> =>
  problem === null ? read(value) : fail(problem);
