import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import { parseUpload } from '../../src/wire/attachments.ts';
import { MAX_UPLOAD_BYTES } from '../../src/wire/limits.ts';
import { parseSend } from '../../src/wire/messages.ts';
import { CALLER, formCall, jsonCall, MID, problemIn } from './calls.ts';

const send = (attachment: Json) =>
  parseSend(jsonCall({ recipient: { id: '5001' }, message: { attachment } }), CALLER, MID);

function accepted(attachment: JsonObject) {
  const parsed = send(attachment);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem.message);
  assert.ok(parsed.command.type === 'send');
  return { attachment: parsed.command.message.attachment, isReusable: parsed.isReusable };
}

const ROOT = 'message[attachment]';
const refused = (attachment: Json, path: string) => problemIn(send(attachment), `${ROOT}${path}`);
const url = 'https://example.org/cat.png';

test('pictures, sounds, films and files come from an address', () => {
  for (const type of ['image', 'audio', 'video', 'file']) {
    const given = accepted({ type, payload: { url, is_reusable: true } });
    assert.deepEqual(given, { attachment: { type, payload: { url } }, isReusable: true });
  }
  assert.equal(accepted({ type: 'image', payload: { url } }).isReusable, false);
  const longest = url.padEnd(4096, 'x');
  assert.equal(accepted({ type: 'file', payload: { url: longest } }).attachment?.payload['url'], longest);
});

test('an attachment in the brackets of a form', () => {
  for (const flag of ['true', 'false']) {
    const path = 'message[attachment]';
    const form = `recipient[id]=5001&${path}[type]=image&${path}[payload][url]=${url}&${path}[payload][is_reusable]=${flag}`;
    const parsed = parseSend(formCall(form), CALLER, MID);
    assert.ok(parsed.ok && parsed.command.type === 'send');
    assert.deepEqual(parsed.command.message.attachment, { type: 'image', payload: { url } });
    assert.equal(parsed.isReusable, flag === 'true');
  }
});

test('an attachment that is wrong is refused by its path', () => {
  for (const attachment of ['image', 5, []]) refused(attachment, '');
  for (const type of [undefined, null, 'location', 'IMAGE', 5]) {
    refused(type === undefined ? { payload: { url } } : { type, payload: { url } }, '[type]');
  }
  for (const payload of [null, 'x', []]) refused({ type: 'image', payload }, '[payload]');
  const bad = [
    null,
    '',
    5,
    'cat.png',
    '//example.org',
    'ftp://example.org',
    'javascript:alert(1)',
    'https://',
    `https://example.org/${'x'.repeat(5000)}`,
  ];
  for (const each of bad) refused({ type: 'image', payload: { url: each } }, '[payload][url]');
  refused({ type: 'image', payload: { url, is_reusable: 'maybe' } }, '[payload][is_reusable]');
  refused({ type: 'image', payload: { url: url.padEnd(4097, 'x') } }, '[payload][url]');
});

const FILE = { filename: 'cat.png', contentType: 'image/png', bytes: Buffer.from('meow') };

/** A multipart call that brings a file. */
function bringing(attachment: Json, file = FILE) {
  const parameters = jsonCall({ recipient: { id: '5001' }, message: { attachment } });
  return { ...parameters, files: new Map([['filedata', file]]) };
}
const sendFile = (attachment: Json, file = FILE) => parseSend(bringing(attachment, file), CALLER, MID);

test('an attachment that was saved is named by its id, as text or number', () => {
  for (const id of ['812345678901234', 812345678901234]) {
    const parsed = send({ type: 'image', payload: { attachment_id: id } });
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.source, { kind: 'saved', id: '812345678901234' });
  }
  for (const id of ['', 'abc', 1.5, {}, '1'.repeat(33)]) {
    const problem = refused({ type: 'image', payload: { attachment_id: id } }, '[payload][attachment_id]');
    assert.equal(problem.subcode, 2018074);
  }
});

test('a file comes with the call, with a payload or without', () => {
  for (const attachment of [
    { type: 'image' },
    { type: 'image', payload: {} },
    { type: 'image', payload: { is_reusable: false } },
  ]) {
    const parsed = sendFile(attachment);
    assert.ok(parsed.ok && parsed.command.type === 'send');
    assert.deepEqual(parsed.source, { kind: 'uploaded', file: FILE });
    assert.deepEqual(parsed.command.message.attachment, { type: 'image', payload: {} });
  }
  const reusable = sendFile({ type: 'image', payload: { is_reusable: 'true' } });
  assert.ok(reusable.ok && reusable.isReusable);
  const addressed = sendFile({ type: 'image', payload: { url } });
  assert.ok(addressed.ok && addressed.source.kind === 'given', 'an address wins over a file');
});

