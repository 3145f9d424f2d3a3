/** The limits of the wire: what is just within is taken, one more is refused by the name of its parameter. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ID_DIGITS } from '../../src/protocol/ids.ts';
import type { Json, JsonObject } from '../../src/protocol/message.ts';
import { MAX_EXTENSION_SECONDS } from '../../src/protocol/time.ts';
import { graphError, MAX_FILL } from '../../src/wire/errors.ts';
import { readAppId, readDurationMs, readMetadata, readRecipient } from '../../src/wire/fields.ts';
import { readIdempotencyKey } from '../../src/wire/idempotency.ts';
import { parseStrictJson } from '../../src/wire/lax-json.ts';
import {
  MAX_BODY_BYTES,
  MAX_BUTTON_TEMPLATE_TEXT,
  MAX_BUTTON_TITLE,
  MAX_BUTTONS,
  MAX_DEPTH,
  MAX_ELEMENT_TEXT,
  MAX_ELEMENTS,
  MAX_IDEMPOTENCY_KEY,
  MAX_METADATA,
  MAX_PAIRS,
  MAX_PARAMETERS,
  MAX_PART_HEADER_BYTES,
  MAX_PAYLOAD,
  MAX_QUICK_REPLIES,
  MAX_TEMPLATE_BYTES,
  MAX_TEXT,
  MAX_URL,
} from '../../src/wire/limits.ts';
import { parseSend } from '../../src/wire/messages.ts';
import type { Problem } from '../../src/wire/problem.ts';
import { CALLER, jsonCall, MID, problemIn, readCall } from './calls.ts';

type Result = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };

/** `call(max)` is taken, `call(max + 1)` is a problem of the parameter. */
function holds(max: number, call: (size: number) => Result, parameter: string): void {
  const within = call(max);
  assert.ok(within.ok, within.ok ? '' : within.problem.message);
  problemIn(call(max + 1), parameter);
}

/** A text of so many characters, each of two UTF-16 units. */
const wide = (length: number): string => '😀'.repeat(length);
const times = <Item>(length: number, item: Item): Item[] => Array.from({ length }, () => item);

const sends = (message: JsonObject) =>
  parseSend(jsonCall({ recipient: { id: '5001' }, message }), CALLER, MID);
const sendsReply = (reply: JsonObject) =>
  sends({ text: 'a', quick_replies: [{ content_type: 'text', title: 'a', payload: 'a', ...reply }] });
const sendsTemplate = (payload: JsonObject) => sends({ attachment: { type: 'template', payload } });
const button = { type: 'postback', title: 'a', payload: 'a' };
const sendsButtons = (buttons: Json, text = 'a') => sendsTemplate({ template_type: 'button', text, buttons });
const sendsElements = (elements: Json) => sendsTemplate({ template_type: 'generic', elements });
const template = 'message[attachment][payload]';
const firstReply = 'message[quick_replies][0]';

test(`[limit MAX_PARAMETERS] a call has up to ${MAX_PARAMETERS} parameters`, () => {
  const call = (size: number) =>
    readCall({ query: Array.from({ length: size }, (_, index) => `p${index}=1`).join('&') });
  holds(MAX_PARAMETERS, call, 'parameters');
});

test(`[limit MAX_PAIRS] a query or a form has up to ${MAX_PAIRS} pairs, however few parameters they make`, () => {
  holds(MAX_PAIRS, (size) => readCall({ query: times(size, 'a[]=1').join('&') }), 'parameters');
  const form = (size: number) => readCall({ body: times(size, 'a[]=1').join('&') });
  holds(MAX_PAIRS, form, 'parameters');
});

const MULTIPART = 'multipart/form-data; boundary=b';
const partOf = (headers: string, content: string): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
const namedPart = (content: string): string => partOf('content-disposition: form-data; name="a[]"', content);
const multipartCall = (parts: string) => readCall({ contentType: MULTIPART, body: `${parts}--b--` });

test(`[limit MAX_PAIRS] a multipart body has up to ${MAX_PAIRS} parts, and is read no further`, () => {
  holds(MAX_PAIRS, (size) => multipartCall(namedPart('1').repeat(size)), 'parameters');
  const file = partOf('content-disposition: form-data; name="f"; filename="f"', 'x');
  holds(MAX_PAIRS, (size) => multipartCall(file.repeat(size)), 'parameters');
  const broken = `${namedPart('1').repeat(MAX_PAIRS + 1)}--b\r\nwithout headers\r\n`;
  problemIn(multipartCall(broken), 'parameters');
});

