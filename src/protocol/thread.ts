/**
 * A thread: all between one page and one customer, folded from its events. Whether the lease in it still holds is
 * never read off this value but asked of `ownerAt`, which needs no timer to be true (I3).
 */

import type { AppId, Mid, PageId, Psid } from './ids.ts';
import type { Outgoing } from './message.ts';
import { lostAt, type Made, type Page } from './page.ts';
import { DAY_MS, type Instant, LEASE_MS, LONG_WINDOW_MS, WINDOW_MS } from './time.ts';

export type Thread = {
  readonly page: PageId;
  readonly psid: Psid;
  /** Number of the last event, 0 before the first. */
  readonly seq: number;
  /** Grows by one with every change of owner, and never otherwise. */
  readonly epoch: number;
  /** [W7] The timestamp of the last event; those of a thread are distinct and grow. */
  readonly timestamp: Instant;
  /** The instant of the last event; no event is dated before the one in front of it. */
  readonly lastEventAt: Instant;
  /** Null until the customer is known to the page. */
  readonly customer: Customer | null;
  readonly lease: Lease | null;
  /** [K4] In order of arrival, one an app. Read it through `openRequests`. */
  readonly requests: readonly ControlRequest[];
  /** [S1, S2] Surveys that wait until the thread is idle, in the order in which they were sent. */
  readonly held: readonly HeldSurvey[];
  /** [M3] The menu made for this customer. What they see is told by `menuFor`. */
  readonly menu: Made | null;
  /** The last message to the customer. */
  readonly lastSentMid: Mid | null;
  /** [H2] The customer's last act. */
  readonly lastActAt: Instant | null;
  /** [X7] Who spoke last. */
  readonly lastFrom: 'customer' | 'page' | null;
  /** [X7] Marked *Done*, and the customer has not acted since. */
  readonly done: boolean;
  /** The last `lane_seq` of each app. */
  readonly lanes: Readonly<Record<string, number>>;
};

export type Customer = { readonly name: string | null };

/** Control as it was given. */
export type Lease = {
  readonly owner: AppId;
  /** The number of the owner's connection when it got control (C17). */
  readonly connection: number;
  /** [I5, R7] From when its 24 hours run: when the owner got it, or the last activity if that is later. */
  readonly activeAt: Instant;
  /** [C10] The end of the owner's longest extension. */
  readonly extendedUntil: Instant | null;
  /** [E1] The entry point that gave it, and for how many days after the customer's last act. */
  readonly term: { readonly entryPoint: string; readonly days: number } | null;
};

/** [K4] A request for control that has not been answered. */
export type ControlRequest = {
  readonly app: AppId;
  readonly connection: number;
  /** The number of the page's last switch of modes then (R12). */
  readonly switches: number;
  readonly requestedAt: Instant;
  readonly metadata: string | null;
};

/** [S1] A survey that has been accepted and has not gone out. */
export type HeldSurvey = {
  readonly app: AppId;
  readonly connection: number;
  readonly message: Outgoing;
  readonly persona: string | null;
};

/** [S1] Most surveys that wait on one thread. */
export const MAX_HELD_SURVEYS = 100;

/** A thread of which nothing is known yet; idle (C2). */
export const emptyThread = (page: PageId, psid: Psid): Thread => ({
  page,
  psid,
  seq: 0,
  epoch: 0,
  timestamp: 0,
  lastEventAt: 0,
  customer: null,
  lease: null,
  requests: [],
  held: [],
  menu: null,
  lastSentMid: null,
  lastActAt: null,
  lastFrom: null,
  done: false,
  lanes: {},
});

/** [I5] When control ends if nothing happens until then: the latest of activity, extension and entry-point term. */
export function expiresAt(thread: Thread, lease: Lease): Instant {
  const term = lease.term === null ? 0 : (thread.lastActAt ?? 0) + lease.term.days * DAY_MS;
  return Math.max(lease.activeAt + LEASE_MS, lease.extendedUntil ?? 0, term);
}

/** Control that holds now. */
export type Control = { readonly owner: AppId; readonly until: Instant };

/** Control that has ended without a line in the history yet. */
export type Ended = {
  readonly owner: AppId;
  readonly at: Instant;
  readonly cause: 'expiry' | 'disconnected';
};

/** [I3, C17] What became of the lease by `now`: at the very millisecond at which it ends, it has ended. */
export function controlAt(page: Page, thread: Thread, now: Instant): Control | Ended | null {
  const lease = thread.lease;
  if (lease === null) return null;
  const until = expiresAt(thread, lease);
  const lost = lostAt(page, lease.owner, lease.connection, thread.psid);
  if (lost !== null && lost < until) return { owner: lease.owner, at: lost, cause: 'disconnected' };
  if (until <= now) return { owner: lease.owner, at: until, cause: 'expiry' };
  return { owner: lease.owner, until };
}

/** [C1, I3] The one way to read who controls a thread; null when it is idle. */
export function ownerAt(page: Page, thread: Thread, now: Instant): Control | null {
  const control = controlAt(page, thread, now);
  return control !== null && 'until' in control ? control : null;
}

/** [K4] The queue of open requests, without those whose app has been disconnected; empty on an idle thread. */
export function openRequests(page: Page, thread: Thread, now: Instant): readonly ControlRequest[] {
  if (ownerAt(page, thread, now) === null) return [];
  return thread.requests.filter((request) => requestDroppedAt(page, thread.psid, request) === null);
}

/** [C17, R12] Since when a request is void, by a disconnection or a switch of modes; null while it is open. */
export function requestDroppedAt(page: Page, psid: Psid, request: ControlRequest): Instant | null {
  const lost = lostAt(page, request.app, request.connection, psid);
  if (request.switches === page.switches.number) return lost;
  return lost === null ? page.switches.at : Math.min(lost, page.switches.at);
}

/** [S2] The instant from which held surveys have waited too long; null while the customer has not acted. */
export const heldUntil = (thread: Thread): Instant | null =>
  thread.lastActAt === null ? null : thread.lastActAt + LONG_WINDOW_MS;

/** When the thread next changes by itself; null when it never will. */
export function wakeAt(thread: Thread): Instant | null {
  const end = thread.lease === null ? null : expiresAt(thread, thread.lease);
  const held = thread.held.length === 0 ? null : heldUntil(thread);
  return end === null || held === null ? (end ?? held) : Math.min(end, held);
}

/** The first instant after `now` at which a decision made now could come out differently; null when none. */
export function validUntil(thread: Thread, now: Instant): Instant | null {
  const ends = [thread.lease === null ? null : expiresAt(thread, thread.lease)];
  // The longer window is that of held surveys, too (S2).
  if (thread.lastActAt !== null) ends.push(thread.lastActAt + WINDOW_MS, thread.lastActAt + LONG_WINDOW_MS);
  const later = ends.filter((end): end is Instant => end !== null && end > now);
  return later.length === 0 ? null : Math.min(...later);
}
