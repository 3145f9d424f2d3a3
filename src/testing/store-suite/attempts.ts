/** Attempts and settings. */

import assert from 'node:assert/strict';
import { UNCLAIMED } from '../../store/buckets.ts';
import { type Attempt, MAX_ASIDES_KEPT, MAX_ATTEMPTS_KEPT } from '../../store/port.ts';
import { ODD } from './rows.ts';
import type { Checks } from './subject.ts';
import { ALL, BOT, CUSTOMER, DESK, PAGE, START } from './world.ts';

const attempt = (seq: number, rest: Partial<Attempt> = {}): Attempt => ({
  app: BOT,
  page: PAGE,
  psid: CUSTOMER,
  seq,
  at: START + seq,
  status: 200,
  error: null,
  durationMs: 12,
  ...rest,
});

export function attemptChecks({ check }: Checks): void {
  check('attempts are read back as they were written, latest first', async ({ store }) => {
    const first = attempt(1, { status: null, error: ODD, durationMs: 5_000 });
    const [second, third] = [attempt(2), attempt(3, { status: 500, error: 'status 500', durationMs: 0.25 })];
    await store.settle([], [first, second]);
    await store.settle([], [third]);
    assert.deepEqual(await store.attempts({ app: null, limit: ALL }), [third, second, first]);
    assert.deepEqual(await store.attempts({ app: null, limit: 2 }), [third, second]);
  });

  check('one notice can be tried many times', async ({ store }) => {
    const tries = [attempt(1, { status: 500, error: 'status 500' }), attempt(1, { at: START + 99 })];
    await store.settle([], tries);
    assert.deepEqual(await store.attempts({ app: null, limit: ALL }), tries.toReversed());
  });

  check('attempts of one app leave out those of others, before the limit is counted', async ({ store }) => {
    const tries = [1, 2, 3, 4, 5, 6].map((seq) => attempt(seq, { app: seq % 2 === 0 ? DESK : BOT }));
    await store.settle([], tries);
    const seqs = async (app: typeof BOT | null, limit: number) =>
      (await store.attempts({ app, limit })).map((each) => each.seq);
    assert.deepEqual(await seqs(DESK, ALL), [6, 4, 2]);
    assert.deepEqual(await seqs(BOT, 2), [5, 3]);
    assert.deepEqual(await seqs(null, 3), [6, 5, 4]);
  });

  check(
    `[limit MAX_ATTEMPTS_KEPT] the latest ${MAX_ATTEMPTS_KEPT} attempts are kept, and no more`,
    async ({ store }) => {
      const total = MAX_ATTEMPTS_KEPT + 1_234;
      await store.settle(
        [],
        Array.from({ length: MAX_ATTEMPTS_KEPT }, (_, index) => attempt(index + 1)),
      );
      assert.equal((await store.attempts({ app: null, limit: ALL })).length, MAX_ATTEMPTS_KEPT);
      for (let seq = 1; seq <= total; seq += 617) {
        const length = Math.min(617, total - seq + 1);
        await store.settle(
          [],
          Array.from({ length }, (_, index) => attempt(seq + index)),
        );
      }
      const kept = await store.attempts({ app: null, limit: ALL });
      assert.equal(kept.length, MAX_ATTEMPTS_KEPT);
      assert.equal(kept[0]?.seq, total);
      assert.equal(kept.at(-1)?.seq, total - MAX_ATTEMPTS_KEPT + 1);
    },
  );

  check(
    `[limit MAX_ASIDES_KEPT] the latest ${MAX_ASIDES_KEPT} notices set aside are kept, and no more`,
    async ({ store }) => {
      const seqs = async () => (await store.asides({ app: null, limit: ALL })).map(({ seq }) => seq);
      const aside = (seq: number) => ({
        app: BOT,
        page: PAGE,
        psid: CUSTOMER,
        seq,
        at: START,
        reason: 'failed',
        fence: UNCLAIMED,
      });
      await store.setAside(Array.from({ length: MAX_ASIDES_KEPT }, (_, index) => aside(index + 1)));
      const full = await seqs();
      assert.deepEqual([full.length, full[0], full.at(-1)], [MAX_ASIDES_KEPT, MAX_ASIDES_KEPT, 1]);
      await store.setAside([aside(MAX_ASIDES_KEPT + 1)]);
      const over = await seqs();
      assert.deepEqual([over.length, over[0], over.at(-1)], [MAX_ASIDES_KEPT, MAX_ASIDES_KEPT + 1, 2]);
    },
  );

  check('a setting is null until it is saved, and then what was saved last', async ({ store }) => {
    assert.equal(await store.setting('clock'), null);
    await store.saveSetting('clock', '1');
    await store.saveSetting('clock', '2');
    assert.equal(await store.setting('clock'), '2');
    assert.equal(await store.setting('Clock'), null);
  });

  check('names and values of settings may be any text', async ({ store }) => {
    await store.saveSetting(ODD, ODD);
    await store.saveSetting('', '');
    assert.equal(await store.setting(ODD), ODD);
    assert.equal(await store.setting(''), '');
    assert.equal(await store.setting(ODD.slice(0, -1)), null);
  });
}
