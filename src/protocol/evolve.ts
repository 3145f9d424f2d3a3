/** Folding: what each event makes of a thread. The stored thread is always the fold of its stored events. */

import { assertNever } from './assert.ts';
import type { ControlChanged, Event, Recorded } from './event.ts';
import { isInbox, type Mid } from './ids.ts';
import type { Lease, Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** The thread after one more event. `recorded.seq` must be the next; anything else is a bug of the caller. */
export function evolve(thread: Thread, recorded: Recorded): Thread {
  if (recorded.seq !== thread.seq + 1) {
    throw new Error(`event ${recorded.seq} cannot follow event ${thread.seq}`);
  }
  return place(applyEvent(thread, recorded.event, recorded.at), recorded);
}

/** A thread to which an event has been applied, with the event's place in the order. */
export function place(applied: Thread, recorded: Recorded): Thread {
  return {
    ...applied,
    seq: recorded.seq,
    timestamp: recorded.timestamp,
    lastEventAt: recorded.at,
    lanes: lanesAfter(applied.lanes, recorded.audience),
  };
}

function lanesAfter(lanes: Thread['lanes'], audience: Recorded['audience']): Thread['lanes'] {
  let after: Record<string, number> | null = null;
  for (const { app, outcome } of audience) {
    if (!outcome.told) continue;
    after ??= { ...lanes };
    after[app] = outcome.laneSeq;
  }
  return after ?? lanes;
}

/** What the event itself changes, its place in the order left aside. */
export function applyEvent(thread: Thread, event: Event, at: Instant): Thread {
  switch (event.type) {
    case 'control_changed':
      return changeControl(thread, event, at);
    case 'control_requested': {
      const asked = {
        connection: event.connection,
        switches: event.switches,
        metadata: event.metadata,
      };
      const place = thread.requests.find((request) => request.app === event.app);
      const requests =
        place?.connection === event.connection && place.switches === event.switches
          ? thread.requests.map((request) => (request === place ? { ...request, ...asked } : request))
          : [
              ...thread.requests.filter((request) => request !== place),
              { app: event.app, requestedAt: at, ...asked },
            ];
      return { ...thread, requests };
    }
    case 'request_dropped':
      return { ...thread, requests: thread.requests.filter((request) => request.app !== event.app) };
    case 'lease_extended':
      return withLease(thread, (lease) => ({ ...lease, extendedUntil: event.until }));
    case 'term_started':
      return withLease(thread, (lease) => ({
        ...lease,
        term: { entryPoint: event.entryPoint, days: event.days },
      }));
    case 'act_received':
      return {
        ...withLease(thread, (lease) => ({ ...lease, activeAt: at })),
        customer: thread.customer ?? { name: null },
        lastActAt: at,
        lastFrom: 'customer',
        done: false,
      };
    case 'message_sent': {
      const { mid } = event.message;
      const sent: Thread = { ...withoutHeld(thread, mid), lastFrom: 'page', lastSentMid: mid };
      return event.renews ? withLease(sent, (lease) => ({ ...lease, activeAt: at })) : sent;
    }
    case 'survey_held': {
      const { app, connection, message, persona } = event;
      return { ...thread, held: [...thread.held, { app, connection, message, persona }] };
    }
    case 'survey_dropped':
      return withoutHeld(thread, event.mid);
    case 'menu_changed':
      return { ...thread, menu: event.menu };
    case 'filed':
      return { ...thread, done: event.done };
    case 'customer_introduced':
      return { ...thread, customer: { name: event.name } };
    case 'metadata_passed':
    case 'messages_read':
    case 'messages_delivered':
    case 'primary_receiver_changed':
      return thread;
    default:
      return assertNever(event);
  }
}

/** [I5] A change of owner starts a new lease: extension and term of the old one are gone. */
function changeControl(thread: Thread, event: ControlChanged, at: Instant): Thread {
  const next = event.next;
  return {
    ...thread,
    epoch: thread.epoch + 1,
    lease:
      next === null
        ? null
        : {
            owner: next,
            connection: event.connection,
            activeAt: event.leaseFrom ?? at,
            extendedUntil: null,
            term: null,
          },
    requests: next === null ? [] : thread.requests.filter((request) => request.app !== next),
    done: next !== null && isInbox(next) ? false : thread.done,
  };
}

const withoutHeld = (thread: Thread, mid: Mid): Thread =>
  thread.held.length === 0
    ? thread
    : { ...thread, held: thread.held.filter(({ message }) => message.mid !== mid) };

function withLease(thread: Thread, change: (lease: Lease) => Lease): Thread {
  return thread.lease === null ? thread : { ...thread, lease: change(thread.lease) };
}
