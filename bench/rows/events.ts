/**
 * Webhooks a second to three live endpoints, 64 connections each: one event a request, against a bare undici loop that
 * posts the same bytes over as many connections; then up to 100 events a request, against one.
 */

import path from 'node:path';
import {
  type BacklogSize,
  type Drained,
  deliverBacklog,
  drain,
  drainCost,
  eventsOf,
} from '../tools/backlog.ts';
import { startBaton, tryBaton } from '../tools/baton.ts';
import { type Child, startChild } from '../tools/child.ts';
import { makeFolder } from '../tools/disk.ts';
import { alternate, type Bench, type Row } from '../tools/rounds.ts';
import { type Sinks, startSinks } from '../tools/sinks.ts';
import { APPS, BOT, worldOf } from '../tools/world.ts';

const TARGET = 0.6;
const BATCH_TARGET = 5;
const MAX_BATCH = 100;
const MESSAGES_PER_THREAD = 2;
const THREADS = 5_000;
const QUICK_THREADS = 2_000;

export const events: Row = {
  name: 'events',
  what: 'webhooks a second to live endpoints, one event a request, signed',
  async run(bench) {
    bench.say(events.what);
    await using folder = await makeFolder(bench.parent);
    await using sinks = await startSinks(APPS.length);
    await using bare = await startChild('poster');
    await using baton = await startBaton({
      data: path.join(folder.path, 'data'),
      world: worldOf({ callbacks: sinks.urls, primary: BOT }),
      profile: bench.profile,
    });
    const size = sizeFor(bench);
    const { ours, limit } = await alternate(
      bench.rounds,
      () => deliverBacklog(baton, sinks, size),
      () => postAsMuch(bare, sinks, eventsOf(size)),
    );
    return [
      {
        what: events.what,
        ours: { label: 'Baton', unit: 'events/s', rounds: ours.map(perSecondOf) },
        limit: { label: 'bare undici loop', unit: 'events/s', rounds: limit.map(perSecondOf) },
        target: { sense: 'at least', value: TARGET },
        notes: [noteOf(size), drainCost('Baton', ours), drainCost('bare undici loop', limit)],
      },
    ];
  },
};

export const batch: Row = {
  name: 'batch',
  what: `webhooks a second under backlog with max_batch ${MAX_BATCH}`,
  async run(bench) {
    bench.say(batch.what);
    await using folder = await makeFolder(bench.parent);
    await using batched = await startSinks(APPS.length);
    await using single = await startSinks(APPS.length);
    const target = { sense: 'at least', value: BATCH_TARGET } as const;
    await using many = await tryBaton({
      data: path.join(folder.path, 'many'),
      world: worldOf({ callbacks: batched.urls, primary: BOT, maxBatch: MAX_BATCH }),
    });
    if (many === null) {
      const notes = ['not built: the server refuses the world key webhook.max_batch'];
      return [{ what: batch.what, ours: null, limit: null, target, notes }];
    }
    await using one = await startBaton({
      data: path.join(folder.path, 'one'),
      world: worldOf({ callbacks: single.urls, primary: BOT }),
    });
    const size = sizeFor(bench);
    const { ours, limit } = await alternate(
      bench.rounds,
      () => deliverBacklog(many, batched, size),
      () => deliverBacklog(one, single, size),
    );
    return [
      {
        what: batch.what,
        ours: { label: 'Baton', unit: 'events/s', rounds: ours.map(perSecondOf) },
        limit: { label: 'one event a request', unit: 'events/s', rounds: limit.map(perSecondOf) },
        target,
        notes: [noteOf(size), drainCost('Baton', ours), drainCost('one event a request', limit)],
      },
    ];
  },
};

/** The bare loop posts what was heard last of us, as often. */
async function postAsMuch(bare: Child, sinks: Sinks, count: number): Promise<Drained> {
  const postings = await sinks.latest();
  await sinks.expect(count);
  return drain({ pid: bare.pid, events: count }, async () => {
    const all = sinks.reached();
    await bare.ask({ postings, each: count / APPS.length });
    await all;
  });
}

const perSecondOf = ({ perSecond }: Drained): number => perSecond;

const sizeFor = ({ quick }: Bench): BacklogSize => ({
  threads: quick ? QUICK_THREADS : THREADS,
  messagesPerThread: MESSAGES_PER_THREAD,
});

const noteOf = (size: BacklogSize): string =>
  `${eventsOf(size)} events a round, of ${APPS.length} apps, ${size.messagesPerThread} to a lane`;
