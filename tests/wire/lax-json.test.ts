import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/protocol/message.ts';
import { parseLaxJson, parseStrictJson } from '../../src/wire/lax-json.ts';
import { MAX_DEPTH } from '../../src/wire/limits.ts';

const VECTORS: readonly (readonly [string, Json])[] = [
  ['{id:123}', { id: 123 }],
  ['{id:PSID}', { id: 'PSID' }],
  ["{'id':'PSID'}", { id: 'PSID' }],
  ["{'text':'hi'}", { text: 'hi' }],
  ["['messages', 'messaging_postbacks']", ['messages', 'messaging_postbacks']],
  ['[messages,standby]', ['messages', 'standby']],
  ['{"id":"P",text:\'it"s\'}', { id: 'P', text: 'it"s' }],
  ["{text:'it\\'s'}", { text: "it's" }],
  ["{text:It's fine}", { text: "It's fine" }],
  ["{'text':'a\\u00e4\\n\\t\\\\\\/b'}", { text: 'aä\n\t\\/b' }],
  ["{'text':'two\nlines'}", { text: 'two\nlines' }],
  ['{url:https://example.org/a?b=c}', { url: 'https://example.org/a?b=c' }],
  [' { a : [ ] , b : { } } ', { a: [], b: {} }],
  ['{a:true,b:false,c:null,d:-1.5e1}', { a: true, b: false, c: null, d: -15 }],
  ['{id:007}', { id: '007' }],
  ['{id:12345678901234567890}', { id: '12345678901234567890' }],
  ['{"id":12345678901234567890}', { id: '12345678901234567890' }],
  ['[-12345678901234567890]', ['-12345678901234567890']],
  ['{"id":9007199254740991}', { id: 9007199254740991 }],
  ['{"id":9007199254740993}', { id: '9007199254740993' }],
  ['9007199254740993', '9007199254740993'],
  ['{"id":"9007199254740993"}', { id: '9007199254740993' }],
  ['[1.12345678901234567]', [1.1234567890123457]],
  ['"text"', 'text'],
];

for (const [text, value] of VECTORS) {
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(parseLaxJson(text), { ok: true, value }));
}

const BROKEN: readonly (readonly [string, string])[] = [
  ['', 'expected { or [ at position 0'],
  ['PSID', 'expected { or [ at position 0'],
  ['{id', 'expected a colon at position 3'],
  ['{id:', 'expected a value at position 4'],
  ['{id:}', 'expected a value at position 4'],
  ['{:1}', 'expected a name at position 1'],
  ['{id:1', 'expected a comma or } at position 5'],
  ['{id:1]', 'expected a comma or } at position 5'],
  ['[1,]', 'expected a value at position 3'],
  ["['a", 'expected a closed quotation at position 1'],
  ["['a\\", 'expected a closed quotation at position 1'],
  ["['\\u12']", 'expected a closed quotation at position 1'],
  ['{a:1}}', 'expected the end at position 5'],
];

for (const [text, reason] of BROKEN) {
  test(`${JSON.stringify(text)} is refused with the place`, () =>
    assert.deepEqual(parseLaxJson(text), { ok: false, reason }));
}

test('strict parsing refuses lax forms, and quotes nothing of the text', () => {
  for (const text of [
    '{id:1}',
    "{'access_token':'SECRET'}",
    '{"access_token":"SECRET"',
    '{"a":"SECRET" "b"}',
  ]) {
    const parsed = parseStrictJson(text);
    assert.ok(!parsed.ok && !parsed.reason.includes('SECRET'), text);
  }
});

test('__proto__ is a name like any other', () => {
  for (const text of ['{"__proto__":{"isAdmin":true}}', '{__proto__:{isAdmin:true}}']) {
    const parsed = parseLaxJson(text);
    assert.ok(parsed.ok && typeof parsed.value === 'object' && parsed.value !== null);
    assert.equal(Object.getPrototypeOf(parsed.value), Object.prototype);
    assert.deepEqual(Object.keys(parsed.value), ['__proto__']);
  }
  assert.equal('isAdmin' in {}, false);
});

test(`${MAX_DEPTH} levels are read and one more is not, strict or lax`, () => {
  const nested = (depth: number, leaf: string) => '['.repeat(depth) + leaf + ']'.repeat(depth);
  for (const leaf of ['1', 'word']) {
    assert.equal(parseLaxJson(nested(MAX_DEPTH, leaf)).ok, true);
    const deeper = parseLaxJson(nested(MAX_DEPTH + 1, leaf));
    assert.ok(!deeper.ok && /32 levels/.test(deeper.reason), leaf);
  }
});

test('a million brackets break nothing', () => {
  for (const text of ['['.repeat(1e6), '{a:'.repeat(3e5), `${'['.repeat(5e5)}${']'.repeat(5e5)}`]) {
    assert.equal(parseLaxJson(text).ok, false);
  }
});

test('long texts are read in one go: with its square this would not end within the test', () => {
  for (const piece of ["'a\\n", '{a:b,', '[1 ', 'a:', '\\u00e4', '   ']) {
    assert.equal(parseLaxJson(`{k:${piece.repeat(200_000)}`).ok, false, piece);
    assert.equal(parseLaxJson(`{k:'${piece.repeat(200_000)}`).ok, false, piece);
  }
});

/** JSON whose integers a double can hold, as a text gives it: -0 is not in it. */
const exactJson = fc
  .jsonValue()
  .filter((value) => !/\d{16}|e\+/.test(JSON.stringify(value)))
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

test('strict JSON comes back as it went', () => {
  fc.assert(
    fc.property(exactJson, (value) => {
      assert.deepEqual(parseLaxJson(JSON.stringify(value)), { ok: true, value });
    }),
  );
});

test('no text makes it throw', () => {
  const soup = fc.string({ unit: fc.constantFrom(...'{}[]:,\'"\\ua1 \n-.e'), maxLength: 60 });
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
      assert.equal(typeof parseLaxJson(text).ok, 'boolean');
    }),
    { numRuns: 2_000 },
  );
});

test('what JSON says in single quotes means the same', () => {
  const texts = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
  const quote = (text: string): string =>
    `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  fc.assert(
    fc.property(texts, (object) => {
      const members = Object.entries(object).map(([name, text]) => `${quote(name)}:${quote(text)}`);
      const parsed = parseLaxJson(`{${members.join(', ')}}`);
      assert.deepEqual(parsed, { ok: true, value: Object.fromEntries(Object.entries(object)) });
    }),
  );
});