test('a file is of the type that the attachment says, as far as it says', () => {
  for (const [type, contentType] of [
    ['image', 'IMAGE/PNG'],
    ['image', 'application/octet-stream'],
    ['audio', 'audio/mpeg'],
    ['video', 'video/mp4'],
    ['file', 'text/html'],
    ['file', 'image/png'],
  ] as const) {
    assert.ok(sendFile({ type }, { ...FILE, contentType }).ok, `${type} ${contentType}`);
  }
  for (const [type, contentType] of [
    ['image', 'text/html'],
    ['image', 'video/mp4'],
    ['audio', 'application/pdf'],
    ['video', 'image/png'],
  ] as const) {
    const problem = problemIn(sendFile({ type }, { ...FILE, contentType }), 'filedata');
    assert.equal(problem.subcode, 2018047);
  }
});

test('[limit MAX_UPLOAD_BYTES] a file has 1 to 26214400 bytes', () => {
  assert.ok(sendFile({ type: 'file' }, { ...FILE, bytes: Buffer.alloc(MAX_UPLOAD_BYTES) }).ok);
  const large = sendFile({ type: 'file' }, { ...FILE, bytes: Buffer.alloc(MAX_UPLOAD_BYTES + 1) });
  assert.equal(problemIn(large, 'filedata').subcode, 2018109);
  problemIn(sendFile({ type: 'file' }, { ...FILE, bytes: Buffer.alloc(0) }), 'filedata');
});

test('an attachment can be saved without being sent', () => {
  const upload = (message: Json) => parseUpload(jsonCall({ message }));
  const given = upload({ attachment: { type: 'image', payload: { url, is_reusable: true } } });
  assert.ok(given.ok);
  assert.deepEqual(given.value.attachment, { type: 'image', payload: { url } });
  assert.ok(parseUpload(bringing({ type: 'image' })).ok);
  problemIn(parseUpload(jsonCall({})), 'message');
  problemIn(upload('x'), 'message');
  problemIn(upload({}), 'message[attachment]');
  problemIn(upload({ attachment: { type: 'image', payload: {} } }), 'message[attachment][payload][url]');
  problemIn(upload({ attachment: { type: 'image' } }), 'message[attachment][payload]');
  problemIn(
    upload({ attachment: { type: 'image', payload: { attachment_id: '8' } } }),
    'message[attachment][payload]',
  );
  const template = {
    template_type: 'button',
    text: 'a',
    buttons: [{ type: 'postback', title: 'b', payload: 'c' }],
  };
  problemIn(upload({ attachment: { type: 'template', payload: template } }), 'message[attachment][type]');
});

const postback = { type: 'postback', title: 'Go', payload: 'GO' };
const link = { type: 'web_url', title: 'Look', url, webview_height_ratio: 'tall' };
const template = (payload: JsonObject): JsonObject => ({ type: 'template', payload });
const buttons = (list: Json, text: Json = 'Choose') =>
  template({ template_type: 'button', text, buttons: list });
const generic = (elements: Json, more: JsonObject = {}) =>
  template({ template_type: 'generic', elements, ...more });
const card = { title: 'Shoes', subtitle: 'Red' };

test('[B1] templates are kept as they were given', () => {
  const whole = {
    title: 'x'.repeat(80),
    subtitle: 'x'.repeat(80),
    image_url: url,
    default_action: { type: 'web_url', url, webview_height_ratio: 'full' },
    buttons: [postback, link, { type: 'phone_number', title: 'Call', payload: '+3412345' }],
  };
  const good = [
    buttons([postback]),
    buttons([postback, link, { type: 'account_link', url }], 'x'.repeat(640)),
    buttons([
      { type: 'postback', title: 'x'.repeat(20), payload: 'x'.repeat(1000) },
      { type: 'postback', title: 'Nothing', payload: '' },
    ]),
    generic([whole, card], { image_aspect_ratio: 'square', sharable: false }),
    generic(Array.from({ length: 10 }, () => card)),
    generic([
      { title: 'Shoes', buttons: [postback] },
      { title: 'Hats', image_url: url, buttons: [] },
    ]),
  ];
  for (const attachment of good) assert.deepEqual(accepted(attachment), { attachment, isReusable: false });
});

