/**
 * A backlog of webhooks, and how fast it goes out. It is made by customers' messages while every endpoint answers 503,
 * so that each lane rests behind its first notice; then the endpoints recover, the sandbox's clock is moved past every
 * pause of the timetable, and the backlog leaves at once. The server stays the same in all rounds, as the bare loop does.
 */

import type { Baton } from './baton.ts';
import { openClient } from './client.ts';
import { withCpu } from './rounds.ts';
import type { Sinks } from './sinks.ts';
import { median } from './statistics.ts';
import { APPS, messageOf } from './world.ts';

/** Longer than every pause of the timetable, shorter than what switches an app off. */
const ADVANCE_MS = 700_000;

export type BacklogSize = { readonly threads: number; readonly messagesPerThread: number };

export const eventsOf = ({ threads, messagesPerThread }: BacklogSize): number =>
  threads * messagesPerThread * APPS.length;

/** How fast events went out, and what one cost the process that sent it. */
export type Drained = { readonly perSecond: number; readonly senderUs: number };

/** Times what makes `events` events arrive, to the last one received. */
export async function drain(
  { pid, events }: { readonly pid: number; readonly events: number },
  work: () => Promise<void>,
): Promise<Drained> {
  const startedAt = performance.now();
  const { outcome, cpu } = await withCpu({ sender: pid }, async () => {
    await work();
    return (performance.now() - startedAt) / 1_000;
  });
  return { perSecond: events / outcome, senderUs: ((cpu['sender'] ?? Number.NaN) / events) * 1_000 };
}

/** What the rounds cost, in a line. */
export const drainCost = (name: string, rounds: readonly Drained[]): string =>
  `${name}: ${median(rounds.map(({ senderUs }) => senderUs)).toFixed(1)} µs of processor time an event`;

/** Makes a backlog and drains it, from the recovery of the endpoints on. */
export async function deliverBacklog(baton: Baton, sinks: Sinks, size: BacklogSize): Promise<Drained> {
  const { threads, messagesPerThread } = size;
  await using client = openClient(baton.url);
  await sinks.fail(true);
  let next = 0;
  await client.driveCalls(() => messageOf(next++ % threads), threads * messagesPerThread);
  await client.ask({ path: '/sandbox/settle', body: '{}' });
  await sinks.expect(eventsOf(size));
  await sinks.fail(false);
  const body = JSON.stringify({ advance_ms: ADVANCE_MS });
  let moved: Promise<unknown> = Promise.resolve();
  const drained = await drain({ pid: baton.pid, events: eventsOf(size) }, async () => {
    const all = sinks.reached();
    moved = client.one({ path: '/sandbox/clock', body });
    await all;
  });
  await moved;
  return drained;
}
