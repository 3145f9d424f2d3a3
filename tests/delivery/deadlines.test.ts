import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeadlines } from '../../src/delivery/deadlines.ts';

const LENGTH_MS = 20;

/** Keeps the process alive: deadlines alone do not. */
function alive() {
  const timer = setInterval(() => undefined, 1_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

test('[W7] waits end in the order in which they began, those that are cleared never', async () => {
  using _ = alive();
  const passed: string[] = [];
  const deadlines = createDeadlines(LENGTH_MS);
  deadlines.begin(() => passed.push('first'));
  const cleared = deadlines.begin(() => passed.push('cleared'));
  const last = Promise.withResolvers<void>();
  deadlines.begin(() => {
    passed.push('last');
    last.resolve();
  });
  cleared.clear();
  await last.promise;
  assert.deepEqual(passed, ['first', 'last']);
});

test('[W7] a wait that begins after the first one has been cleared, or has passed, ends too', async () => {
  using _ = alive();
  const deadlines = createDeadlines(LENGTH_MS);
  deadlines.begin(() => assert.fail('was cleared')).clear();
  for (let round = 0; round < 3; round++) {
    await new Promise<void>((resolve) => deadlines.begin(resolve));
    await new Promise<void>((resolve) => {
      deadlines.begin(() => deadlines.begin(resolve));
    });
  }
});
