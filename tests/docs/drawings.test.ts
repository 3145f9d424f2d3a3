import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnPermissions, drawPermissions } from '../../docs/draw.ts';

test('the permission table of the manual is the one of the code (npm run draw)', () => {
  assert.equal(drawnPermissions(), drawPermissions());
});
