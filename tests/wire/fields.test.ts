import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/protocol/message.ts';
import {
  readAppId,
  readControlEpoch,
  readDurationMs,
  readEnum,
  readList,
  readMetadata,
  readRecipient,
  readRecipientQuery,
} from '../../src/wire/fields.ts';
import type { Parameters } from '../../src/wire/parameters.ts';
import type { Read } from '../../src/wire/problem.ts';
import { formCall, jsonCall, parametersOf, problemIn } from './calls.ts';

const got = <Value>(read: Read<Value>): Value => {
  assert.ok(read.ok, read.ok ? '' : read.problem.message);
  return read.value;
};
const query = (text: string): Parameters => parametersOf({ method: 'GET', query: text });

test('a recipient is read from every form that clients use', () => {
  const forms = [
    jsonCall({ recipient: { id: '5001' } }),
    jsonCall({ recipient: { id: 5001 } }),
    jsonCall({ recipient: '{"id":"5001"}' }),
    formCall('recipient={id:5001}'),
    formCall("recipient={'id':'5001'}"),
    formCall('recipient[id]=5001'),
    query('recipient=%7B%22id%22%3A%225001%22%7D'),
  ];
  for (const form of forms) assert.equal(got(readRecipient(form)), '5001');
  const long = parametersOf({ body: '{"recipient":{"id":12345678901234567890}}' });
  assert.equal(got(readRecipient(long)), '12345678901234567890');
});

test('a recipient that names no customer by id is refused', () => {
  const missing: readonly Parameters[] = [
    jsonCall({}),
    jsonCall({ recipient: null }),
    jsonCall({ recipient: '5001' }),
    jsonCall({ recipient: 5001 }),
    jsonCall({ recipient: ['5001'] }),
    jsonCall({ recipient: true }),
    jsonCall({ recipient_id: '5001' }),
    formCall('recipient=5001'),
    formCall('recipient={id'),
  ];
  for (const parameters of missing) problemIn(readRecipient(parameters), 'recipient');
  const ids: readonly Json[] = [
    {},
    { id: null },
    { user_ref: 'x' },
    { comment_id: '1' },
    { phone_number: '1' },
  ];
  for (const recipient of ids) problemIn(readRecipient(jsonCall({ recipient })), 'recipient[id]');
});

/** Everything that is not 1 to 32 digits. */
const BAD_IDS: readonly Json[] = [
  '',
  'abc',
  '12a',
  ' 12',
  '12\n',
  '-1',
  '1.5',
  '1e3',
  '1'.repeat(33),
  '１２',
  -1,
  1.5,
  1e21,
  true,
  {},
  [],
];

test('ids are 1 to 32 digits', () => {
  for (const id of BAD_IDS) {
    problemIn(readRecipient(jsonCall({ recipient: { id } })), 'recipient[id]');
    problemIn(
      readAppId(jsonCall({ target_app_id: id }), 'target_app_id', { required: false }),
      'target_app_id',
    );
  }
  const rounded = parametersOf({ body: '{"recipient":{"id":1234567890123456789.0}}' });
  problemIn(readRecipient(rounded), 'recipient[id]');
  const longest = '9'.repeat(32);
  assert.equal(got(readRecipient(jsonCall({ recipient: { id: longest } }))), longest);
});

test('[C11] the recipient of a reading is a plain id, or the object of the other calls', () => {
  assert.equal(got(readRecipientQuery(query('recipient=5001'))), '5001');
  assert.equal(got(readRecipientQuery(query('recipient={"id":"5001"}'))), '5001');
  problemIn(readRecipientQuery(query('')), 'recipient');
  problemIn(readRecipientQuery(query('recipient_id=5001')), 'recipient');
  problemIn(readRecipientQuery(query('recipient=')), 'recipient');
  problemIn(readRecipientQuery(query('recipient=abc')), 'recipient');
  problemIn(readRecipientQuery(query('recipient=[5001]')), 'recipient');
  problemIn(readRecipientQuery(query('recipient={user_ref:1}')), 'recipient[id]');
});

test('the id of an app is text or number', () => {
  const read = (parameters: Parameters) => readAppId(parameters, 'target_app_id', { required: true });
  assert.equal(got(read(jsonCall({ target_app_id: 263902037430900 }))), '263902037430900');
  assert.equal(got(read(jsonCall({ target_app_id: '2002' }))), '2002');
  assert.equal(got(read(formCall('target_app_id=2002'))), '2002');
  problemIn(read(jsonCall({})), 'target_app_id');
  problemIn(read(jsonCall({ target_app_id: null })), 'target_app_id');
  for (const body of [{}, { target_app_id: null }]) {
    assert.equal(got(readAppId(jsonCall(body), 'target_app_id', { required: false })), null);
  }
});

