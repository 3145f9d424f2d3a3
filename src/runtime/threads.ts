/**
 * Carrying commands out: load, decide, commit; only then is anybody told. Commands of one thread wait for each other,
 * those of different threads do not. What was decided on is checked again where it is written (DESIGN 2), so that a
 * stale cache or a frozen process can be slow but never wrong.
 */

import type { Observer } from '../observe/observer.ts';
import type { Command } from '../protocol/command.ts';
import { type Decision, decide } from '../protocol/decide.ts';
import type { Recorded } from '../protocol/event.ts';
import type { Page } from '../protocol/page.ts';
import { emptyThread, type Thread, validUntil } from '../protocol/thread.ts';
import type { Lane, Store, ThreadKey } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Committer } from './committer.ts';
import type { Configuration } from './configuration.ts';

/** How often one command is decided anew before it is given up as a fault. */
export const MAX_TRIES = 50;
/** Most commands that may wait for one thread. */
export const MAX_WAITING_PER_THREAD = 1_000;

/** What became of a command: the core's decision, or that there is no such page, or that too many wait. */
export type Handled =
  | Decision
  | { readonly ok: false; readonly refusal: null; readonly cause: 'page' | 'busy' };

export type Threads = {
  handle(key: ThreadKey, command: Command): Promise<Handled>;
  /** The thread as it stands, and its page; null when there is no such page. */
  read(key: ThreadKey): Promise<{ readonly page: Page; readonly thread: Thread } | null>;
  /** How many commands are under way. */
  underWay(): number;
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
  const queues = new Map<string, { tail: Promise<unknown>; length: number }>();

  async function load(key: ThreadKey): Promise<Thread> {
    return (await store.load(key)) ?? emptyThread(key.page, key.psid);
  }

  async function carryOut(key: ThreadKey, command: Command): Promise<{ handled: Handled; tries: number }> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const page = configuration.page(key.page);
      if (page === null) return { handled: { ok: false, refusal: null, cause: 'page' }, tries };
      const before = await load(key);
      const now = clock.now();
      const decision = decide(page, before, command, now);
      if (!decision.ok || !mustWrite(command, before, decision.events)) return { handled: decision, tries };
      const outcome = await committer.commit({
        thread: decision.thread,
        expectedSeq: before.seq,
        events: decision.events,
        pageVersion: page.version,
        validUntil: validUntil(before, Math.max(now, before.lastEventAt)),
      });
      if (outcome === 'committed') {
        wake(lanesOf(key, decision.events));
        return { handled: decision, tries };
      }
      if (outcome === 'stale_page') await configuration.refresh();
    }
    throw new Error(`a ${command.type} was overtaken ${MAX_TRIES} times`);
  }

  async function handle(key: ThreadKey, command: Command): Promise<Handled> {
    const startedAt = performance.now();
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
  }

  return {
    handle(key, command) {
      const name = `${key.page}/${key.psid}`;
      const queue = queues.get(name) ?? { tail: Promise.resolve(), length: 0 };
      if (queue.length >= MAX_WAITING_PER_THREAD) {
        return Promise.resolve({ ok: false, refusal: null, cause: 'busy' });
      }
      queues.set(name, queue);
      queue.length += 1;
      const result = queue.tail.then(() => handle(key, command));
      queue.tail = result
        .catch(() => undefined)
        .then(() => {
          queue.length -= 1;
          if (queue.length === 0) queues.delete(name);
        });
      return result;
    },
    async read(key) {
      const page = configuration.page(key.page);
      return page === null ? null : { page, thread: await load(key) };
    },
    underWay: () => [...queues.values()].reduce((sum, { length }) => sum + length, 0),
  };
}

/** A tick that finds nothing due still puts the alarm of the thread right. */
const mustWrite = (command: Command, before: Thread, events: readonly Recorded[]): boolean =>
  events.length > 0 || (command.type === 'tick' && before.seq > 0);

/** The lanes on which these events have something to tell. */
export function lanesOf({ page, psid }: ThreadKey, events: readonly Recorded[]): readonly Lane[] {
  const apps = events.flatMap(({ audience }) =>
    audience.filter(({ outcome }) => outcome.told).map(({ app }) => app),
  );
  return [...new Set(apps)].map((app) => ({ app, page, psid }));
}