test(`[limit MAX_PART_HEADER_BYTES] a part has up to ${MAX_PART_HEADER_BYTES} bytes of headers`, () => {
  const start = 'content-disposition: form-data; name="a"\r\nx: ';
  const call = (size: number) => multipartCall(partOf(start.padEnd(size, 'x'), '1'));
  holds(MAX_PART_HEADER_BYTES, call, 'body');
  problemIn(multipartCall(partOf(start.padEnd(MAX_PART_HEADER_BYTES * 100, 'x'), '1')), 'body');
});

test(`[limit MAX_BODY_BYTES] the fields of a multipart body have up to ${MAX_BODY_BYTES} bytes together`, () => {
  const call = (size: number) => multipartCall(namedPart('x'.repeat(size - 10)) + namedPart('x'.repeat(10)));
  holds(MAX_BODY_BYTES, call, 'body');
});

test(`[limit MAX_DEPTH] names and JSON go ${MAX_DEPTH} levels deep`, () => {
  holds(MAX_DEPTH - 1, (size) => readCall({ query: `a${'[0]'.repeat(size)}=1` }), 'a');
  const nested = (size: number): string => `${'['.repeat(size)}${']'.repeat(size)}`;
  assert.equal(parseStrictJson(nested(MAX_DEPTH)).ok, true);
  assert.equal(parseStrictJson(nested(MAX_DEPTH + 1)).ok, false);
});

test(`[limit MAX_METADATA] metadata has up to ${MAX_METADATA} characters, of a control call and of a message`, () => {
  holds(MAX_METADATA, (size) => readMetadata(jsonCall({ metadata: wide(size) })), 'metadata');
  holds(MAX_METADATA, (size) => sends({ text: 'a', metadata: wide(size) }), 'message[metadata]');
});

test(`[limit MAX_TEXT] a message has up to ${MAX_TEXT} characters`, () =>
  holds(MAX_TEXT, (size) => sends({ text: wide(size) }), 'message[text]'));

test(`[limit MAX_QUICK_REPLIES] a message has up to ${MAX_QUICK_REPLIES} quick replies`, () => {
  const reply = { content_type: 'text', title: 'a', payload: 'a' };
  const call = (size: number) => sends({ text: 'a', quick_replies: times(size, reply) });
  holds(MAX_QUICK_REPLIES, call, 'message[quick_replies]');
});

test(`[limit MAX_BUTTON_TITLE] a quick reply and a button have titles of up to ${MAX_BUTTON_TITLE} characters`, () => {
  holds(MAX_BUTTON_TITLE, (size) => sendsReply({ title: wide(size) }), `${firstReply}[title]`);
  const call = (size: number) => sendsButtons([{ ...button, title: wide(size) }]);
  holds(MAX_BUTTON_TITLE, call, `${template}[buttons][0][title]`);
});

test(`[limit MAX_PAYLOAD] a quick reply and a button have payloads of up to ${MAX_PAYLOAD} characters`, () => {
  holds(MAX_PAYLOAD, (size) => sendsReply({ payload: wide(size) }), `${firstReply}[payload]`);
  const call = (size: number) => sendsButtons([{ ...button, payload: wide(size) }]);
  holds(MAX_PAYLOAD, call, `${template}[buttons][0][payload]`);
});

test(`[limit MAX_BUTTONS] a template and an element have up to ${MAX_BUTTONS} buttons`, () => {
  holds(MAX_BUTTONS, (size) => sendsButtons(times(size, button)), `${template}[buttons]`);
  const call = (size: number) => sendsElements([{ title: 'a', buttons: times(size, button) }]);
  holds(MAX_BUTTONS, call, `${template}[elements][0][buttons]`);
});

test(`[limit MAX_BUTTON_TEMPLATE_TEXT] a button template has up to ${MAX_BUTTON_TEMPLATE_TEXT} characters`, () =>
  holds(MAX_BUTTON_TEMPLATE_TEXT, (size) => sendsButtons([button], wide(size)), `${template}[text]`));

test(`[limit MAX_ELEMENTS] a generic template has up to ${MAX_ELEMENTS} elements`, () => {
  const call = (size: number) => sendsElements(times(size, { title: 'a', subtitle: 'a' }));
  holds(MAX_ELEMENTS, call, `${template}[elements]`);
});

