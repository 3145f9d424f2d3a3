import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/protocol/message.ts';
import { MAX_DEPTH, MAX_PAIRS, MAX_PARAMETERS } from '../../src/wire/limits.ts';
import { bearerToken } from '../../src/wire/parameters.ts';
import {
  type Call,
  FORM_TYPE,
  formCall,
  JSON_TYPE,
  jsonCall,
  parametersOf,
  problemIn,
  readCall,
} from './calls.ts';

/** Everything a call says, structured. */
function structureOf(call: Call): Record<string, Json | undefined> {
  const parameters = parametersOf(call);
  const entries = parameters.names().map((name) => {
    const read = parameters.structured(name);
    assert.ok(read.ok, name);
    return [name, read.value] as const;
  });
  return Object.fromEntries(entries);
}

const BOUNDARY = '----b0undary';
const MULTIPART_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A multipart body of text fields, and files given as [file name, type, content]. */
function multipart(fields: Readonly<Record<string, string | readonly [string, string, string]>>): string {
  const parts = Object.entries(fields).map(([name, field]) => {
    if (typeof field === 'string') {
      return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${field}\r\n`;
    }
    const [filename, type, content] = field;
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;
  });
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}

const menu = [{ locale: 'default', call_to_actions: [{ type: 'postback', title: 'Help' }] }];

/** The forms of CLIENTS section 3. */
const FORMS: readonly (readonly [string, Call, Record<string, Json>])[] = [
  [
    'JSON body, token in the query (messaging-apis)',
    {
      query: 'access_token=T&appsecret_proof=H',
      contentType: JSON_TYPE,
      body: '{"recipient":{"id":"P"},"target_app_id":2000000000000002,"metadata":"m"}',
    },
    {
      access_token: 'T',
      appsecret_proof: 'H',
      recipient: { id: 'P' },
      target_app_id: 2000000000000002,
      metadata: 'm',
    },
  ],
  [
    'numeric recipient (kerox)',
    { contentType: 'application/json; charset=utf-8', body: '{"recipient":{"id":3000000000000001}}' },
    { recipient: { id: 3000000000000001 } },
  ],
  [
    'token and proof in the JSON body (botkit 0.7)',
    { contentType: JSON_TYPE, body: '{"message":{"text":"hi"},"access_token":"T","appsecret_proof":"H"}' },
    { message: { text: 'hi' }, access_token: 'T', appsecret_proof: 'H' },
  ],
  [
    'form with a percent-encoded JSON recipient (Python SDK, fb)',
    { contentType: FORM_TYPE, body: 'recipient=%7B%22id%22%3A%22P%22%7D&target_app_id=A&metadata=a+b%26c' },
    { recipient: { id: 'P' }, target_app_id: 'A', metadata: 'a b&c' },
  ],
  [
    'form with everything in it (koala)',
    {
      contentType: FORM_TYPE,
      body: 'access_token=T&appsecret_proof=H&metadata=m&recipient={"id":"P"}&target_app_id=A',
    },
    { access_token: 'T', appsecret_proof: 'H', metadata: 'm', recipient: { id: 'P' }, target_app_id: 'A' },
  ],
  [
    'unquoted JSON in the query, no body (Meta’s docs)',
    { query: 'recipient={id:P}&target_app_id=A&metadata=m&access_token=T' },
    { recipient: { id: 'P' }, target_app_id: 'A', metadata: 'm', access_token: 'T' },
  ],
  [
    'a message in the query (Meta’s Node and Python samples)',
    { query: 'recipient={"id":"P"}&messaging_type=RESPONSE&message={"text":"Hello!"}&access_token=T' },
    {
      recipient: { id: 'P' },
      messaging_type: 'RESPONSE',
      message: { text: 'Hello!' },
      access_token: 'T',
    },
  ],
  [
    'fields as a JSON list in the body (Ruby gem)',
    { contentType: JSON_TYPE, body: '{"access_token":"T","subscribed_fields":["messages","standby"]}' },
    { access_token: 'T', subscribed_fields: ['messages', 'standby'] },
  ],
  [
    'fields in single quotes, form type without a body (tiledesk)',
    {
      query: 'access_token=T&subscribed_fields=[%27messages%27,%20%27messaging_postbacks%27]',
      contentType: FORM_TYPE,
    },
    { access_token: 'T', subscribed_fields: ['messages', 'messaging_postbacks'] },
  ],
  [
    'app token and fields in the query, JSON type without a body (original-coast-clothing)',
    {
      query:
        'access_token=APP%7CSECRET&object=page&fields=messages%2C+messaging_postbacks&include_values=true',
      contentType: JSON_TYPE,
    },
    {
      access_token: 'APP|SECRET',
      object: 'page',
      fields: 'messages, messaging_postbacks',
      include_values: 'true',
    },
  ],
  [
    'brackets in a form (botkit 0.7)',
    {
      contentType: FORM_TYPE,
      body: 'persistent_menu[0][locale]=default&persistent_menu[0][call_to_actions][0][type]=postback&persistent_menu[0][call_to_actions][0][title]=Help',
    },
    { persistent_menu: menu },
  ],
  [
    'brackets in the form of a DELETE (botkit 0.7)',
    { method: 'DELETE', contentType: FORM_TYPE, body: 'fields[0]=persistent_menu' },
    { fields: ['persistent_menu'] },
  ],
  [
    'encoded brackets in the query of a DELETE (botly)',
    { method: 'DELETE', query: 'fields%5B0%5D=persistent_menu&access_token=T' },
    { fields: ['persistent_menu'], access_token: 'T' },
  ],
  [
    'fields in the JSON body of a DELETE (eleven clients)',
    { method: 'DELETE', contentType: JSON_TYPE, body: '{"fields":["get_started"]}' },
    { fields: ['get_started'] },
  ],
  [
    'another method in a form (koala)',
    { contentType: FORM_TYPE, body: 'fields=["get_started"]&method=delete' },
    { fields: ['get_started'], method: 'delete' },
  ],
  [
    'an empty JSON object on a GET (Meta’s Node SDK)',
    { method: 'GET', query: 'recipient=1&fields=thread_owner', contentType: JSON_TYPE, body: '{}' },
    { recipient: '1', fields: 'thread_owner' },
  ],
  [
    'true as the body of a GET (tiledesk)',
    { method: 'GET', query: 'recipient=1', contentType: JSON_TYPE, body: 'true' },
    { recipient: '1' },
  ],
  [
    'an encoded JSON list in the query (fb)',
    { method: 'GET', query: 'fields=%5B%22id%22%2C%22name%22%5D&' },
    { fields: ['id', 'name'] },
  ],
  [
    'JSON as text within JSON (sociably)',
    { contentType: JSON_TYPE, body: '{"batch":"[{\\"method\\":\\"POST\\"}]","access_token":"T"}' },
    { batch: [{ method: 'POST' }], access_token: 'T' },
  ],
  [
    'multipart with text fields (sociably)',
    {
      contentType: MULTIPART_TYPE,
      body: multipart({ batch: '[{"method":"POST"}]', access_token: 'T', 'a[0]': 'ü' }),
    },
    { batch: [{ method: 'POST' }], access_token: 'T', a: ['ü'] },
  ],
  ['JSON without a content type', { body: ' {"recipient":{"id":"P"}}' }, { recipient: { id: 'P' } }],
  ['a form without a content type', { body: 'metadata=m' }, { metadata: 'm' }],
  ['a form under an unknown content type', { contentType: 'text/plain', body: 'a=b' }, { a: 'b' }],
  ['raw UTF-8 in the query, as HTTP hands it on', { query: 'metadata=\u00c3\u00a9' }, { metadata: 'é' }],
  ['a byte order mark', { contentType: JSON_TYPE, body: '\ufeff{"a":1}' }, { a: 1 }],
];

for (const [name, call, expected] of FORMS) {
  test(`${name}`, () => assert.deepEqual(structureOf(call), expected));
}

test('nothing at all is fine under any content type', () => {
  for (const contentType of [undefined, JSON_TYPE, FORM_TYPE, MULTIPART_TYPE, 'text/plain', 'nonsense']) {
    assert.deepEqual(structureOf({ contentType }), {});
  }
});

test('the body wins over the query', () => {
  const call = { query: 'a=query&b=query', contentType: JSON_TYPE, body: '{"a":"body"}' };
  assert.deepEqual(structureOf(call), { a: 'body', b: 'query' });
});

test('an empty access_token hides no other', () => {
  for (const body of ['{"access_token":""}', '{"access_token":null}', '{}']) {
    const parameters = parametersOf({ query: 'access_token=T', contentType: JSON_TYPE, body });
    assert.equal(parameters.text('access_token'), 'T', body);
  }
});

test('a bearer token is read from its header', () => {
  assert.equal(bearerToken('Bearer T|1'), 'T|1');
  assert.equal(bearerToken('bearer  T '), 'T');
  for (const header of [undefined, '', 'Basic T', 'Bearer', 'Bearer a b'])
    assert.equal(bearerToken(header), null);
});

test('text gives the text of scalars, value the value as it came', () => {
  const json = jsonCall({ s: 'x', n: 5, b: true, z: null, o: {} });
  assert.deepEqual(['s', 'n', 'b', 'z', 'o', 'none'].map(json.text), ['x', '5', 'true', null, null, null]);
  assert.deepEqual(['n', 'z', 'none'].map(json.value), [5, null, undefined]);
  assert.deepEqual(['z', 'none'].map(json.has), [true, false]);
  assert.equal(formCall('metadata={"a":1}').value('metadata'), '{"a":1}');
});

test('big integers lose no digit', () => {
  const body = '{"recipient":{"id":12345678901234567890123456789012},"n":9007199254740993}';
  const parameters = parametersOf({ contentType: JSON_TYPE, body });
  assert.deepEqual(parameters.value('recipient'), { id: '12345678901234567890123456789012' });
  assert.equal(parameters.text('n'), '9007199254740993');
});

test('brackets fold as they say, in any order, and a gap makes an object', () => {
  const fold = (body: string): Json | undefined => formCall(body).value('a');
  assert.deepEqual(fold('a[1]=y&a[0]=x'), ['x', 'y']);
  assert.deepEqual(fold('a[]=x&a[]=y'), ['x', 'y']);
  assert.deepEqual(fold('a[1]=x&a[]=y'), { 1: 'x', 2: 'y' });
  assert.deepEqual(fold('a[4000000000]=x'), { 4000000000: 'x' });
  assert.deepEqual(fold('a[b][]=x&a[b][]=y&a[c]=z'), { b: ['x', 'y'], c: 'z' });
  assert.deepEqual(fold('a=1&a[b]=2'), { b: '2' });
  assert.deepEqual(fold('a[b]=2&a=1'), '1');
  assert.deepEqual(fold('a[b]=2&a[b][c]=3'), { b: { c: '3' } });
  assert.deepEqual(formCall('a[0=x&[b]=y&c]=z').names(), ['a[0', '[b]', 'c]']);
});

test('the last of a repeated name counts, and all of them are kept', () => {
  const parameters = formCall('a=x&a=y');
  assert.equal(parameters.text('a'), 'y');
  assert.deepEqual(parameters.texts('a'), ['x', 'y']);
});

test('__proto__ in a name pollutes nothing', () => {
  const parameters = formCall('__proto__[x]=1&a[__proto__][x]=1');
  assert.deepEqual(parameters.names(), ['__proto__', 'a']);
  assert.deepEqual(Object.keys(parameters.value('a') ?? {}), ['__proto__']);
  assert.equal('x' in {}, false);
});

test('the headers of a part need no blank', () => {
  const body = multipart({ f: ['a.png', 'image/png', 'x'] })
    .replaceAll(': ', ':')
    .replaceAll('; ', ';');
  assert.equal(parametersOf({ contentType: MULTIPART_TYPE, body }).files.get('f')?.contentType, 'image/png');
});

test('a name without a value is empty', () => {
  assert.deepEqual(structureOf({ query: 'a&b=1&c=' }), { a: '', b: '1', c: '' });
});

test('files of a multipart body are kept as they are', () => {
  const body = multipart({ message: '{"text":"x"}', filedata: ['a.png', 'image/png', '\u0000\r\n--\u0001'] });
  const { files, names } = parametersOf({ contentType: MULTIPART_TYPE, body });
  assert.deepEqual(names(), ['message']);
  const file = files.get('filedata');
  assert.deepEqual([file?.filename, file?.contentType], ['a.png', 'image/png']);
  assert.deepEqual(file?.bytes, Buffer.from('\u0000\r\n--\u0001'));
});

const BAD_BODIES: readonly (readonly [string, Call, string])[] = [
  ['broken JSON', { contentType: JSON_TYPE, body: '{"recipient":' }, 'body'],
  ['JSON in single quotes', { contentType: JSON_TYPE, body: "{'a':1}" }, 'body'],
  ['broken JSON on a GET', { method: 'GET', contentType: JSON_TYPE, body: '{' }, 'body'],
  ['a JSON list', { contentType: JSON_TYPE, body: '[]' }, 'body'],
  ['JSON true on a POST', { contentType: JSON_TYPE, body: 'true' }, 'body'],
  ['JSON null on a DELETE', { method: 'DELETE', contentType: JSON_TYPE, body: 'null' }, 'body'],
  [
    'JSON that is too deep',
    { contentType: JSON_TYPE, body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` },
    'body',
  ],
  ['a body that is not UTF-8', { contentType: JSON_TYPE, body: Buffer.from([0x7b, 0xff]) }, 'body'],
  ['a query that is not UTF-8', { query: 'a=\u00ff' }, 'query'],
  ['half a percent sign', { query: 'metadata=%4' }, 'metadata'],
  ['percent signs that are not UTF-8', { contentType: FORM_TYPE, body: 'recipient=%ff' }, 'recipient'],
  ['a name that cannot be decoded', { query: '%zz=1' }, '%zz'],
  ['multipart without a boundary', { contentType: 'multipart/form-data', body: 'x' }, 'body'],
  [
    'multipart with an empty boundary',
    { contentType: 'multipart/form-data; boundary=', body: '----\r\n' },
    'body',
  ],
  ['a JSON list under a type in capitals', { contentType: 'Application/JSON', body: '[]' }, 'body'],
  ['multipart cut short', { contentType: MULTIPART_TYPE, body: multipart({ a: 'b' }).slice(0, -6) }, 'body'],
  [
    'multipart without a name',
    { contentType: MULTIPART_TYPE, body: multipart({ a: 'b' }).replace('name', 'x') },
    'body',
  ],
  ['a name with too many brackets', { query: `a${'[0]'.repeat(MAX_DEPTH)}=1` }, 'a'],
  [
    'too many parameters',
    { query: Array.from({ length: MAX_PARAMETERS + 1 }, (_, n) => `p${n}=1`).join('&') },
    'parameters',
  ],
  ['too many pairs', { query: 'a[]=1&'.repeat(MAX_PAIRS + 1) }, 'parameters'],
];

for (const [name, call, parameter] of BAD_BODIES) {
  test(`${name} is a problem of ${parameter}`, () => {
    const { message } = problemIn(readCall(call), parameter);
    if (name === 'broken JSON') assert.match(message, /^The request body is not valid JSON: /);
  });
}

test('the limits themselves are let through', () => {
  const many = Array.from({ length: MAX_PARAMETERS }, (_, n) => `p${n}=1`).join('&');
  assert.equal(readCall({ query: many }).ok, true);
  assert.equal(readCall({ query: 'a[]=1&'.repeat(MAX_PAIRS) }).ok, true);
  assert.equal(readCall({ query: `a${'[0]'.repeat(MAX_DEPTH - 1)}=1` }).ok, true);
});

test('broken JSON within a text is a problem of its parameter', () => {
  problemIn(formCall('recipient={id').structured('recipient'), 'recipient');
  problemIn(jsonCall({ batch: '[{]' }).structured('batch'), 'batch');
});

test('what was percent-encoded comes back', () => {
  const texts = fc.dictionary(fc.stringMatching(/^[^[\]]+$/), fc.string({ unit: 'grapheme' }), {
    maxKeys: 20,
  });
  fc.assert(
    fc.property(texts, (given) => {
      const encoded = new URLSearchParams(given).toString();
      const parameters = formCall(encoded);
      const wanted = Object.entries(given).filter(([name]) => name !== '');
      assert.deepEqual(
        parameters.names().map((name) => [name, parameters.value(name)]),
        wanted,
      );
    }),
  );
});

test('no call makes it throw', () => {
  const types = fc.constantFrom(
    undefined,
    JSON_TYPE,
    FORM_TYPE,
    MULTIPART_TYPE,
    'multipart/form-data; boundary=a',
  );
  const soup = fc.string({
    unit: fc.constantFrom(...'ab[]={}&%+"1-\r\n:;,', `--${BOUNDARY}`),
    maxLength: 60,
  });
  fc.assert(
    fc.property(soup, types, soup, (query, contentType, body) => {
      assert.equal(typeof readCall({ query, contentType, body }).ok, 'boolean');
    }),
    { numRuns: 2_000 },
  );
});
