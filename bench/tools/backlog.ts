/**
 * A backlog of webhooks, and how fast it goes out. It is made by customers' messages while every endpoint answers 503,
 * so that each lane rests behind its first notice; then the endpoints recover, the sandbox's clock is moved past every
 * pause of the timetable, and the backlog leaves at once. The server stays the same in all rounds, as the bare loop does.
 */

import type { Baton } from './baton.ts';
import { openClient } from './client.ts';
import type { Sinks } from './sinks.ts';
import { APPS, messageOf } from './world.ts';

/** Longer than every pause of the timetable, shorter than what switches an app off. */
const ADVANCE_MS = 700_000;

export type BacklogSize = { readonly threads: number; readonly messagesPerThread: number };

export const eventsOf = ({ threads, messagesPerThread }: BacklogSize): number =>
  threads * messagesPerThread * APPS.length;

/** Makes a backlog and answers how many events a second left it, from the recovery to the last one received. */
export async function deliverBacklog(baton: Baton, sinks: Sinks, size: BacklogSize): Promise<number> {
  const { threads, messagesPerThread } = size;
  await using client = openClient(baton.url);
  await sinks.fail(true);
  let next = 0;
  await client.driveCalls(() => messageOf(next++ % threads), threads * messagesPerThread);
  await client.ask({ path: '/sandbox/settle', body: '{}' });
  await sinks.expect(eventsOf(size));
  await sinks.fail(false);
  const startedAt = performance.now();
  const all = sinks.reached();
  const moved = client.one({ path: '/sandbox/clock', body: JSON.stringify({ advance_ms: ADVANCE_MS }) });
  await all;
  const seconds = (performance.now() - startedAt) / 1_000;
  await moved;
  return eventsOf(size) / seconds;
}
