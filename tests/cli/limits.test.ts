/** The limits of the options of `baton serve`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNumber } from '../../src/cli/arguments.ts';
import { MAX_PORT, MAX_RATE_LIMIT } from '../../src/cli/serve.ts';
import { runBaton } from '../../src/testing/process.ts';

/** What is wrong with an option; a later mistake in the same line shows that it is taken. */
async function mistakeIn(option: string): Promise<string> {
  const { code, stderr } = await runBaton(['serve', option, '--log', 'whatever']);
  assert.equal(code, 2);
  return stderr;
}

async function holds(max: number, option: string): Promise<void> {
  const [within, beyond] = await Promise.all([max, max + 1].map((value) => mistakeIn(`${option}=${value}`)));
  assert.match(within ?? '', /--log must be one of/);
  assert.match(beyond ?? '', new RegExp(`${option} must be .* from 0 to ${max}\n`));
}

test(`[limit MAX_PORT] a port is a whole number up to ${MAX_PORT}`, () => holds(MAX_PORT, '--port'));

test(`[limit MAX_RATE_LIMIT] a rate limit is a whole number up to ${MAX_RATE_LIMIT}`, () =>
  holds(MAX_RATE_LIMIT, '--rate-limit'));

test('a number is written in digits, and nothing else', () => {
  for (const text of ['0', '7', '10']) assert.equal(readNumber(text, 10), Number(text));
  for (const text of ['11', '-1', '1.5', '1e1', '0x1', ' 1', '', 'all'])
    assert.equal(readNumber(text, 10), null);
});
