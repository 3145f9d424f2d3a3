import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/protocol/message.ts';
import { parseBatch } from '../../src/wire/batch.ts';
import { fillReferences } from '../../src/wire/batch-references.ts';
import { MAX_BATCH_ITEMS, MAX_BODY_BYTES, MAX_REFERENCES } from '../../src/wire/limits.ts';
import { readParameters } from '../../src/wire/parameters.ts';

function parse(batch: unknown, more: object = {}) {
  const body = Buffer.from(JSON.stringify({ batch, ...more }));
  const parameters = readParameters({ method: 'POST', query: '', contentType: 'application/json', body });
  assert.ok(parameters.ok);
  return parseBatch(parameters.parameters);
}

const ITEM = { method: 'GET', relative_url: 'me' };

test('[limit MAX_BATCH_ITEMS] a batch has as many items as it may have, and not one more', () => {
  const full = parse(Array.from({ length: MAX_BATCH_ITEMS }, () => ITEM));
  assert.equal(full.ok && full.value.items.length, MAX_BATCH_ITEMS);
  for (const length of [0, MAX_BATCH_ITEMS + 1]) {
    const read = parse(Array.from({ length }, () => ITEM));
    assert.match(read.ok ? '' : read.problem.message, /^batch must have 1 to \d+ items$/);
  }
});

test('a batch that is no list is a problem of the batch; a bad item is one of its own', () => {
  for (const batch of ['x', {}, 5, '{"a":1}']) assert.equal(parse(batch).ok, false);
  const read = parse([
    ITEM,
    null,
    5,
    {},
    { ...ITEM, method: 7 },
    { ...ITEM, body: 7 },
    { ...ITEM, name: {} },
  ]);
  assert.ok(read.ok);
  const found = read.value.items.map((item) => (item === null ? null : item.ok || item.problem.parameter));
  const wrong = [
    'batch[2]',
    'batch[3][relative_url]',
    'batch[4][method]',
    'batch[5][body]',
    'batch[6][name]',
  ];
  assert.deepEqual(found, [true, null, ...wrong]);
});

test('an item is read however it is written', () => {
  const read = parse(
    JSON.stringify([
      { method: ' post ', relative_url: '//v6.0/me/messages?a=b', body: { a: 1 }, depends_on: 'x, y' },
      { relative_url: 'https://graph.example.org/me?ids={result=z:$.id}', omit_response_on_success: 'false' },
    ]),
    { include_headers: 'false' },
  );
  assert.ok(read.ok);
  assert.equal(read.value.includesHeaders, false);
  const items = read.value.items.map((item) => (item?.ok ? item.value : null));
  const { method, url, body, dependsOn } = items[0] ?? {};
  assert.deepEqual([method, url, body, dependsOn], ['POST', 'v6.0/me/messages?a=b', '{"a":1}', ['x', 'y']]);
  assert.deepEqual([items[1]?.method, items[1]?.dependsOn, items[1]?.omitsSuccess], ['GET', ['z'], false]);
});

const ANSWERS = new Map<string, Json>([
  ['made', { id: '77', name: 'A "quoted", {b:1}&x=y', data: [{ id: 1 }, { id: 2 }], flags: { a: true } }],
]);
const filledIn = (url: string, body = '') => fillReferences({ url, body }, ANSWERS);

const REFERENCES: readonly (readonly [string, string])[] = [
  ['{result=made:$.id}/messages', '77/messages'],
  ['me?ids={result=made:$.data.*.id}', 'me?ids=1%2C2'],
  ['me?ids={result=made:$.data[*].id}&b', 'me?ids=1%2C2&b='],
  ['me?id={result=made:$.data[1].id}', 'me?id=2'],
  [`me?id={result=made:$['id']}`, 'me?id=77'],
  ['me?flag=%7Bresult%3Dmade%3A%24.flags.a%7D', 'me?flag=true'],
  ['me?text={result=made:$.name}', `me?text=${encodeURIComponent('A "quoted", {b:1}&x=y')}`],
];
for (const [url, expected] of REFERENCES) {
  test(`the reference ${url} becomes what it refers to`, () => {
    assert.deepEqual(filledIn(url), { ok: true, value: { url: expected, body: '' } });
  });
}

test('what is referred to stays inside the text of the JSON in which it stands', () => {
  const message = encodeURIComponent('{"text":"for {result=made:$.name}"}');
  const filled = filledIn('me/messages', `message=${message}`);
  assert.ok(filled.ok);
  const text = new URLSearchParams(filled.value.body).get('message') ?? '';
  assert.deepEqual(JSON.parse(text), { text: 'for A "quoted", {b:1}&x=y' });
  assert.deepEqual([...new URLSearchParams(filled.value.body).keys()], ['message']);
  const json = filledIn('me/messages', '{"message":{"text":"{result=made:$.name}"}}');
  assert.deepEqual(JSON.parse(json.ok ? json.value.body : ''), {
    message: { text: 'A "quoted", {b:1}&x=y' },
  });
});

test('outside quotes only what means nothing there can be put in', () => {
  const good = filledIn('me/messages', 'recipient={id:{result=made:$.id}}');
  assert.equal(good.ok && new URLSearchParams(good.value.body).get('recipient'), '{id:77}');
  assert.equal(filledIn('me/messages', 'message={text:{result=made:$.name}}').ok, false);
});

test('a reference to nothing, to an object or by an unknown path is a problem', () => {
  for (const path of ['$.gone', '$', '$.data', '$.flags', '$..id', '$.data[?(@.id)]', '$.data[9].id']) {
    assert.equal(filledIn(`me?id={result=made:${path}}`).ok, false, path);
  }
  assert.equal(filledIn('me?id={result=other:$.id}').ok, false);
});

test('[limit MAX_REFERENCES] an item has as many references as it may have, and not one more', () => {
  const url = (count: number): string => `me?a=${'{result=made:$.id}'.repeat(count)}`;
  assert.equal(filledIn(url(MAX_REFERENCES)).ok, true);
  assert.equal(filledIn(url(MAX_REFERENCES + 1)).ok, false);
});

test('references cannot make a call larger than a call may be', () => {
  const answers = new Map([['big', { text: 'x'.repeat(MAX_BODY_BYTES / 2) }]]);
  const refer = (count: number) =>
    fillReferences({ url: 'me', body: `a=${'{result=big:$.text}'.repeat(count)}` }, answers);
  assert.equal(refer(2).ok, true);
  assert.equal(refer(3).ok, false);
});
