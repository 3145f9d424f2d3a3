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
import { type SpanStart, within } from '../observe/spans.ts';
import type { Command } from '../protocol/command.ts';
import { type Decision, decide } from '../protocol/decide.ts';
import type { Recorded } from '../protocol/event.ts';
import type { Page } from '../protocol/page.ts';
import { type Thread, validUntil } from '../protocol/thread.ts';
import { inEra } from '../store/era.ts';
import type { Commit, KeptAnswer, Store, ThreadKey, Woken } from '../store/port.ts';
import { toldApps } from '../store/told.ts';
import type { Clock } from './clock.ts';
import type { Committer } from './committer.ts';
import type { Configuration } from './configuration.ts';
import { Overloaded, Withdrawn } from './overloaded.ts';
import type { Origin } from './ports.ts';
import { createWorkingSet, type Place, type Working } from './working-set.ts';

/** How often one command is decided anew before it is given up as a fault. */
export const MAX_TRIES = 50;
/** Most commands that may be under way on one thread. */
export const MAX_WAITING_PER_THREAD = 1_000;

/** What became of a command: the core's decision, or (null) that there is no such page. */
export type Handled = Decision | { readonly ok: false; readonly refusal: null };

/** A call under the key of this one has been carried out before: nothing was done. */
export type Repeated = 'repeated';

/**
 * [A1] Whether the caller still has what let it in; asked at each decision. What it reads must be bound to the version
 * of the page, so that a commit cannot come after it was taken away.
 */
export type IsAllowed = () => boolean;

/** What is kept with a success, and on what condition. */
export type Once = KeptAnswer & { readonly isAllowed?: IsAllowed };

export type Threads = {
  /** Throws `Withdrawn`, with nothing done, where `isAllowed` says no; without it everything is allowed. */
  handle(key: ThreadKey, command: Command, isAllowed?: IsAllowed): Promise<Handled>;
  /** As `handle`; a success and its answer are kept together, or neither is. */
  handleOnce(key: ThreadKey, command: Command, once: Once): Promise<Handled | Repeated>;
  /** How many commands others than the sweep have given since the start. */
  calls(): number;
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
  readonly wake: (lanes: readonly Woken[], origin: Origin) => void;
};

