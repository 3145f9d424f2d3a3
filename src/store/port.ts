/**
 * The store's port. Three things are kept: the configuration (config.ts), threads with their events, and the outbox
 * of notices that apps have not been told yet. Adapters share one conformance suite, `src/testing/store-suite.ts`.
 *
 * Every method rejects only on broken machinery (a full disk, a lost connection); what can be expected is in its
 * result. What a method has answered survives a crash of the process and of the machine, save where it says otherwise.
 */

import type { Recorded } from '../protocol/event.ts';
import type { AppId, Mid, PageId, Psid } from '../protocol/ids.ts';
import type { JsonObject } from '../protocol/message.ts';
import type { Thread } from '../protocol/thread.ts';
import { DAY_MS, type Instant } from '../protocol/time.ts';
import type { Attachments } from './attachments.ts';
import type { Share } from './buckets.ts';
import type { Config, ConfigKind, ConfigRow } from './config.ts';

export type ThreadKey = { readonly page: PageId; readonly psid: Psid };

/** The ordered queue of what one app must be told of one thread. */
export type Lane = ThreadKey & { readonly app: AppId };

/** One thread's share of a transaction. */
export type Commit = {
  /** The thread after the events. */
  readonly thread: Thread;
  /** The `seq` it was decided on; also the lock. 0: the thread is new. */
  readonly expectedSeq: number;
  /** In order, from `expectedSeq + 1`. Empty: only the alarm is set anew. */
  readonly events: readonly Recorded[];
  /** The version of the page that it was decided on. */
  readonly pageVersion: number;
  /** The first instant at which it might have been decided otherwise; null: never. */
  readonly validUntil: Instant | null;
  /** The answer to a call that bears a key; absent where there is no key. */
  readonly answer?: KeptAnswer;
};

/** An answer kept with what the call has done, so that a repetition of the call is answered the same. */
export type KeptAnswer = {
  /** Who called. Calls of other apps, and on other pages, have keys of their own. */
  readonly app: AppId;
  /** The `Idempotency-Key`, as it was sent. */
  readonly key: string;
  /** What was asked, hashed: lower-case hex. */
  readonly fingerprint: string;
  readonly body: JsonObject;
};

/** What a kept answer is found by. */
export type AnswerName = Pick<KeptAnswer, 'app' | 'key'> & { readonly page: PageId };

/** How long an answer is kept, by the store's own clock; at that very millisecond it is forgotten. */
export const IDEMPOTENCY_MS = DAY_MS;

export type CommitOutcome =
  | 'committed'
  /** An answer is kept under the commit's key: the call has been carried out before. */
  | 'repeated'
  /** Another commit came first, or one of this thread before it in the batch was refused: load and decide anew. */
  | 'stale_thread'
  /** The page has changed: load the configuration and decide anew. */
  | 'stale_page'
  /** `validUntil` has come by the store's own clock: decide anew. */
  | 'too_late';

/** What is put in or taken out of the configuration, all of it or nothing. */
export type ConfigChange = {
  /** The version it was made on. */
  readonly expectedVersion: number;
  readonly put: readonly ConfigRow[];
  /** Rows that need not exist. */
  readonly remove: readonly { readonly kind: ConfigKind; readonly key: string }[];
  /** Pages that a row concerns: decisions made on them before are void. Their `version` becomes the new one. */
  readonly pages: readonly PageId[];
  /** Events on the lanes of pages (P6); nothing but `expectedSeq` is looked at besides, and no answer is kept. */
  readonly commits: readonly Commit[];
};

/** One notice of the outbox with its event. */
export type Notice = Lane & { readonly recorded: Recorded };

/** A place in the order (at, psid, seq) of a page's events. */
export type TextPlace = { readonly at: Instant; readonly psid: Psid; readonly seq: number };

/** What an erasure has come to. */
export type Erased = {
  /** Events of the thread. */
  readonly events: number;
  /** Notices that waited or were set aside, and will not be delivered. */
  readonly notices: number;
};

/** Something new on a lane. */
export type Woken = Lane & {
  /** The latest event that waits there. */
  readonly seq: number;
  /** The new events themselves, in order, where they are at hand; null: they are in the outbox only. */
  readonly events: readonly Recorded[] | null;
};

/** A notice of the outbox, and the fence of its bucket (buckets.ts) under which it was taken up. */
export type TakenUp = Lane & { readonly seq: number; readonly fence: number };

/** A notice that will not be delivered by itself any more. */
export type SetAside = Lane & {
  readonly seq: number;
  readonly at: Instant;
  /** In a few words without secrets. */
  readonly reason: string;
};

/** One POST that was tried. */
export type Attempt = Lane & {
  readonly seq: number;
  /** When it began. */
  readonly at: Instant;
  /** The HTTP status, or null when none came. */
  readonly status: number | null;
  /** Why it failed, in a few words without secrets; null when it did not. */
  readonly error: string | null;
  readonly durationMs: number;
};

