import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCounter, createHistogram, MAX_LABEL_VALUES, OTHER } from '../../src/observe/meters.ts';

test('a histogram counts each value in its bucket and in all above it', () => {
  const histogram = createHistogram([1, 10]);
  for (const value of [0.5, 1, 5, 100]) histogram.observe(value);
  assert.deepEqual(
    histogram.samples().map(({ labels, value, line }) => [line, labels['le'], value]),
    [
      ['bucket', '1', 2],
      ['bucket', '10', 3],
      ['bucket', '+Inf', 4],
      ['sum', undefined, 106.5],
      ['count', undefined, 4],
    ],
  );
});

test(`[limit MAX_LABEL_VALUES] a label has ${MAX_LABEL_VALUES} values, further ones are counted together`, () => {
  for (const turned of [false, true]) {
    const counter = createCounter(['app', 'outcome']);
    const add = (one: string, other: string): void =>
      turned ? counter.add(other, one) : counter.add(one, other);
    for (let app = 1; app <= MAX_LABEL_VALUES + 2; app++) add(String(app), 'ok');
    add('1', 'ok');
    const samples = counter.samples();
    const name = turned ? 'outcome' : 'app';
    assert.equal(samples.length, MAX_LABEL_VALUES + 1);
    assert.equal(samples.find(({ labels }) => labels[name] === '1')?.value, 2);
    assert.equal(samples.find(({ labels }) => labels[name] === OTHER)?.value, 2);
  }
});