test(`[limit MAX_ELEMENT_TEXT] title and subtitle of an element have up to ${MAX_ELEMENT_TEXT} characters`, () => {
  const element = { title: 'a', subtitle: 'a' };
  for (const key of ['title', 'subtitle']) {
    const call = (size: number) => sendsElements([{ ...element, [key]: wide(size) }]);
    holds(MAX_ELEMENT_TEXT, call, `${template}[elements][0][${key}]`);
  }
});

const longUrl = 'https://a.example/'.padEnd(MAX_URL, 'x');
const web = {
  type: 'web_url',
  url: longUrl,
  fallback_url: longUrl,
  webview_height_ratio: 'compact',
  messenger_extensions: 'false',
};
/** A generic template with as much of everything as its parts may have. */
const full = (imageUrls: readonly string[]): JsonObject => ({
  template_type: 'generic',
  sharable: 'false',
  image_aspect_ratio: 'horizontal',
  elements: imageUrls.map((url) => ({
    title: wide(MAX_ELEMENT_TEXT),
    subtitle: wide(MAX_ELEMENT_TEXT),
    image_url: url,
    default_action: web,
    buttons: times(MAX_BUTTONS, { ...web, title: wide(MAX_BUTTON_TITLE) }),
  })),
});
const bytesOf = (json: Json): number => Buffer.byteLength(JSON.stringify(json));

test(`[limit MAX_TEMPLATE_BYTES] a template has up to ${MAX_TEMPLATE_BYTES} bytes of JSON, and the largest fits`, (t) => {
  const plain = full(times(MAX_ELEMENTS, longUrl));
  t.diagnostic(`the largest generic template has ${bytesOf(plain)} bytes`);
  assert.ok(sendsTemplate(plain).ok);
  const ofSize = (size: number): JsonObject => {
    let missing = size - bytesOf(plain);
    const urls = Array.from({ length: MAX_ELEMENTS }, () => {
      const wider = Math.min(missing, MAX_URL - 100);
      missing -= wider;
      return longUrl.slice(0, MAX_URL - wider) + 'ü'.repeat(wider);
    });
    return full(urls);
  };
  assert.equal(bytesOf(ofSize(MAX_TEMPLATE_BYTES)), MAX_TEMPLATE_BYTES);
  holds(MAX_TEMPLATE_BYTES, (size) => sendsTemplate(ofSize(size)), template);
});

test(`[limit MAX_URL] an address has up to ${MAX_URL} characters`, () => {
  const call = (size: number) =>
    sends({ attachment: { type: 'image', payload: { url: 'https://a.example/'.padEnd(size, 'x') } } });
  holds(MAX_URL, call, `${template}[url]`);
});

test(`[limit MAX_IDEMPOTENCY_KEY] a key has up to ${MAX_IDEMPOTENCY_KEY} characters`, () =>
  holds(MAX_IDEMPOTENCY_KEY, (size) => readIdempotencyKey('x'.repeat(size)), 'Idempotency-Key'));

test(`[limit MAX_EXTENSION_SECONDS] [C10] control is extended by up to ${MAX_EXTENSION_SECONDS} seconds`, () =>
  holds(MAX_EXTENSION_SECONDS, (duration) => readDurationMs(jsonCall({ duration })), 'duration'));

test(`[limit MAX_FILL] of what callers sent, a message repeats up to ${MAX_FILL} characters`, () => {
  const repeated = (size: number): number =>
    graphError('invalid_parameter', { problem: 'x'.repeat(size) }).message.length;
  assert.equal(repeated(MAX_FILL), MAX_FILL);
  assert.equal(repeated(MAX_FILL + 1), MAX_FILL);
});

test(`[limit MAX_ID_DIGITS] an id has up to ${MAX_ID_DIGITS} digits, of whatever it is`, () => {
  const call = (size: number) => readRecipient(jsonCall({ recipient: { id: '1'.repeat(size) } }));
  holds(MAX_ID_DIGITS, call, 'recipient[id]');
  const named = (size: number) => jsonCall({ target_app_id: '1'.repeat(size) });
  const target = (size: number) => readAppId(named(size), 'target_app_id', { required: true });
  holds(MAX_ID_DIGITS, target, 'target_app_id');
  const persona = (size: number) => {
    const body = { recipient: { id: '5001' }, message: { text: 'a' }, persona_id: '1'.repeat(size) };
    return parseSend(jsonCall(body), CALLER, MID);
  };
  holds(MAX_ID_DIGITS, persona, 'persona_id');
});
