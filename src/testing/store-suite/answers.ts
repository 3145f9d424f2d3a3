/** Answers that are kept with what a call has done, so that a repetition does nothing. */

import assert from 'node:assert/strict';
import { type AnswerName, type Commit, IDEMPOTENCY_MS, type KeptAnswer } from '../../store/port.ts';
import { ODD } from './rows.ts';
import { assertUnchanged, type Checks } from './subject.ts';
import {
  ALL,
  add,
  BOT,
  CUSTOMER,
  DESK,
  everythingOf,
  fresh,
  mid,
  OTHER_CUSTOMER,
  OTHER_PAGE,
  PAGE,
  said,
  sent,
  write,
} from './world.ts';

const KEY = { page: PAGE, psid: CUSTOMER };
const NAME: AnswerName = { app: BOT, page: PAGE, key: 'k1' };
const FINGERPRINT = 'ab'.repeat(32);

const answer = (more: Partial<KeptAnswer> = {}): KeptAnswer => ({
  app: BOT,
  key: 'k1',
  fingerprint: FINGERPRINT,
  body: { success: true },
  ...more,
});
const keeping = (commit: Commit, more: Partial<KeptAnswer> = {}): Commit => ({
  ...commit,
  answer: answer(more),
});

export function answerChecks({ check, onReopening }: Checks): void {
  check('an answer is kept with its commit and read back as it was', async ({ store }) => {
    assert.equal(await store.answer(NAME), null);
    const body = { recipient_id: CUSTOMER, message_id: ODD };
    await write(store, keeping(add(fresh(), [{ event: said('a') }]), { body }));
    assert.deepEqual(await store.answer(NAME), { fingerprint: FINGERPRINT, body });
  });

  check('a second commit under the key is refused as repeated and leaves nothing', async ({ store }) => {
    const first = keeping(add(fresh(), [{ event: said('a') }]));
    await write(store, first);
    await assertUnchanged(
      async () => [await everythingOf(store, KEY), await store.answer(NAME)],
      async () => {
        const event = { event: sent('b'), told: [DESK] };
        const again = keeping(add(first.thread, [event]), { fingerprint: 'cd'.repeat(32) });
        assert.deepEqual(await store.commit([again]), ['repeated']);
      },
    );
    assert.equal(await store.message(mid('b')), null);
  });

  check('a repetition is told so before anything else against it', async ({ store, clock }) => {
    await write(store, keeping(add(fresh(), [{ event: said('a') }])));
    const stale = add(fresh(), [{ event: said('b') }]);
    for (const again of [stale, { ...stale, pageVersion: 77 }, { ...stale, validUntil: clock.now() }]) {
      assert.deepEqual(await store.commit([keeping(again)]), ['repeated']);
    }
    const elsewhere = add(fresh(OTHER_CUSTOMER), [{ event: said('c') }]);
    assert.deepEqual(await store.commit([keeping(elsewhere)]), ['repeated']);
  });

  check('of two commits under one key in a batch the first is written', async ({ store }) => {
    const here = keeping(add(fresh(), [{ event: said('a') }]));
    const there = keeping(add(fresh(OTHER_CUSTOMER), [{ event: said('b') }]), { body: { late: true } });
    const behind = add(there.thread, [{ event: said('c') }]);
    assert.deepEqual(await store.commit([here, there, behind]), ['committed', 'repeated', 'stale_thread']);
    assert.deepEqual((await store.answer(NAME))?.body, { success: true });
    assert.equal(await store.load({ page: PAGE, psid: OTHER_CUSTOMER }), null);
  });

  check('of many commits at once under one key exactly one is committed', async ({ store }) => {
    const rivals = Array.from({ length: 20 }, (_, index) =>
      keeping(add(fresh(index % 2 === 0 ? CUSTOMER : OTHER_CUSTOMER), [{ event: said(`r${index}`) }])),
    );
    const outcomes = (await Promise.all(rivals.map((rival) => store.commit([rival])))).flat();
    assert.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'repeated').length, 19);
  });

  check('a commit that is refused keeps no answer', async ({ store, clock }) => {
    const good = add(fresh(), [{ event: said('a') }]);
    const refused = [
      [{ ...good, expectedSeq: 0, thread: good.thread, pageVersion: 77 }, 'stale_page'],
      [{ ...good, validUntil: clock.now() }, 'too_late'],
      [add({ ...fresh(), seq: 3 }, [{ event: said('b') }]), 'stale_thread'],
    ] as const;
    for (const [commit, outcome] of refused) {
      assert.deepEqual(await store.commit([keeping(commit)]), [outcome]);
      assert.equal(await store.answer(NAME), null);
    }
    assert.deepEqual(await store.commit([keeping(good)]), ['committed']);
  });

  check('a batch that fails keeps no answer', async ({ store }) => {
    const good = keeping(add(fresh(), [{ event: said('a') }]));
    const bug = add(fresh(OTHER_CUSTOMER), [{ event: said('b') }]);
    const broken = { ...bug, events: bug.events.map((each) => ({ ...each, seq: 9 })) };
    await assert.rejects(store.commit([good, broken]));
    assert.equal(await store.answer(NAME), null);
    assert.deepEqual(await store.commit([good]), ['committed']);
  });

  check('a key counts for one app on one page, letter by letter', async ({ store }) => {
    const first = keeping(add(fresh(), [{ event: said('a') }]));
    await write(store, first);
    const others: readonly Commit[] = [
      keeping(add(first.thread, [{ event: said('b') }]), { app: DESK }),
      keeping(add(fresh(CUSTOMER, OTHER_PAGE), [{ event: said('c') }])),
      keeping(add(fresh(OTHER_CUSTOMER), [{ event: said('d') }]), { key: 'K1' }),
    ];
    for (const each of others) assert.deepEqual(await store.commit([each]), ['committed']);
    assert.equal(await store.answer({ ...NAME, key: 'k' }), null);
    assert.equal(await store.answer({ ...NAME, key: 'k1 ' }), null);
  });

  check('a commit without events keeps its answer, too', async ({ store }) => {
    const first = add(fresh(), [{ event: said('a') }]);
    await write(store, first, keeping(add(first.thread, [])));
    assert.deepEqual(await store.answer(NAME), { fingerprint: FINGERPRINT, body: { success: true } });
  });

  check('an answer is over after 24 hours, at that very millisecond', async ({ store, clock }) => {
    const first = keeping(add(fresh(), [{ event: said('a') }]));
    await write(store, first);
    clock.advance(IDEMPOTENCY_MS - 1);
    const second = keeping(add(first.thread, [{ event: said('b') }]), { body: { success: false } });
    assert.notEqual(await store.answer(NAME), null);
    assert.deepEqual(await store.commit([second]), ['repeated']);
    clock.advance(1);
    assert.equal(await store.answer(NAME), null);
    assert.deepEqual(await store.commit([second]), ['committed']);
    assert.deepEqual((await store.answer(NAME))?.body, { success: false });
    clock.advance(IDEMPOTENCY_MS - 1);
    assert.notEqual(await store.answer(NAME), null, 'the day of the second begins with the second');
  });

  check('answers that are over are taken out a few at a time, and no others', async ({ store, clock }) => {
    let { thread } = add(fresh(), []);
    for (let count = 0; count < 5; count++) {
      const commit = keeping(add(thread, [{ event: said(`m${count}`) }]), { key: `old${count}` });
      await write(store, commit);
      thread = commit.thread;
    }
    clock.advance(1);
    await write(store, keeping(add(thread, [{ event: said('z') }]), { key: 'young' }));
    assert.equal(await store.forgetAnswers(ALL), 0);
    clock.advance(IDEMPOTENCY_MS - 1);
    assert.deepEqual([await store.forgetAnswers(3), await store.forgetAnswers(3)], [3, 2]);
    assert.notEqual(await store.answer({ ...NAME, key: 'young' }), null);
    clock.advance(1);
    assert.equal(await store.forgetAnswers(ALL), 1);
  });

  onReopening('an answer is there when its commit is', async (store, reopen) => {
    await write(store, keeping(add(fresh(), [{ event: said('a') }])));
    const again = await reopen();
    assert.deepEqual(await again.answer(NAME), { fingerprint: FINGERPRINT, body: { success: true } });
    assert.deepEqual(await again.commit([keeping(add(fresh(), [{ event: said('b') }]))]), ['repeated']);
  });
}