test('[C18] metadata is handed on verbatim, up to 1000 characters', () => {
  assert.equal(got(readMetadata(jsonCall({ metadata: 'a "b"' }))), 'a "b"');
  assert.equal(got(readMetadata(jsonCall({ metadata: '' }))), '');
  assert.equal(got(readMetadata(jsonCall({ metadata: null }))), null);
  assert.equal(got(readMetadata(jsonCall({}))), null);
  for (const text of ['{"topic": "refund"}', '[1, 2]', '{broken', 'null', '42']) {
    assert.equal(got(readMetadata(formCall(`metadata=${encodeURIComponent(text)}`))), text);
    assert.equal(got(readMetadata(query(`metadata=${encodeURIComponent(text)}`))), text);
  }
  for (const character of ['x', 'é', '😀']) {
    assert.equal(got(readMetadata(jsonCall({ metadata: character.repeat(1000) }))), character.repeat(1000));
    problemIn(readMetadata(jsonCall({ metadata: character.repeat(1001) })), 'metadata');
  }
});

test('[C18] metadata that is no text is refused', () => {
  for (const metadata of [5, true, {}, [], { a: 1 }])
    problemIn(readMetadata(jsonCall({ metadata })), 'metadata');
  problemIn(readMetadata(formCall('metadata[a]=b')), 'metadata');
});

test('[C10] a duration is 1 to 604800 seconds, 86400 when absent', () => {
  const good: readonly (readonly [Json, number])[] = [
    [1, 1],
    ['1', 1],
    ['86400', 86_400],
    [604_800, 604_800],
    ['604800', 604_800],
  ];
  for (const [duration, seconds] of good) {
    assert.equal(got(readDurationMs(jsonCall({ duration }))), seconds * 1000);
  }
  assert.equal(got(readDurationMs(formCall('duration=60'))), 60_000);
  assert.equal(got(readDurationMs(jsonCall({}))), 86_400_000);
});

test('[C10] any other duration is refused', () => {
  const bad: readonly Json[] = [
    null,
    '',
    'abc',
    '1.5',
    '-1',
    '+1',
    ' 1',
    '0x10',
    '1e3',
    '604801',
    1.5,
    0,
    -1,
    604_801,
    1e30,
    true,
    [],
    {},
  ];
  for (const duration of bad) problemIn(readDurationMs(jsonCall({ duration })), 'duration');
  problemIn(readDurationMs(formCall('duration=')), 'duration');
  problemIn(readDurationMs(formCall('duration=null')), 'duration');
});

test('a control epoch is a whole number from 0 on, or is not given', () => {
  assert.equal(got(readControlEpoch(jsonCall({}))), null);
  assert.equal(got(readControlEpoch(jsonCall({ control_epoch: 0 }))), 0);
  assert.equal(got(readControlEpoch(formCall('control_epoch=12'))), 12);
  for (const epoch of [null, '', 'x', -1, 1.5, '9'.repeat(20), true, {}]) {
    problemIn(readControlEpoch(jsonCall({ control_epoch: epoch })), 'control_epoch');
  }
});

test('a list is read from every form that clients use', () => {
  const wanted = ['messages', 'standby'];
  const forms = [
    jsonCall({ fields: wanted }),
    jsonCall({ fields: 'messages,standby' }),
    jsonCall({ fields: '["messages","standby"]' }),
    formCall('fields=messages, standby,'),
    formCall("fields=['messages', 'standby']"),
    formCall('fields=[messages,standby]'),
    formCall('fields=messages&fields=standby'),
    formCall('fields[0]=messages&fields[1]=standby'),
    formCall('fields[]=messages&fields[]=standby'),
  ];
  for (const form of forms) assert.deepEqual(got(readList(form, 'fields')), wanted);
  assert.equal(got(readList(jsonCall({}), 'fields')), null);
  assert.deepEqual(got(readList(formCall('fields='), 'fields')), []);
});

test('a list holds texts and nothing else', () => {
  for (const fields of [5, true, {}, { a: 'b' }])
    problemIn(readList(jsonCall({ fields }), 'fields'), 'fields');
  problemIn(readList(formCall('fields=[a'), 'fields'), 'fields');
  problemIn(readList(jsonCall({ fields: ['a', 5] }), 'fields'), 'fields[1]');
});

test('words of a list are known in any case, and others are refused with the list', () => {
  const words = ['RESPONSE', 'UPDATE'] as const;
  assert.equal(got(readEnum(jsonCall({ t: 'response' }), 't', words)), 'RESPONSE');
  assert.equal(got(readEnum(jsonCall({ t: null }), 't', words)), null);
  assert.equal(got(readEnum(jsonCall({}), 't', words)), null);
  for (const t of ['', 'other', 5, {}, true]) {
    assert.match(problemIn(readEnum(jsonCall({ t }), 't', words), 't').message, /RESPONSE, UPDATE/);
  }
});