export type Store = AsyncDisposable & {
  /** The folded thread, or null when it has no events yet. */
  load(key: ThreadKey): Promise<Thread | null>;

  /**
   * Writes commits, all in one durable transaction, and answers for each in order. One that is refused leaves nothing
   * and does not touch the others; later commits of the same thread see the earlier ones. For every app that an event's
   * audience names as told, a notice enters the outbox in the same transaction.
   *
   * A thread's alarm, by which `due` finds it, is set when it has none or one at or before its last event, and
   * otherwise moves only to an earlier instant; a commit without events sets it as it should be. After a crash it may
   * be the one that its thread asks for: later than the one that stood, never too late.
   */
  commit(commits: readonly Commit[]): Promise<readonly CommitOutcome[]>;

  /** Up to `limit` threads whose alarm is at or before `until`, by alarm, then page, then psid. */
  due(until: Instant, limit: number): Promise<readonly ThreadKey[]>;

  /** Up to `limit` threads of a page whose lease names this app, by psid, from behind `after`. */
  ownedBy(
    page: PageId,
    app: AppId,
    range: { readonly after: Psid | null; readonly limit: number },
  ): Promise<readonly ThreadKey[]>;

  /** Up to `limit` threads of a page, by psid, from behind `after`; the page's own lane is not one. */
  threads(
    page: PageId,
    range: { readonly after: Psid | null; readonly limit: number },
  ): Promise<readonly Thread[]>;

  /** Up to `limit` events of a thread with a `seq` above `after`, in order. */
  events(
    key: ThreadKey,
    range: { readonly after: number; readonly limit: number },
  ): Promise<readonly Recorded[]>;

  /** The event by which a message came into being, wherever it is; null when there is none. */
  message(mid: Mid): Promise<(ThreadKey & { readonly recorded: Recorded }) | null>;

  /** The whole configuration. */
  config(): Promise<Config>;

  /** Writes a change and answers the new version, or null when `expectedVersion` is no longer the current one. */
  changeConfig(change: ConfigChange): Promise<number | null>;

  /**
   * Claims buckets (buckets.ts) for a node that delivers, for `forMs` milliseconds by the store's own clock: keeps those
   * that it has, and takes free ones and those of nodes whose claims have ended, up to its fair share. One that has more
   * than that keeps them until it gives some back. The node's own claims that have ended are still its own while nobody
   * has taken them. Need not survive a crash; claims of a dead process may end early, never late.
   */
  claim(node: string, forMs: number): Promise<Share>;

  /** Gives claimed buckets back, null: all, and the node is gone. Those of others stay theirs. */
  release(node: string, buckets: readonly number[] | null): Promise<void>;

  /** Up to `limit` lanes with something waiting, by (app, page, psid), from behind `after`. */
  waitingLanes(range: { readonly after: Lane | null; readonly limit: number }): Promise<readonly Lane[]>;

  /** Up to `limit` waiting notices of a lane, in order. */
  waiting(lane: Lane, limit: number): Promise<readonly Notice[]>;

  /** The waiting notices of a thread, of all apps. */
  waitingOf(key: ThreadKey): Promise<readonly { readonly app: AppId; readonly seq: number }[]>;

  /**
   * Takes delivered notices out of the outbox and writes down attempts. One with a fence that is not its bucket's any
   * more stays. Need not survive a crash: what is lost is delivered twice.
   */
  settle(delivered: readonly TakenUp[], attempts: readonly Attempt[]): Promise<void>;

  /**
   * Takes notices out of the outbox without delivering them, and remembers why; not those with a fence that is not
   * their bucket's any more. Need not survive a crash.
   */
  setAside(notices: readonly (TakenUp & SetAside)[]): Promise<void>;

  /** What was set aside, of one app or all, latest first. */
  asides(filter: { readonly app: AppId | null; readonly limit: number }): Promise<readonly SetAside[]>;

  /** Puts notices into the outbox again, delivered or not; those that wait already wait on. Forgets why they were set aside. */
  requeue(notices: readonly (Lane & { readonly seq: number })[]): Promise<void>;

  /** How many notices wait for an app. */
  countWaiting(app: AppId): Promise<number>;

  /** The latest attempts, of one app or all, latest first. */
  attempts(filter: { readonly app: AppId | null; readonly limit: number }): Promise<readonly Attempt[]>;

  /** The answer kept under a key; null when there is none, or none any more. */
  answer(name: AnswerName): Promise<Pick<KeptAnswer, 'fingerprint' | 'body'> | null>;

  /** Takes out up to `limit` answers that are over, and says how many. Need not survive a crash. */
  forgetAnswers(limit: number): Promise<number>;

  /** Takes out up to `limit` attempts that began before an instant, and says how many. Need not survive a crash. */
  forgetAttempts(before: Instant, limit: number): Promise<number>;

  /**
   * Blanks the texts (`blankTexts` of protocol/blank.ts) of a page's events dated before `before`. Looks at up to
   * `limit` of those that hold any, by (at, psid, seq), from behind `after`; says how many it has looked at, and where
   * it stopped, or null when it came to the end. An event that waits for an app, was set aside or missed keeps its
   * texts until it is dated before `dropBefore`; then its notices are taken away with them. Need not survive a crash.
   */
  blankTexts(
    page: PageId,
    range: {
      readonly before: Instant;
      readonly dropBefore: Instant;
      readonly after: TextPlace | null;
      readonly limit: number;
    },
  ): Promise<{ readonly looked: number; readonly after: TextPlace | null }>;

  /**
   * Takes everything personal out of a thread and its events (`eraseThread`, `eraseEvent` of protocol/blank.ts), and
   * takes away the notices of events that held texts; the others are still to be told. When it answers, what was
   * erased cannot be found in what the store has on its disk. Null when there is no such thread. Nobody else may be
   * using the store: the thread changes and its `seq` does not.
   */
  erase(key: ThreadKey): Promise<Erased | null>;

  /** What apps have saved, to be sent again. */
  readonly attachments: Attachments;

  /** A small value kept under a name, or null. */
  setting(name: string): Promise<string | null>;
  saveSetting(name: string, value: string): Promise<void>;
};

/** Most notices that may wait for an app. When there are more, its webhooks are switched off; no more are sent again. */
export const MAX_WAITING_NOTICES = 500_000;
/** Largest number of notices set aside that are remembered, of all apps together. */
export const MAX_ASIDES_KEPT = 10_000;
/** Largest number of attempts that are kept, of all apps together. */
export const MAX_ATTEMPTS_KEPT = 10_000;
