/**
 * Carrying commands out: load, decide, commit; only then is anybody told.
 *
 * A thread in use is held in memory twice: as it is *committed*, which is what may be read and answered from, and as
 * it is *decided*, which runs ahead by the commits on their way. The next command is decided on the latter at once and
 * joins the same transaction (group commit). What was decided on is checked again where it is written (DESIGN 2): when
 * a commit is refused, everything decided on top of it is decided anew, so that a stale memory or a frozen process can
 * be slow but never wrong.
 */

import type { Observer } from '../observe/observer.ts';
import type { Command } from '../protocol/command.ts';
import { type Decision, decide } from '../protocol/decide.ts';
import type { Recorded } from '../protocol/event.ts';
import type { Page } from '../protocol/page.ts';
import { type Thread, validUntil } from '../protocol/thread.ts';
import type { Lane, Store, ThreadKey } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Committer } from './committer.ts';
import type { Configuration } from './configuration.ts';
import { createWorkingSet, type Working } from './working-set.ts';

/** How often one command is decided anew before it is given up as a fault. */
export const MAX_TRIES = 50;
/** Most commands that may be under way on one thread. */
export const MAX_WAITING_PER_THREAD = 1_000;

/** What became of a command: the core's decision, or that there is no such page, or that too many wait. */
export type Handled =
  | Decision
  | { readonly ok: false; readonly refusal: null; readonly cause: 'page' | 'busy' };

export type Threads = {
  handle(key: ThreadKey, command: Command): Promise<Handled>;
  /** The thread as it is committed, and its page; null when there is no such page. */
  read(key: ThreadKey): Promise<{ readonly page: Page; readonly thread: Thread } | null>;
};

export type ThreadsOptions = {
  readonly store: Store;
  readonly committer: Committer;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Told after a commit which lanes have something new. */
  readonly wake: (lanes: readonly Lane[]) => void;
};

export function createThreads(options: ThreadsOptions): Threads {
  const { store, committer, configuration, clock, observer, wake } = options;
  const workingSet = createWorkingSet(store);

  /** One try: null when what it was decided on has changed meanwhile. */
  async function attempt(working: Working, key: ThreadKey, command: Command): Promise<Handled | null> {
    const page = configuration.page(key.page);
    if (page === null) return { ok: false, refusal: null, cause: 'page' };
    const before = working.decided;
    const now = clock.now();
    const decision = decide(page, before, command, now);
    if (!decision.ok || !mustWrite(command, before, decision.events)) {
      return (await working.settled()) ? decision : null;
    }
    const outcome = await working.advance(decision.thread, () =>
      committer.commit({
        thread: decision.thread,
        expectedSeq: before.seq,
        events: decision.events,
        pageVersion: page.version,
        validUntil: validUntil(before, Math.max(now, before.lastEventAt)),
      }),
    );
    if (outcome === 'stale_page') await configuration.refresh();
    if (outcome !== 'committed') return null;
    wake(lanesOf(key, decision.events));
    return decision;
  }

  async function carryOut(key: ThreadKey, command: Command): Promise<{ handled: Handled; tries: number }> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const working = await workingSet.use(key);
      const handled = await attempt(working, key, command);
      if (handled !== null) return { handled, tries };
    }
    throw new Error(`a ${command.type} was overtaken ${MAX_TRIES} times`);
  }

  return {
    async handle(key, command) {
      if (workingSet.underWay(key) >= MAX_WAITING_PER_THREAD)
        return { ok: false, refusal: null, cause: 'busy' };
      const startedAt = performance.now();
      workingSet.enter(key);
      try {
        const { handled, tries } = await carryOut(key, command);
        if (command.type === 'tick' && handled.ok && handled.events.length === 0) return handled;
        observer.command({
          call: command.type,
          page: key.page,
          psid: key.psid,
          app: 'caller' in command ? command.caller : null,
          outcome: handled.ok ? 'ok' : (handled.refusal?.reason ?? 'unknown_page'),
          tries,
          durationMs: performance.now() - startedAt,
        });
        return handled;
      } finally {
        workingSet.leave(key);
      }
    },
    async read(key) {
      const page = configuration.page(key.page);
      return page === null ? null : { page, thread: (await workingSet.use(key)).committed };
    },
  };
}

/** A tick that finds nothing due still puts the alarm of the thread right. */
const mustWrite = (command: Command, before: Thread, events: readonly Recorded[]): boolean =>
  events.length > 0 || (command.type === 'tick' && before.seq > 0);

/** The lanes on which these events have something to tell. */
export function lanesOf({ page, psid }: ThreadKey, events: readonly Recorded[]): readonly Lane[] {
  const apps = new Set<Lane['app']>();
  for (const { audience } of events) {
    for (const { app, outcome } of audience) if (outcome.told) apps.add(app);
  }
  return [...apps].map((app) => ({ app, page, psid }));
}