export function createThreads(options: ThreadsOptions): Threads {
  const { store, committer, configuration, clock, observer, wake } = options;
  const { traces } = observer;
  const workingSet = createWorkingSet(store);
  let calls = 0;

  /** One try: null when what it was decided on has changed meanwhile. */
  async function attempt(
    working: Working,
    { key, command, answer, isAllowed }: Order,
  ): Promise<Handled | Repeated | null> {
    const page = configuration.page(key.page);
    if (page === null) return { ok: false, refusal: null };
    if (!isAllowed()) throw new Withdrawn();
    const before = working.decided;
    const now = clock.now();
    const decision = within(traces, DECIDE, () => decide(page, before, command, now));
    if (!decision.ok || (answer === null && !mustWrite(command, before, decision.events))) {
      return (await working.settled()) ? decision : null;
    }
    const events = inEra(decision.events, configuration.era);
    const commit: Commit = {
      thread: decision.thread,
      expectedSeq: before.seq,
      events,
      pageVersion: page.version,
      validUntil: validUntil(before, Math.max(now, before.lastEventAt)),
      ...(answer === null ? {} : { answer }),
    };
    const outcome = await within(traces, COMMIT, () =>
      working.advance(decision.thread, (line) => committer.commit(commit, line)),
    );
    if (outcome === 'stale_page') await configuration.renew(page.version);
    if (outcome === 'repeated') {
      if (answer === null) throw new Error('a commit without an answer was refused for one');
      return outcome;
    }
    if (outcome !== 'committed') return null;
    wake(lanesOf(key, events), {
      committedAtMs: performance.now(),
      trace: traces?.current() ?? null,
    });
    return decision;
  }

  /** @param told where the number of tries is written down */
  async function carryOut(order: Order, place: Place, told: { tries: number }): Promise<Handled | Repeated> {
    while (told.tries < MAX_TRIES) {
      told.tries += 1;
      const working = place.working ?? (await workingSet.use(order.key));
      const handled = await attempt(working, order);
      if (handled !== null) return handled;
    }
    throw new Error(`a ${order.command.type} was overtaken ${MAX_TRIES} times`);
  }

  function report(
    { page, psid }: ThreadKey,
    command: Command,
    told: { readonly outcome: string; readonly tries: number; readonly startedAt: number },
  ): void {
    observer.command({
      call: command.type,
      page,
      psid,
      app: 'caller' in command ? command.caller : null,
      outcome: told.outcome,
      tries: told.tries,
      durationMs: performance.now() - told.startedAt,
    });
  }

  const handle = (order: Order): Promise<Handled | Repeated> =>
    traces === null ? carryOutAndReport(order) : traces.within(spanOf(order), () => carryOutAndReport(order));

  async function carryOutAndReport(order: Order): Promise<Handled | Repeated> {
    const { key, command } = order;
    const startedAt = performance.now();
    if (command.type !== 'tick') calls += 1;
    const told = { outcome: 'overloaded', tries: 0 };
    const place = workingSet.enter(key);
    try {
      if (place.commands > MAX_WAITING_PER_THREAD) throw new Overloaded('commands of a thread');
      told.outcome = 'fault';
      const handled = await carryOut(order, place, told);
      told.outcome = outcomeOf(order, handled);
      traces?.note({ 'baton.outcome': told.outcome, 'baton.tries': told.tries });
      return handled;
    } catch (error) {
      if (error instanceof Withdrawn) told.outcome = 'withdrawn';
      throw error;
    } finally {
      workingSet.leave(place);
      if (told.outcome !== 'nothing') report(key, command, { ...told, startedAt });
    }
  }

  return {
    // Without an answer to keep nothing is refused as repeated: see `attempt`.
    handle: (key, command, isAllowed = always) =>
      handle({ key, command, answer: null, isAllowed }) as Promise<Handled>,
    handleOnce: (key, command, { isAllowed = always, ...answer }) =>
      handle({ key, command, answer, isAllowed }),
    calls: () => calls,
    async read(key) {
      const page = configuration.page(key.page);
      return page === null ? null : { page, thread: (await workingSet.use(key)).committed };
    },
  };
}

/** What is to be done, and the answer that is to be kept with it. */
type Order = {
  readonly key: ThreadKey;
  readonly command: Command;
  readonly answer: KeptAnswer | null;
  readonly isAllowed: IsAllowed;
};

const always: IsAllowed = () => true;

const DECIDE: SpanStart = { name: 'decide', kind: 'step' };
const COMMIT: SpanStart = { name: 'commit', kind: 'step' };
const spanOf = ({ key, command }: Order): SpanStart => ({
  name: `command ${command.type}`,
  kind: 'step',
  fields: { 'baton.page': key.page },
});

/** How the log calls what became of a command. */
function outcomeOf({ command }: Order, handled: Handled | Repeated): string {
  if (handled === 'repeated') return handled;
  if (!handled.ok) return handled.refusal?.reason ?? 'unknown_page';
  return command.type === 'tick' && handled.events.length === 0 ? 'nothing' : 'ok';
}

/** A tick that finds nothing due still puts the alarm of the thread right. */
const mustWrite = (command: Command, before: Thread, events: readonly Recorded[]): boolean =>
  events.length > 0 || (command.type === 'tick' && before.seq > 0);

/** The lanes on which these events have something to tell. */
export function lanesOf({ page, psid }: ThreadKey, events: readonly Recorded[]): readonly Woken[] {
  const byApp = new Map<Woken['app'], Recorded[]>();
  for (const recorded of events) {
    for (const app of toldApps(recorded)) {
      const known = byApp.get(app);
      if (known === undefined) byApp.set(app, [recorded]);
      else known.push(recorded);
    }
  }
  return [...byApp].map(([app, told]) => ({ app, page, psid, seq: told.at(-1)?.seq ?? 0, events: told }));
}
