import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import { parseSend } from '../../src/wire/messages.ts';
import type { Parameters } from '../../src/wire/parameters.ts';
import { CALLER, formCall, jsonCall, MID, parametersOf, problemIn } from './calls.ts';

const parse = (parameters: Parameters) => parseSend(parameters, CALLER, MID);
const recipient = { id: '5001' };
const hello = { text: 'Hello!' };

function sent(body: JsonObject) {
  const parsed = parse(jsonCall({ recipient, ...body }));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem.message);
  return parsed;
}

/** The message of a send, as the rules get it. */
function messageOf(message: JsonObject) {
  const { command } = sent({ message });
  assert.ok(command.type === 'send');
  return command.message;
}

const problemOfSend = (body: JsonObject, parameter: string) =>
  problemIn(parse(jsonCall({ recipient, ...body })), parameter);

const problemOfMessage = (message: Json, parameter: string) => problemOfSend({ message }, parameter);

const plain = {
  mid: MID,
  text: 'Hello!',
  attachment: null,
  quickReplies: [],
  metadata: null,
  replyTo: null,
};
const call = { caller: CALLER, controlEpoch: null, humanAgent: false, control: null };

test('[C4] a text, from JSON, from a form and from the query', () => {
  const texts = `recipient={"id":"5001"}&messaging_type=RESPONSE&message={"text":"Hello!"}`;
  const lax = "recipient={id:5001}&message={'text':'Hello!'}";
  const brackets = 'recipient[id]=5001&message[text]=Hello!';
  const forms = [
    jsonCall({ recipient, message: hello }),
    formCall(texts),
    parametersOf({ query: texts }),
    parametersOf({ query: lax }),
    formCall(brackets),
  ];
  for (const form of forms) {
    const command = { ...call, type: 'send', message: plain, survey: false };
    assert.deepEqual(parse(form), {
      ok: true,
      psid: '5001',
      personaId: null,
      isReusable: false,
      source: { kind: 'given' },
      command,
    });
  }
});

test('everything that a send can carry', () => {
  const parsed = sent({
    message: { ...hello, metadata: '{"a":1}', quick_replies: [] },
    messaging_type: 'message_tag',
    tag: 'human_agent',
    notification_type: 'silent_push',
    persona_id: 77,
    reply_to: { mid: 'm_abc' },
    control_epoch: '4',
    folder: 'PARTNERSHIP',
    metadata: { ignored: true },
  });
  const message = { ...plain, metadata: '{"a":1}', replyTo: 'm_abc' };
  const command = { ...call, controlEpoch: 4, humanAgent: true, type: 'send', message, survey: false };
  assert.deepEqual(parsed, {
    ok: true,
    psid: '5001',
    personaId: '77',
    isReusable: false,
    source: { kind: 'given' },
    command,
  });
});

test('a sender action, in any case, is a signal', () => {
  for (const action of ['typing_on', 'TYPING_OFF', 'mark_seen']) {
    const { command, isReusable } = sent({ sender_action: action, message: null });
    assert.deepEqual(command, { ...call, type: 'signal' });
    assert.equal(isReusable, false);
  }
  const tagged = sent({ sender_action: 'typing_on', tag: 'HUMAN_AGENT' });
  assert.equal(tagged.command.humanAgent, true);
  for (const action of ['dance', '', 5]) {
    problemOfSend({ sender_action: action }, 'sender_action');
  }
});

test('a message or a sender action, not both and not neither', () => {
  const both = problemOfBoth();
  assert.equal(both.subcode, 2018014);
  assert.equal(both.message, 'Cannot send both message and state at the same time.');
  problemOfSend({}, 'message');
  problemOfSend({ message: null, sender_action: null }, 'message');
});

function problemOfBoth() {
  const parsed = parse(jsonCall({ recipient, message: hello, sender_action: 'typing_on' }));
  assert.ok(!parsed.ok);
  return parsed.problem;
}

test('a message that is none is refused', () => {
  for (const message of ['Hello!', 5, [], true]) problemOfMessage(message, 'message');
  problemOfMessage({}, 'message');
  problemOfMessage({ metadata: 'm' }, 'message');
  problemOfMessage(
    { ...hello, attachment: { type: 'image', payload: { url: 'https://a.example' } } },
    'message',
  );
  problemIn(parse(formCall('recipient={id:5001}&message={text')), 'message');
  problemIn(parse(jsonCall({ message: hello })), 'recipient');
});

test('a text has 1 to 2000 characters', () => {
  for (const character of ['x', 'ñ', '😀']) {
    assert.equal(messageOf({ text: character.repeat(2000) }).text, character.repeat(2000));
    problemOfMessage({ text: character.repeat(2001) }, 'message[text]');
  }
  for (const text of ['', 5, true, {}, ['a']]) problemOfMessage({ text }, 'message[text]');
});

test('the metadata of a message has at most 1000 characters', () => {
  assert.equal(messageOf({ ...hello, metadata: 'é'.repeat(1000) }).metadata, 'é'.repeat(1000));
  assert.equal(messageOf({ ...hello, metadata: '' }).metadata, '');
  problemOfMessage({ ...hello, metadata: 'é'.repeat(1001) }, 'message[metadata]');
  for (const metadata of [5, {}, true]) problemOfMessage({ ...hello, metadata }, 'message[metadata]');
});

