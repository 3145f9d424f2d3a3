/** What of a node is asked for, and which part of a list. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/protocol/message.ts';
import { MAX_FIELD_DEPTH, MAX_FIELDS, MAX_PAGE_ITEMS } from '../../src/wire/limits.ts';
import { readPart, renderList } from '../../src/wire/paging.ts';
import { readSelection, type Selection, select } from '../../src/wire/selection.ts';
import { jsonCall, parametersOf, problemIn } from './calls.ts';

const asked = (fields: string) =>
  readSelection(parametersOf({ query: new URLSearchParams({ fields }).toString() }));

/** A selection as plain values: null for a field without braces. */
function plain(selection: Selection | null): Json {
  if (selection === null) return null;
  return Object.fromEntries([...selection].map(([name, { inner }]) => [name, plain(inner)]));
}

function fields(text: string): Json {
  const read = asked(text);
  assert.ok(read.ok, read.ok ? '' : read.problem.message);
  return plain(read.value);
}

test('fields with commas, blanks, braces and modifiers', () => {
  assert.deepEqual(fields('id'), { id: null });
  assert.deepEqual(fields('first_name, last_name'), { first_name: null, last_name: null });
  assert.deepEqual(fields('["first_name","last_name"]'), { first_name: null, last_name: null });
  assert.deepEqual(fields("['id', 'messages{id}']"), { id: null, messages: { id: null } });
  const nested = { id: null, messages: { id: null, from: { name: null } }, participants: null };
  assert.deepEqual(fields('id,messages{id,from{name}},participants'), nested);
  assert.deepEqual(fields(' id , messages.limit(5).order(x) { id, from { name } } , participants,'), nested);
  assert.deepEqual(fields(''), {});
});

test('fields as a JSON list, repeated, or not at all', () => {
  const list = readSelection(jsonCall({ fields: ['id', 'messages{id}'] }));
  assert.ok(list.ok);
  assert.deepEqual(plain(list.value), { id: null, messages: { id: null } });
  const twice = readSelection(parametersOf({ query: 'fields=id&fields=name' }));
  assert.ok(twice.ok);
  assert.deepEqual(plain(twice.value), { id: null, name: null });
  assert.deepEqual(readSelection(parametersOf({ query: '' })), { ok: true, value: null });
});

test('a limit stands with its field', () => {
  const read = asked('messages.limit(5){id}');
  assert.ok(read.ok);
  assert.equal(read.value?.get('messages')?.limit, 5);
});

test('fields that are broken are refused', () => {
  for (const text of [
    'a{',
    'a}',
    '{a}',
    'a{b',
    'a{b}}',
    'a{{b}}',
    '1',
    'a;b',
    'a.limit(',
    '.limit(5)',
    'a"b"',
  ]) {
    problemIn(asked(text), 'fields');
  }
  problemIn(readSelection(jsonCall({ fields: 5 })), 'fields');
  problemIn(readSelection(jsonCall({ fields: ['id', 5] })), 'fields[1]');
});

test('[limit MAX_FIELDS] [limit MAX_FIELD_DEPTH] how much can be asked for', () => {
  const many = (count: number): string => Array.from({ length: count }, (_, index) => `f${index}`).join(',');
  assert.ok(asked(many(MAX_FIELDS)).ok);
  problemIn(asked(many(MAX_FIELDS + 1)), 'fields');
  const deep = (levels: number): string => `${'a{'.repeat(levels)}b${'}'.repeat(levels)}`;
  assert.ok(asked(deep(MAX_FIELD_DEPTH)).ok);
  problemIn(asked(deep(MAX_FIELD_DEPTH + 1)), 'fields');
});

test('what is selected of a node', () => {
  const node = { id: '1', name: 'a', to: { data: [{ id: '2', name: 'b' }] }, from: { id: '3', name: 'c' } };
  const of = (text: string): Json => {
    const read = asked(text);
    assert.ok(read.ok);
    return select(node, read.value, []);
  };
  assert.deepEqual(of('name'), { id: '1', name: 'a' });
  assert.deepEqual(of('to{id},from{name}'), {
    id: '1',
    to: { data: [{ id: '2' }] },
    from: { id: '3', name: 'c' },
  });
  assert.deepEqual(of('nothing'), { id: '1' });
  assert.deepEqual(select(node, null, ['name']), { id: '1', name: 'a' });
});

const part = (query: string) => readPart(parametersOf({ query }));

test('[limit MAX_PAGE_ITEMS] a part has 1 to 100 items, and 25 when nothing is said', () => {
  const limit = (query: string): number => {
    const read = part(query);
    assert.ok(read.ok);
    return read.value.limit;
  };
  assert.equal(limit(''), 25);
  assert.equal(limit('limit=1'), 1);
  assert.equal(limit(`limit=${MAX_PAGE_ITEMS}`), MAX_PAGE_ITEMS);
  assert.equal(limit(`limit=${MAX_PAGE_ITEMS + 1}`), MAX_PAGE_ITEMS, 'more than that is brought down');
  for (const bad of ['0', '-1', 'x', '', '1.5']) problemIn(part(`limit=${bad}`), 'limit');
});

test('paging leads through a list and ends', () => {
  const all = ['1', '2', '3', '4', '5'];
  const seen: string[] = [];
  let query = 'limit=2';
  for (let rounds = 0; ; rounds += 1) {
    assert.ok(rounds < 5, 'it does not end');
    const read = part(query);
    assert.ok(read.ok);
    const { after, limit } = read.value;
    const rest = all.filter((each) => after === null || each > after).slice(0, limit + 1);
    const shown = renderList(rest, {
      limit,
      place: (id) => id,
      render: (id) => ({ id }),
      url: 'http://b/1/x',
    });
    seen.push(...(shown['data'] as readonly { id: string }[]).map(({ id }) => id));
    const paging = shown['paging'] as { cursors: { after: string }; next: string } | undefined;
    if (paging === undefined) break;
    assert.equal(new URL(paging.next).searchParams.get('after'), paging.cursors.after);
    query = `limit=2&after=${paging.cursors.after}`;
  }
  assert.deepEqual(seen, all);
  assert.deepEqual(renderList([], { limit: 2, place: String, render: () => ({}), url: '' }), { data: [] });
});

test('what is no cursor is refused', () => {
  for (const bad of ['x', '!!', 'abcdef']) problemIn(part(`after=${bad}`), 'after');
  problemIn(readPart(jsonCall({ after: 5 })), 'after');
});
