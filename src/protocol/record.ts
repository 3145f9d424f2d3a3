/** Putting facts in their place: number, date, timestamp, audience. The only maker of `Recorded`. */

import { audience } from './audience.ts';
import type { Event, Recorded } from './event.ts';
import { applyEvent, place } from './evolve.ts';
import type { Page } from './page.ts';
import type { Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** An event and when it happened. */
export type Fact = { readonly at: Instant; readonly event: Event };

/** A thread and the events that have just been added to it. */
export type Story = { readonly thread: Thread; readonly events: readonly Recorded[] };

/**
 * Adds facts to a story, in order. A fact dated before the thread's last event is dated with that event (C14);
 * timestamps grow by at least a millisecond (W7).
 */
export function record(page: Page, story: Story, facts: readonly Fact[]): Story {
  if (facts.length === 0) return story;
  let thread = story.thread;
  const events = [...story.events];
  for (const fact of facts) {
    const at = Math.max(fact.at, thread.lastEventAt);
    const after = applyEvent(thread, fact.event, at);
    const recorded: Recorded = {
      seq: thread.seq + 1,
      at,
      timestamp: Math.max(at, thread.timestamp + 1),
      epoch: after.epoch,
      event: fact.event,
      audience: audience(page, after, fact.event),
    };
    thread = place(after, recorded);
    events.push(recorded);
  }
  return { thread, events };
}
