import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { AppId } from '../../src/protocol/ids.ts';
import type { Refusal, RefusalReason } from '../../src/protocol/refusal.ts';
import { ERRORS, type ErrorName, graphError, problemError, renderError } from '../../src/wire/errors.ts';
import { refusalError } from '../../src/wire/refusals.ts';

const DOC = path.resolve(import.meta.dirname, '../../docs/reference/errors.md');
const BOT = '2001' as AppId;
const DESK = '2002' as AppId;
const UNTIL = Date.UTC(2026, 0, 2, 3, 4, 5);
const CALL = { caller: BOT, callerName: 'FAQ bot', platform: 'messenger' } as const;

const refused = (reason: RefusalReason, rest: Partial<Refusal> = {}): Refusal => ({
  reason,
  control: null,
  allowed: [],
  epoch: 7,
  ...rest,
});
const byDesk = { owner: { app: DESK, name: 'Live desk' }, until: UNTIL };

/** The rows of the manual's table, by name. */
function documented(): Map<string, unknown> {
  const rows = readFileSync(DOC, 'utf8').matchAll(
    /^\| `(\w+)` \| (\d+) \| (\d+) \| (\d*) ?\| (.+?) \| (.+?) \|$/gm,
  );
  return new Map(
    [...rows].map(([, name = '', status, code, subcode, message]) => [
      name,
      {
        status: Number(status),
        code: Number(code),
        subcode: subcode === '' ? null : Number(subcode),
        message,
      },
    ]),
  );
}

test('the manual lists every error as it is given, and no other', () => {
  const rows = documented();
  assert.deepEqual([...rows.keys()].sort(), Object.keys(ERRORS).sort());
  for (const [name, row] of rows) assert.deepEqual(row, ERRORS[name as ErrorName], name);
});

test('[A5] a bad token answers 190 and HTTP 400, in the words that clients look for', () => {
  const rendered = renderError(graphError('token_invalid'), 'trace');
  assert.deepEqual(rendered, {
    error: {
      message: 'Invalid OAuth access token.',
      type: 'OAuthException',
      code: 190,
      fbtrace_id: 'trace',
    },
  });
  assert.equal(graphError('token_invalid').status, 400);
  const missing = graphError('token_missing');
  assert.deepEqual([missing.status, missing.code], [400, 190]);
});

test('every other message begins with its code', () => {
  for (const name of Object.keys(ERRORS) as ErrorName[]) {
    const { code } = ERRORS[name];
    const { error } = renderError(graphError(name), 't') as { error: { message: string } };
    assert.equal(error.message.startsWith(`(#${code}) `), code !== 190, name);
  }
});

test('[C4] a send on a thread of another app: HTTP 400, code 10, subcode 2018300', () => {
  const error = refusalError(refused('controlled_by_another', { control: byDesk }), CALL);
  assert.equal(error.status, 400);
  const { error: body } = renderError(error, 't') as { error: Record<string, unknown> };
  assert.equal(
    body['message'],
    '(#10) Message failed to send because another app is controlling this thread now.',
  );
  assert.equal(body['code'], 10);
  assert.equal(body['error_subcode'], 2018300);
});

test('codes, subcodes and HTTP of the refusals', () => {
  const expected: readonly [RefusalReason, number, number, number | null][] = [
    ['caller_not_connected', 403, 200, null],
    ['unknown_customer', 400, 100, 2018001],
    ['caller_without_role', 403, 200, 2018028],
    ['target_required', 400, 100, null],
    ['target_not_connected', 400, 100, 2018164],
    ['target_is_caller', 400, 100, null],
    ['persona_of_another_app', 400, 100, null],
    ['stale_epoch', 400, 10, 2018300],
    ['controlled_by_another', 400, 10, 2018300],
    ['not_owner', 400, 100, 2534037],
    ['already_owner', 400, 100, null],
    ['target_is_owner', 400, 100, null],
    ['not_primary_receiver', 400, 100, 2018171],
    ['outside_window', 400, 10, 2018278],
  ];
  for (const [reason, ...wanted] of expected) {
    const { status, code, subcode } = refusalError(refused(reason), CALL);
    assert.deepEqual([status, code, subcode], wanted, reason);
  }
});

