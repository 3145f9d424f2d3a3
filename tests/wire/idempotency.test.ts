/** The header `Idempotency-Key`, and which calls are the same call. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintOf, readIdempotencyKey } from '../../src/wire/idempotency.ts';
import type { Parameters } from '../../src/wire/parameters.ts';
import { formCall, jsonCall, parametersOf, problemIn } from './calls.ts';

test('a key is 1 to 255 visible ASCII characters', () => {
  assert.deepEqual(readIdempotencyKey(undefined), { ok: true, value: null });
  for (const key of ['a', '!', '~', 'order-77/1', '"quoted"', 'x'.repeat(255)]) {
    assert.deepEqual(readIdempotencyKey(key), { ok: true, value: key });
  }
});

test('any other key is a problem of Idempotency-Key', () => {
  for (const header of ['', ' ', 'a b', 'a\t', 'é', '\u007f', 'x'.repeat(256), ['a', 'b'], []]) {
    problemIn(readIdempotencyKey(header), 'Idempotency-Key');
  }
});

const EDGE = 'messages';
const body = {
  recipient: { id: '5001' },
  message: { text: 'Hi', quick_replies: [{ title: 'a' }, { title: 'b' }] },
};
const fingerprint = (parameters: Parameters, edge = EDGE): string => fingerprintOf(edge, parameters);
const FIRST = fingerprint(jsonCall(body));

test('a fingerprint is 64 hexadecimal digits and stays the same over releases', () => {
  assert.match(FIRST, /^[0-9a-f]{64}$/);
  assert.equal(
    fingerprint(jsonCall({ b: [1, { d: null, c: 'é' }], a: true })),
    'eab8dc1c1cfe28860df08fbcd297c29017553b0c54ce5bb4a259307801154ff8',
  );
});

test('the order of parameters and of the keys in them makes no other call', () => {
  const { message, recipient } = body;
  const turned = { message: { quick_replies: message.quick_replies, text: message.text }, recipient };
  assert.equal(fingerprint(jsonCall(turned)), FIRST);
});

test('neither the token nor its proof makes another call, wherever they stand', () => {
  const text = JSON.stringify({ ...body, access_token: 'one', appsecret_proof: 'two' });
  for (const query of ['', 'access_token=three', 'access_token=four&appsecret_proof=five']) {
    const call = parametersOf({ query, contentType: 'application/json', body: text });
    assert.equal(fingerprint(call), FIRST);
  }
});

test('anything else makes another call', () => {
  const others: readonly Parameters[] = [
    jsonCall({ ...body, tag: 'HUMAN_AGENT' }),
    jsonCall({ ...body, recipient: { id: '5002' } }),
    jsonCall({ recipient: body.recipient }),
    jsonCall({ ...body, message: { ...body.message, text: 'hi' } }),
    jsonCall({ ...body, message: { ...body.message, quick_replies: [{ title: 'b' }, { title: 'a' }] } }),
    jsonCall({ ...body, message: { ...body.message, metadata: null } }),
    jsonCall({ ...body, message: Object.entries(body.message) }),
  ];
  const all = [
    FIRST,
    fingerprint(jsonCall(body), 'take_thread_control'),
    ...others.map((each) => fingerprint(each)),
  ];
  assert.equal(new Set(all).size, others.length + 2);
});

test('metadata that looks like JSON is told apart letter by letter', () => {
  const [one, two] = ['{"a":1}', '{ "a": 1 }'].map((metadata) => fingerprint(jsonCall({ metadata })));
  assert.notEqual(one, two);
});

test('an object is never taken for a list that looks like it', () => {
  const calls = [
    { a: { b: 1 } },
    { a: [['b', 1]] },
    { a: { pairs: [['b', 1]] } },
    { a: { pairs: { b: 1 } } },
  ];
  assert.equal(new Set(calls.map((call) => fingerprint(jsonCall(call)))).size, calls.length);
});

test('a form is the same call as itself, and not as another', () => {
  const form = 'recipient[id]=5001&message[text]=Hi';
  assert.equal(fingerprint(formCall(form)), fingerprint(formCall('message[text]=Hi&recipient[id]=5001')));
  assert.notEqual(fingerprint(formCall(form)), fingerprint(formCall(`${form}!`)));
});

test('a file is told apart by its bytes', () => {
  const upload = (bytes: string): Parameters =>
    parametersOf({
      contentType: 'multipart/form-data; boundary=x',
      body: `--x\r\nContent-Disposition: form-data; name="filedata"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n${bytes}\r\n--x--\r\n`,
    });
  assert.equal(fingerprint(upload('one')), fingerprint(upload('one')));
  assert.notEqual(fingerprint(upload('one')), fingerprint(upload('two')));
});
