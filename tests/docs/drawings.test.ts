import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  drawCommands,
  drawLimits,
  drawMetrics,
  drawnCommands,
  drawnLimits,
  drawnMetrics,
  drawnPermissions,
  drawPermissions,
} from '../../docs/draw.ts';

test('the permission table of the manual is the one of the code (npm run draw)', () => {
  assert.equal(drawnPermissions(), drawPermissions());
});

test('the metrics of the manual are those of the code (npm run draw)', () => {
  assert.equal(drawnMetrics(), drawMetrics());
});

test('the limits of the manual are those of the code, and each says what it is of (npm run draw)', () => {
  assert.equal(drawnLimits(), drawLimits());
  const rows = drawLimits().split('\n').slice(9, -1);
  assert.ok(rows.length > 30, `only ${rows.length} limits found: the reader is broken`);
  assert.deepEqual(
    rows.filter((row) => row.split(' | ')[2] === ''),
    [],
  );
});

test('the metrics of the manual are those of the code (npm run draw)', () => {
  assert.equal(drawnMetrics(), drawMetrics());
});

test('the commands of the manual are those that help prints (npm run draw)', () => {
  assert.equal(drawnCommands(), drawCommands());
});
