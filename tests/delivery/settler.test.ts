import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSettler } from '../../src/delivery/settler.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import type { Attempt } from '../../src/store/port.ts';

const attempt = (seq: number): Attempt => ({
  app: '2001' as AppId,
  page: '1001' as PageId,
  psid: '5001' as Psid,
  seq,
  at: 0,
  status: 200,
  error: null,
  durationMs: 1,
});

test('what is answered in one turn of the event loop is settled together, however many promises lie between', async () => {
  const settled: (readonly number[])[] = [];
  const settler = createSettler({
    settle: async (delivered) => void settled.push(delivered.map(({ seq }) => seq)),
    setAside: async () => undefined,
  });
  const flushes: Promise<void>[] = [];
  for (const seq of [1, 2, 3]) {
    settler.add(attempt(seq), 1);
    flushes.push(settler.flush());
    for (let each = 0; each < 10; each++) await Promise.resolve();
  }
  await Promise.all(flushes);
  assert.deepEqual(settled, [[1, 2, 3]]);
});