test('options that are wrong are refused by name', () => {
  const bad: readonly (readonly [string, Json])[] = [
    ['messaging_type', 'SHOUT'],
    ['messaging_type', 1],
    ['notification_type', 'LOUD'],
    ['persona_id', 'abc'],
    ['persona_id', {}],
    ['control_epoch', -1],
    ['reply_to', 'm_1'],
  ];
  for (const [name, value] of bad) problemOfSend({ message: hello, [name]: value }, name);
  for (const mid of [undefined, null, 5, 'abc', 'm_', `m_${'x'.repeat(63)}`]) {
    problemOfSend({ message: hello, reply_to: mid === undefined ? {} : { mid } }, 'reply_to[mid]');
  }
});

test('[R5] a send may say what becomes of control, be it a message or a sender action', () => {
  const wanted: readonly (readonly [Json, unknown])[] = [
    [null, null],
    [{}, { type: 'release', metadata: null }],
    [
      { control_type: 'release', metadata: 'm' },
      { type: 'release', metadata: 'm' },
    ],
    [{ control_type: 'PASS' }, { type: 'pass', target: null, metadata: null }],
    [
      { control_type: 'pass', app_id: 2002 },
      { type: 'pass', target: '2002', metadata: null },
    ],
    [
      { control_type: 'pass', app_id: '2002', metadata: 'm' },
      { type: 'pass', target: '2002', metadata: 'm' },
    ],
  ];
  for (const content of [{ message: hello }, { sender_action: 'typing_on' }]) {
    for (const [given, control] of wanted) {
      assert.deepEqual(sent({ ...content, thread_control: given }).command.control, control);
    }
    problemOfSend({ ...content, thread_control: 'pass' }, 'thread_control');
    problemOfSend({ ...content, thread_control: { control_type: 'take' } }, 'thread_control[control_type]');
    problemOfSend(
      { ...content, thread_control: { control_type: 'pass', app_id: 'x' } },
      'thread_control[app_id]',
    );
    problemOfSend({ ...content, thread_control: { app_id: '2002' } }, 'thread_control[app_id]');
    problemOfSend({ ...content, thread_control: { metadata: 5 } }, 'thread_control[metadata]');
  }
});

test('[H1] the tags that are left: HUMAN_AGENT, and CUSTOMER_FEEDBACK with a survey', () => {
  const retired = ['ACCOUNT_UPDATE', 'CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE', 'OTHER', 5];
  for (const tag of [...retired, 'CUSTOMER_FEEDBACK']) problemOfSend({ message: hello, tag }, 'tag');
  problemOfSend({ message: hello, messaging_type: 'MESSAGE_TAG' }, 'tag');
  assert.equal(sent({ message: hello, tag: null }).command.humanAgent, false);
});

test('quick replies are kept in Graph’s shape', () => {
  const replies = [
    { content_type: 'text', title: 'Yes', payload: 'YES', image_url: 'https://a.example/y.png' },
    { content_type: 'text', title: 'x'.repeat(20), payload: 'x'.repeat(1000) },
    { content_type: 'text', title: 'Seven', payload: 7 },
    { content_type: 'text', title: 'Nothing', payload: '' },
    { content_type: 'user_phone_number' },
    { content_type: 'user_email' },
  ];
  const { quickReplies } = messageOf({ ...hello, quick_replies: replies });
  assert.deepEqual(
    quickReplies,
    replies.map((reply) => (reply.payload === 7 ? { ...reply, payload: '7' } : reply)),
  );
});

test('what is no part of a quick reply is not kept', () => {
  const plain = {
    content_type: 'text',
    title: 'Yes',
    payload: 'YES',
    image_url: 'https://example.org/a.png',
  };
  const { quickReplies } = messageOf({ ...hello, quick_replies: [{ ...plain, note: 'x'.repeat(100_000) }] });
  assert.deepEqual(quickReplies, [plain]);
});

const PATH = 'message[quick_replies]';
const reply = { content_type: 'text', title: 'Yes', payload: 'YES' };

test('quick replies that are wrong are refused by their path', () => {
  const bad: readonly (readonly [Json, string])[] = [
    ['yes', PATH],
    [{}, PATH],
    [Array.from({ length: 14 }, () => reply), PATH],
    [['yes'], `${PATH}[0]`],
    [[reply, {}], `${PATH}[1][content_type]`],
    [[{ ...reply, content_type: 'location' }], `${PATH}[0][content_type]`],
    [[{ content_type: 'text', payload: 'YES' }], `${PATH}[0][title]`],
    [[{ ...reply, title: '' }], `${PATH}[0][title]`],
    [[{ ...reply, title: 'x'.repeat(21) }], `${PATH}[0][title]`],
    [[{ content_type: 'text', title: 'Yes' }], `${PATH}[0][payload]`],
    [[{ ...reply, payload: 'x'.repeat(1001) }], `${PATH}[0][payload]`],
    [[{ ...reply, payload: {} }], `${PATH}[0][payload]`],
    [[{ ...reply, image_url: 'javascript:alert(1)' }], `${PATH}[0][image_url]`],
    [[{ content_type: 'user_email', payload: 'x'.repeat(1001) }], `${PATH}[0][payload]`],
  ];
  for (const [replies, parameter] of bad) problemOfMessage({ ...hello, quick_replies: replies }, parameter);
  assert.equal(
    messageOf({ ...hello, quick_replies: Array.from({ length: 13 }, () => reply) }).quickReplies.length,
    13,
  );
});
