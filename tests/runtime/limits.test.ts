/** The limits of the runtime's queues, each reached. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentObserver } from '../../src/observe/observer.ts';
import type { PageId, Psid } from '../../src/protocol/ids.ts';
import { emptyThread } from '../../src/protocol/thread.ts';
import { simulatedClock } from '../../src/runtime/clock.ts';
import { createCommitter, MAX_GROUP, MAX_QUEUED_COMMITS } from '../../src/runtime/committer.ts';
import { MAX_WAITING_CHANGES, openConfiguration } from '../../src/runtime/configuration.ts';
import { NotWritten, Overloaded } from '../../src/runtime/overloaded.ts';
import { createThreads, MAX_WAITING_PER_THREAD } from '../../src/runtime/threads.ts';
import { createWorkingSet } from '../../src/runtime/working-set.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Commit, CommitOutcome } from '../../src/store/port.ts';

const PAGE = '1001' as PageId;
const key = { page: PAGE, psid: '5001' as Psid };
const clock = simulatedClock(1_800_000_000_000);
const commitOf = (psid: string): Commit => ({
  thread: emptyThread(PAGE, psid as Psid),
  expectedSeq: 0,
  events: [],
  pageVersion: 0,
  validUntil: null,
});

test('a full queue of commits refuses further ones, and takes them again when it has been written', async () => {
  const gate = Promise.withResolvers<void>();
  const groups: number[] = [];
  const committer = createCommitter({
    async commit(commits): Promise<readonly CommitOutcome[]> {
      await gate.promise;
      groups.push(commits.length);
      return commits.map(() => 'committed');
    },
  });
  const line = () => ({ broken: false });
  const waiting = Array.from({ length: MAX_QUEUED_COMMITS }, (_, index) =>
    committer.commit(commitOf(String(index)), line()),
  );
  await assert.rejects(committer.commit(commitOf('1'), line()), Overloaded);
  gate.resolve();
  const outcomes = await Promise.all(waiting);
  assert.equal(outcomes.length, MAX_QUEUED_COMMITS);
  assert.ok(groups.every((size) => size <= MAX_GROUP));
  assert.equal(await committer.commit(commitOf('1'), line()), 'committed');
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
  const line = { broken: false };
  assert.equal(await committer.commit(commitOf('1'), line), 'stale_page');
  assert.equal(await committer.commit(commitOf('2'), line), 'stale_thread');
  assert.deepEqual(written, ['1']);
});

test('too many commands on one thread are refused, and other threads go on', async () => {
  const store = createMemoryStore({ now: clock.now });
  const configuration = await openConfiguration(store);
  const gate = Promise.withResolvers<null>();
  const held = { ...store, load: () => gate.promise };
  const committer = createCommitter(store);
  const options = { store: held, committer, configuration, clock, observer: silentObserver };
  const threads = createThreads({ ...options, wake: () => undefined });
  const waiting = Array.from({ length: MAX_WAITING_PER_THREAD }, () => threads.handle(key, { type: 'read' }));
  await assert.rejects(threads.handle(key, { type: 'read' }), Overloaded);
  const other = threads.handle({ ...key, psid: '5002' as Psid }, { type: 'read' });
  gate.resolve(null);
  assert.equal((await Promise.all([...waiting, other])).length, MAX_WAITING_PER_THREAD + 1);
});

test('too many changes of the configuration at once are refused', async () => {
  const configuration = await openConfiguration(createMemoryStore({ now: clock.now }));
  const gate = Promise.withResolvers<null>();
  const nothing = (): void => undefined;
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

test('threads that nobody uses are forgotten, reads of unknown ones too', async () => {
  let loads = 0;
  const store = {
    load: async () => {
      loads += 1;
      return null;
    },
  };
  const workingSet = createWorkingSet(store, 10);
  for (let index = 0; index < 100; index++) await workingSet.use({ page: PAGE, psid: String(index) as Psid });
  assert.equal(loads, 100);
  await workingSet.use({ page: PAGE, psid: '99' as Psid });
  assert.equal(loads, 100, 'a late one is still there');
  await workingSet.use({ page: PAGE, psid: '0' as Psid });
  assert.equal(loads, 101, 'an early one is not');
});
