/** Events on their way to the listeners: each once, and those of a thread one after the other. */

import type { EventSource, WebhookEvent } from './events.ts';
import { createLanes } from './lanes.ts';
import type { Delivery, Listener, ReceiverOptions } from './receiver.ts';
import { createRemembered } from './remembered.ts';

/** Most events that are known as handled; the oldest are forgotten first. */
export const MAX_EVENTS_REMEMBERED = 10_000;
/** Most threads of which the last number is known; those heard of longest ago are forgotten first. */
export const MAX_LANES_REMEMBERED = 10_000;

/** Where every verified event goes. */
export type Intake = EventSource & {
  /** Settles with what becomes of the event, whichever delivery of it that depends on. */
  accept(event: WebhookEvent): Promise<void>;
  /** How many events have not been handled yet. */
  underWay(): number;
};

type Seen = { readonly laneSeq: number; readonly timestamp: number };

/** An intake for the listeners of a receiver. */
export function createIntake(options: ReceiverOptions): Intake {
  const lanes = createLanes();
  const handled = createRemembered<true>(MAX_EVENTS_REMEMBERED);
  const seen = createRemembered<Seen>(MAX_LANES_REMEMBERED);
  const underWay = new Map<string, Promise<void>>();
  const report = options.onError ?? complain;
  const watchers = createWatchers(report);

  async function listen(event: WebhookEvent, lane: string): Promise<void> {
    const delivery = deliveryOf(event, seen.get(lane));
    try {
      await listenerFor(options, event)?.(delivery);
    } catch (error) {
      report(error, event);
      throw error;
    }
    handled.put(event.key, true);
    if (event.laneSeq !== null && !delivery.isLate) {
      seen.put(lane, { laneSeq: event.laneSeq, timestamp: event.timestamp });
    }
  }

  function accept(event: WebhookEvent): Promise<void> {
    const { key, pageId, psid, laneSeq } = event;
    if (handled.get(key) === true) return Promise.resolve();
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const lane = `${pageId}/${psid}`;
    const work = lanes.run(lane, laneSeq, () => listen(event, lane)).finally(() => underWay.delete(key));
    underWay.set(key, work);
    watchers.tell(event);
    return work;
  }

  return { accept, underWay: () => underWay.size, watch: watchers.watch };
}

/** Those who only look on: what they throw is no reason to have an event delivered again. */
function createWatchers(
  report: (error: unknown, event: WebhookEvent) => void,
): EventSource & { tell(event: WebhookEvent): void } {
  const watchers = new Set<(event: WebhookEvent) => void>();
  return {
    tell(event) {
      for (const watcher of watchers) {
        try {
          watcher(event);
        } catch (error) {
          report(error, event);
        }
      }
    },
    watch(listener) {
      const watcher = (event: WebhookEvent): void => listener(event);
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

/** The listener that an event is for, to be called with its delivery. */
function listenerFor(
  { onMessaging, onStandby, onHandover, onEvent }: ReceiverOptions,
  event: WebhookEvent,
): ((delivery: Delivery) => unknown) | undefined {
  const bound = <Event extends WebhookEvent>(listener: Listener<Event> | undefined, narrowed: Event) =>
    listener === undefined ? undefined : (delivery: Delivery) => listener(narrowed, delivery);
  const all = bound(onEvent, event);
  switch (event.channel) {
    case 'messaging':
      return bound(onMessaging, { ...event, channel: event.channel }) ?? all;
    case 'standby':
      return bound(onStandby, { ...event, channel: event.channel }) ?? all;
    case 'handover':
      return bound(onHandover, event) ?? all;
  }
}

/** A number that is lower though the event is newer: the server has begun anew. */
function deliveryOf({ laneSeq, timestamp }: WebhookEvent, before: Seen | undefined): Delivery {
  if (laneSeq === null) return { missedBefore: null, isLate: false };
  if (before === undefined) return { missedBefore: laneSeq === 1 ? 0 : null, isLate: false };
  if (laneSeq > before.laneSeq) return { missedBefore: laneSeq - before.laneSeq - 1, isLate: false };
  const isLate = timestamp <= before.timestamp;
  return { missedBefore: isLate ? 0 : null, isLate };
}

/** A fault that nobody hears of would be delivered again and again, and nobody would know why. */
function complain(error: unknown, { kind, key }: WebhookEvent): void {
  // biome-ignore lint/suspicious/noConsole: where else, when the app has named no place for it?
  console.error(`baton/sdk: the listener failed for ${kind} ${key}`, error);
}
