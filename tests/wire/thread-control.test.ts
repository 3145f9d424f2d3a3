import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/protocol/message.ts';
import type { Parameters } from '../../src/wire/parameters.ts';
import { CONTROL_EDGES, type ControlEdge, parseControlCall } from '../../src/wire/thread-control.ts';
import { CALLER, formCall, jsonCall, parametersOf, problemIn } from './calls.ts';

const parse = (edge: ControlEdge, parameters: Parameters) => parseControlCall(edge, parameters, CALLER);
const call = { caller: CALLER, controlEpoch: null };
const recipient = { id: '5001' };

const VECTORS: readonly (readonly [string, ControlEdge, Json, Json])[] = [
  [
    '[C6] pass with a target and metadata',
    'pass_thread_control',
    { target_app_id: 2000000000000002, metadata: 'm' },
    { type: 'pass', target: '2000000000000002', metadata: 'm' },
  ],
  ['[C6] pass without a target', 'pass_thread_control', {}, { type: 'pass', target: null, metadata: null }],
  ['[C7] take', 'take_thread_control', { metadata: 'm' }, { type: 'take', metadata: 'm' }],
  ['[C8] request', 'request_thread_control', { metadata: 'm' }, { type: 'request', metadata: 'm' }],
  ['[C9] release', 'release_thread_control', { metadata: null }, { type: 'release', metadata: null }],
  ['[C10] extend', 'extend_thread_control', { duration: '60' }, { type: 'extend', durationMs: 60_000 }],
  ['[C10] extend by default', 'extend_thread_control', {}, { type: 'extend', durationMs: 86_400_000 }],
  [
    '[C12] pass metadata',
    'pass_thread_metadata',
    { target_app_id: '2002', metadata: '' },
    { type: 'pass_metadata', target: '2002', metadata: '' },
  ],
];

for (const [title, edge, body, command] of VECTORS) {
  test(title, () => {
    const parsed = parse(edge, jsonCall({ recipient, ...(body as object) }));
    assert.deepEqual(parsed, { ok: true, psid: '5001', command: { ...call, ...(command as object) } });
  });
}

test('parameters that are not known are ignored (wingbot, Meta’s Node SDK)', () => {
  const body = {
    recipient,
    target_app_id: '2002',
    id: '1001',
    messaging_type: 'RESPONSE',
    thread_control: {},
  };
  assert.equal(parse('pass_thread_control', jsonCall(body)).ok, true);
});

test('[C6] the same pass from a form and from a query', () => {
  const text = 'recipient={id:5001}&target_app_id=2002&metadata={"a":1}';
  for (const parameters of [formCall(text), parametersOf({ query: text })]) {
    const command = { ...call, type: 'pass', target: '2002', metadata: '{"a":1}' };
    assert.deepEqual(parse('pass_thread_control', parameters), { ok: true, psid: '5001', command });
  }
});

test('every control call may carry the epoch that it believes in', () => {
  for (const edge of CONTROL_EDGES) {
    const good = { recipient, target_app_id: '2002', metadata: 'm', control_epoch: 3 };
    const parsed = parse(edge, jsonCall(good));
    assert.equal(parsed.ok && parsed.command.controlEpoch, 3, edge);
    problemIn(parse(edge, jsonCall({ ...good, control_epoch: -1 })), 'control_epoch');
  }
});

test('every control call needs a recipient', () => {
  for (const edge of CONTROL_EDGES) {
    problemIn(parse(edge, jsonCall({ target_app_id: '2002', metadata: 'm' })), 'recipient');
    problemIn(parse(edge, jsonCall({ recipient: { id: '5'.repeat(33) } })), 'recipient[id]');
  }
});

test('[C18] every call that takes metadata holds it to its limit', () => {
  for (const edge of CONTROL_EDGES.filter((each) => each !== 'extend_thread_control')) {
    const long = jsonCall({ recipient, target_app_id: '2002', metadata: 'x'.repeat(1001) });
    problemIn(parse(edge, long), 'metadata');
    problemIn(parse(edge, jsonCall({ recipient, target_app_id: '2002', metadata: 7 })), 'metadata');
  }
});

test('[C6] [C10] [C12] bad input of one call', () => {
  problemIn(parse('pass_thread_control', jsonCall({ recipient, target_app_id: 'x' })), 'target_app_id');
  for (const duration of [0, -1, 604_801, null, 'abc']) {
    problemIn(parse('extend_thread_control', jsonCall({ recipient, duration })), 'duration');
  }
  problemIn(parse('pass_thread_metadata', jsonCall({ recipient, metadata: 'm' })), 'target_app_id');
  problemIn(parse('pass_thread_metadata', jsonCall({ recipient, target_app_id: '2002' })), 'metadata');
});