test('what is no part of a template is not kept', () => {
  const junk = { note: 'x'.repeat(100_000) };
  const action = { type: 'web_url', url, messenger_extensions: 'true' };
  const whole = { title: 'Shoes', default_action: action, buttons: [postback, link] };
  const littered = {
    ...whole,
    ...junk,
    default_action: { ...action, ...junk },
    buttons: [
      { ...postback, ...junk, url },
      { ...link, ...junk, payload: 'x' },
    ],
  };
  assert.deepEqual(accepted(generic([littered], junk)).attachment, generic([whole]));
  const { attachment } = accepted(buttons([{ ...postback, ...junk }]));
  assert.deepEqual(attachment, buttons([postback]));
  refused(generic([whole], { sharable: junk }), '[payload][sharable]');
  const odd = { ...link, messenger_extensions: junk };
  refused(buttons([odd]), '[payload][buttons][0][messenger_extensions]');
});

test('templates of other types are refused', () => {
  for (const type of ['media', 'list', 'GENERIC', null, 5]) {
    refused(template({ template_type: type }), '[payload][template_type]');
  }
});

test('a button template that is wrong is refused by its path', () => {
  const bad: readonly (readonly [JsonObject, string])[] = [
    [buttons([postback], null), '[text]'],
    [buttons([postback], ''), '[text]'],
    [buttons([postback], 'x'.repeat(641)), '[text]'],
    [buttons(null), '[buttons]'],
    [buttons([]), '[buttons]'],
    [buttons(postback), '[buttons]'],
    [buttons([postback, postback, postback, postback]), '[buttons]'],
    [buttons(['go']), '[buttons][0]'],
    [buttons([postback, { ...postback, type: 'share' }]), '[buttons][1][type]'],
    [buttons([{ title: 'Go', payload: 'GO' }]), '[buttons][0][type]'],
    [buttons([{ ...postback, type: 'constructor' }]), '[buttons][0][type]'],
    [buttons([{ ...postback, title: 'x'.repeat(21) }]), '[buttons][0][title]'],
    [buttons([{ ...postback, title: '' }]), '[buttons][0][title]'],
    [buttons([{ type: 'postback', title: 'Go' }]), '[buttons][0][payload]'],
    [buttons([{ ...postback, payload: 'x'.repeat(1001) }]), '[buttons][0][payload]'],
    [buttons([{ ...postback, payload: 5 }]), '[buttons][0][payload]'],
    [buttons([{ type: 'web_url', title: 'Look' }]), '[buttons][0][url]'],
    [buttons([{ ...link, url: 'javascript:alert(1)' }]), '[buttons][0][url]'],
    [buttons([{ ...link, fallback_url: 'x' }]), '[buttons][0][fallback_url]'],
    [buttons([{ ...link, webview_height_ratio: 'huge' }]), '[buttons][0][webview_height_ratio]'],
  ];
  for (const [attachment, path] of bad) refused(attachment, `[payload]${path}`);
});

test('a generic template that is wrong is refused by its path', () => {
  const bad: readonly (readonly [JsonObject, string])[] = [
    [generic(null), '[elements]'],
    [generic([]), '[elements]'],
    [generic(card), '[elements]'],
    [generic(Array.from({ length: 11 }, () => card)), '[elements]'],
    [generic([card], { image_aspect_ratio: 'round' }), '[image_aspect_ratio]'],
    [generic(['x']), '[elements][0]'],
    [generic([{ title: 'Shoes' }]), '[elements][0]'],
    [generic([{ title: 'Shoes', subtitle: '', buttons: [] }]), '[elements][0]'],
    [generic([{ subtitle: 'Red' }]), '[elements][0][title]'],
    [generic([card, { ...card, title: 'x'.repeat(81) }]), '[elements][1][title]'],
    [generic([{ ...card, subtitle: 'x'.repeat(81) }]), '[elements][0][subtitle]'],
    [generic([{ ...card, image_url: 'data:x' }]), '[elements][0][image_url]'],
    [generic([{ ...card, default_action: 'x' }]), '[elements][0][default_action]'],
    [generic([{ ...card, default_action: { type: 'postback' } }]), '[elements][0][default_action][type]'],
    [generic([{ ...card, default_action: { type: 'web_url' } }]), '[elements][0][default_action][url]'],
    [generic([{ ...card, default_action: link }]), '[elements][0][default_action][title]'],
    [generic([{ ...card, buttons: [postback, postback, postback, postback] }]), '[elements][0][buttons]'],
    [generic([{ ...card, buttons: [{ type: 'postback' }] }]), '[elements][0][buttons][0][title]'],
  ];
  for (const [attachment, path] of bad) refused(attachment, `[payload]${path}`);
});