test('[C4] [H2] on Instagram only the unknown customer has another subcode', () => {
  const on = (reason: RefusalReason, platform: 'messenger' | 'instagram') =>
    refusalError(refused(reason), { ...CALL, platform }).subcode;
  assert.equal(on('unknown_customer', 'instagram'), 2534014);
  for (const reason of ['controlled_by_another', 'outside_window', 'not_owner'] as const) {
    assert.equal(on(reason, 'instagram'), on(reason, 'messenger'), reason);
  }
});

test('[C13] a refusal says who has control, until when, and what the caller may do instead', () => {
  const allowed = ['request', 'pass_metadata', 'thread_owner'] as const;
  const error = refusalError(refused('controlled_by_another', { control: byDesk, allowed }), CALL);
  assert.equal(error.userTitle, 'Another app has control');
  assert.equal(
    error.userMsg,
    'Nothing was sent: only the app that has control may write to the customer. ' +
      'Live desk (app 2002) has control until 2026-01-02T03:04:05.000Z. ' +
      'FAQ bot (app 2001) may ask for control with request_thread_control, or tell another app something with ' +
      'pass_thread_metadata.',
  );
});

test('[C13] a refusal on an idle thread says that nobody has control, to those who may know', () => {
  const told = refusalError(refused('not_owner', { allowed: ['take'] }), CALL).userMsg;
  assert.match(told ?? '', /Nobody has control of the conversation now\. .*take_thread_control\.$/);
  const stranger = refusalError(refused('caller_without_role', { allowed: [] }), CALL).userMsg;
  assert.doesNotMatch(stranger ?? '', /has control/);
});

test('[C13] a refused owner is told that it is the owner itself', () => {
  const own = { owner: { app: BOT, name: 'FAQ bot' }, until: UNTIL };
  const { userMsg } = refusalError(refused('already_owner', { control: own, allowed: ['release'] }), CALL);
  assert.match(userMsg ?? '', /FAQ bot \(app 2001\), which is the caller, has control until 2026-/);
  assert.match(userMsg ?? '', /FAQ bot \(app 2001\) may give control up with release_thread_control\.$/);
});

test('[H2] outside the window nobody is advised to send', () => {
  const allowed = ['send', 'release'] as const;
  const { userMsg } = refusalError(refused('outside_window', { allowed }), CALL);
  assert.match(userMsg ?? '', /may give control up with release_thread_control\.$/);
});

test('a stale call learns the epoch that holds', () => {
  const { userMsg } = refusalError(refused('stale_epoch', { control: byDesk }), CALL);
  assert.match(userMsg ?? '', /control_epoch is now 7\./);
});

test('[C13] without a known owner nothing is said of one', () => {
  for (const reason of ['not_owner', 'caller_not_connected', 'stale_epoch', 'unknown_customer'] as const) {
    const { userMsg } = refusalError(refused(reason), CALL);
    assert.doesNotMatch(userMsg ?? '', /has control until|idle|nobody/i, reason);
  }
});

test('a problem is an error of code 100 with its own words', () => {
  const { status, code, subcode, message } = problemError({
    code: 100,
    subcode: 2018074,
    message: 'x is wrong',
    parameter: 'x',
  });
  assert.deepEqual([status, code, subcode, message], [400, 100, 2018074, 'x is wrong']);
});

test('what callers sent is cut off in a message', () => {
  const { message } = graphError('unknown_edge', { path: '/'.repeat(9_000) });
  assert.ok(message.length < 600 && message.startsWith('There is nothing at the path ///'));
});
