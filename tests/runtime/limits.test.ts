/** The limits of the runtime's queues, each reached. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentObserver } from '../../src/observe/observer.ts';
import type { AppId, PageId, Psid } from '../../src/protocol/ids.ts';
import { emptyThread } from '../../src/protocol/thread.ts';
import { createAnswers, MAX_WAITING_PER_KEY } from '../../src/runtime/answers.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { createCommitter, MAX_GROUP, MAX_QUEUED_COMMITS } from '../../src/runtime/committer.ts';
import { MAX_CHANGE_TRIES, MAX_WAITING_CHANGES, openConfiguration } from '../../src/runtime/configuration.ts';
import { NotWritten, Overloaded } from '../../src/runtime/overloaded.ts';
import { createSweep, MAX_SWEEP_GROUP, SWEEP_GROUP } from '../../src/runtime/sweep.ts';
import { createThreads, MAX_TRIES, MAX_WAITING_PER_THREAD } from '../../src/runtime/threads.ts';
import { createWorkingSet, MAX_IDLE_THREADS } from '../../src/runtime/working-set.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Commit, CommitOutcome, ConfigChange } from '../../src/store/port.ts';

const PAGE = '1001' as PageId;
const key = { page: PAGE, psid: '5001' as Psid };
const clock = simulatedClock(1_800_000_000_000);
const nothing = (): void => undefined;
const onePage: ConfigChange = {
  expectedVersion: 0,
  put: [
    {
      kind: 'page',
      value: {
        id: PAGE,
        name: 'Kopi Senja',
        platform: 'messenger',
        mode: 'handover',
        switches: { number: 0, at: 0 },
        lead: null,
        idleChannel: 'standby',
        people: [],
        entryPoints: [],
        retentionDays: null,
        version: 0,
      },
    },
  ],
  remove: [],
  pages: [PAGE],
  commits: [],
};
const line = () => ({ broken: false });
const commitOf = (psid: string): Commit => ({
  thread: emptyThread(PAGE, psid as Psid),
  expectedSeq: 0,
  events: [],
  pageVersion: 0,
  validUntil: null,
});

test(`[limit MAX_QUEUED_COMMITS] ${MAX_QUEUED_COMMITS} commits wait, further ones are refused until those are written`, async () => {
  const gate = Promise.withResolvers<void>();
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      await gate.promise;
      return commits.map(() => 'committed');
    },
  });
  const waiting = Array.from({ length: MAX_QUEUED_COMMITS }, (_, index) =>
    committer.commit(commitOf(String(index)), line()),
  );
  await assert.rejects(committer.commit(commitOf('1'), line()), Overloaded);
  gate.resolve();
  const outcomes = await Promise.all(waiting);
  assert.equal(outcomes.length, MAX_QUEUED_COMMITS);
  assert.equal(await committer.commit(commitOf('1'), line()), 'committed');
});

test(`[limit MAX_QUEUED_COMMITS] what waits behind a transaction that hangs counts too`, async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      begun.resolve();
      await gate.promise;
      return commits.map(() => 'committed');
    },
  });
  const commit = (psid: string) => committer.commit(commitOf(psid), line());
  const waiting = Array.from({ length: MAX_QUEUED_COMMITS }, (_, index) => commit(String(index)));
  await begun.promise;
  // The first group is being written and waits no more.
  waiting.push(...Array.from({ length: MAX_GROUP }, (_, index) => commit(String(index))));
  const tooMany = commit('1');
  gate.resolve();
  await assert.rejects(tooMany, Overloaded);
  assert.equal((await Promise.all(waiting)).length, MAX_QUEUED_COMMITS + MAX_GROUP);
});

test(`[limit MAX_GROUP] ${MAX_GROUP} commits share a transaction, one more has another`, async () => {
  const groups: number[] = [];
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      groups.push(commits.length);
      return commits.map(() => 'committed');
    },
  });
  const commitMany = (many: number) =>
    Promise.all(
      Array.from({ length: many }, (_, index) => committer.commit(commitOf(String(index)), line())),
    );
  await commitMany(MAX_GROUP);
  assert.deepEqual(groups, [MAX_GROUP]);
  await commitMany(MAX_GROUP + 1);
  assert.deepEqual(groups, [MAX_GROUP, MAX_GROUP, 1]);
});

test('a commit that cannot be written fails alone, whoever shares its transaction', async () => {
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      if (commits.some(({ thread }) => thread.psid === '13')) throw new Error('the disk is full');
      return commits.map(() => 'committed');
    },
  });
  const results = await Promise.allSettled(
    ['12', '13', '14'].map((psid) => committer.commit(commitOf(psid), { broken: false })),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const [, failed] = results;
  assert.ok(failed?.status === 'rejected' && failed.reason instanceof NotWritten);
});

test('what was decided on a refused commit is not written, in later groups either', async () => {
  const written: string[] = [];
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      written.push(...commits.map(({ thread }) => thread.psid));
      return commits.map(({ thread }) => (thread.psid === '1' ? 'stale_page' : 'committed'));
    },
  });
  const one = { broken: false };
  assert.equal(await committer.commit(commitOf('1'), one), 'stale_page');
  assert.equal(await committer.commit(commitOf('2'), one), 'stale_thread');
  assert.deepEqual(written, ['1']);
});

test(`[limit MAX_WAITING_PER_THREAD] ${MAX_WAITING_PER_THREAD} commands wait for one thread, further ones are refused and other threads go on`, async () => {
  const store = createMemoryStore({ now: clock.now });
  const configuration = await openConfiguration(store);
  const gate = Promise.withResolvers<null>();
  const held = { ...store, load: () => gate.promise };
  const committer = createCommitter(store);
  const options = { store: held, committer, configuration, clock, observer: silentObserver };
  const threads = createThreads({ ...options, wake: nothing });
  const waiting = Array.from({ length: MAX_WAITING_PER_THREAD }, () => threads.handle(key, { type: 'read' }));
  await assert.rejects(threads.handle(key, { type: 'read' }), Overloaded);
  const other = threads.handle({ ...key, psid: '5002' as Psid }, { type: 'read' });
  gate.resolve(null);
  assert.equal((await Promise.all([...waiting, other])).length, MAX_WAITING_PER_THREAD + 1);
});

test(`[limit MAX_WAITING_CHANGES] ${MAX_WAITING_CHANGES} changes of the configuration wait, further ones are refused`, async () => {
  const configuration = await openConfiguration(createMemoryStore({ now: clock.now }));
  const gate = Promise.withResolvers<null>();
  const waiting = Array.from({ length: MAX_WAITING_CHANGES }, () =>
    configuration.change(() => gate.promise, nothing),
  );
  await assert.rejects(
    configuration.change(() => gate.promise, nothing),
    Overloaded,
  );
  gate.resolve(null);
  await Promise.all(waiting);
  await configuration.change(async () => null, nothing);
});

test(`[limit MAX_IDLE_THREADS] the latest ${MAX_IDLE_THREADS} threads stay in memory, reads of unknown ones too`, async () => {
  let loads = 0;
  const store = {
    load: async () => {
      loads += 1;
      return null;
    },
  };
  const workingSet = createWorkingSet(store);
  const use = (index: number) => workingSet.use({ page: PAGE, psid: String(index) as Psid });
  for (let index = 0; index < MAX_IDLE_THREADS; index++) await use(index);
  await use(0);
  assert.equal(loads, MAX_IDLE_THREADS, 'all are still there');
  await use(MAX_IDLE_THREADS);
  await use(0);
  assert.equal(loads, MAX_IDLE_THREADS + 1, 'one that was used lately is still there');
  await use(1);
  assert.equal(loads, MAX_IDLE_THREADS + 2, 'the one that was used longest ago is not');
});

test(`[limit MAX_TRIES] a command that is overtaken is decided ${MAX_TRIES} times, and then given up as a fault`, async () => {
  for (const [overtaken, isGivenUp] of [
    [MAX_TRIES - 1, false],
    [MAX_TRIES, true],
  ] as const) {
    const store = createMemoryStore({ now: clock.now });
    await store.changeConfig(onePage);
    const configuration = await openConfiguration(store);
    let commits = 0;
    const committer = {
      async commit(): Promise<CommitOutcome> {
        commits += 1;
        return commits <= overtaken ? 'stale_thread' : 'committed';
      },
    };
    const options = { store, committer, configuration, clock, observer: silentObserver };
    const threads = createThreads({ ...options, wake: nothing });
    const handled = threads.handle(key, { type: 'introduce', name: 'Budi' });
    if (isGivenUp) await assert.rejects(handled, new RegExp(`overtaken ${MAX_TRIES} times`));
    else assert.equal((await handled).ok, true);
    assert.equal(commits, MAX_TRIES);
  }
});

test(`[limit MAX_CHANGE_TRIES] a change that is overtaken is planned ${MAX_CHANGE_TRIES} times, and then given up as a fault`, async () => {
  const store = createMemoryStore({ now: clock.now });
  for (const [overtaken, isGivenUp] of [
    [MAX_CHANGE_TRIES - 1, false],
    [MAX_CHANGE_TRIES, true],
  ] as const) {
    let tries = 0;
    const version = (await store.config()).version;
    const configuration = await openConfiguration({
      ...store,
      async changeConfig() {
        tries += 1;
        return tries <= overtaken ? null : version;
      },
    });
    const changed = configuration.change(async () => onePage, nothing);
    if (isGivenUp) await assert.rejects(changed, new RegExp(`overtaken ${MAX_CHANGE_TRIES} times`));
    else await changed;
    assert.equal(tries, MAX_CHANGE_TRIES);
  }
});

test(`[limit MAX_WAITING_PER_KEY] ${MAX_WAITING_PER_KEY} calls of one key wait, further ones are refused and other keys go on`, async () => {
  const gate = Promise.withResolvers<void>();
  const answers = createAnswers({
    store: { answer: async () => null },
    threads: {
      async handleOnce() {
        await gate.promise;
        return { ok: false, refusal: null };
      },
    },
  });
  const ask = (name: string) =>
    answers.handle(key, { type: 'read' }, { app: '2001' as AppId, key: name, fingerprint: 'f', body: {} });
  const waiting = Array.from({ length: MAX_WAITING_PER_KEY }, () => ask('one'));
  await assert.rejects(ask('one'), Overloaded);
  const other = ask('another');
  gate.resolve();
  assert.equal((await Promise.all([...waiting, other])).length, MAX_WAITING_PER_KEY + 1);
  await ask('one');
});

/** A sweep over threads that are due; those that are stuck stay so, whatever is done. */
function sweepOver(threads: number, stuck: number) {
  const due = new Map(
    Array.from({ length: threads }, (_, index) => [
      String(index),
      { page: PAGE, psid: String(index) as Psid },
    ]),
  );
  const isStuck = (psid: string): boolean => Number(psid) < stuck;
  const ticks: string[] = [];
  const asked: number[] = [];
  const sweep = createSweep({
    store: {
      ...createMemoryStore({ now: clock.now }),
      async due(_now, limit) {
        asked.push(limit);
        if (asked.length > 10_000) throw new Error('the sweep goes round in circles');
        return [...due.values()].slice(0, limit);
      },
    },
    threads: {
      async handle({ psid }) {
        ticks.push(psid);
        if (isStuck(psid)) throw new Error('the disk is full');
        due.delete(psid);
        return { ok: false, refusal: null };
      },
      calls: () => 0,
      read: async () => null,
    },
    upkeep: { step: async () => undefined },
    clock,
    observer: silentObserver,
  });
  return { sweep, due, ticks, asked };
}

for (const stuck of [1, SWEEP_GROUP - 1, SWEEP_GROUP, SWEEP_GROUP + 1, SWEEP_GROUP * 2, 1_000]) {
  test(`${stuck} threads that cannot be settled hold up none behind them, and are tried once a run`, async () => {
    const { sweep, due, ticks } = sweepOver(stuck + 200, stuck);
    await sweep.run();
    assert.equal(due.size, stuck);
    assert.equal(ticks.length, stuck + 200);
  });
}

test(`[limit MAX_SWEEP_GROUP] the sweep looks past ${MAX_SWEEP_GROUP} threads that cannot be settled, and no further`, async () => {
  const within = sweepOver(MAX_SWEEP_GROUP, MAX_SWEEP_GROUP - 1);
  await within.sweep.run();
  assert.equal(within.due.size, MAX_SWEEP_GROUP - 1, 'the one behind them was settled');
  const beyond = sweepOver(MAX_SWEEP_GROUP + 1, MAX_SWEEP_GROUP);
  await beyond.sweep.run();
  assert.equal(beyond.due.size, MAX_SWEEP_GROUP + 1);
  assert.equal(Math.max(...beyond.asked), MAX_SWEEP_GROUP);
});
