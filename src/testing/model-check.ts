/**
 * One step, done twice: by the core and by the simple world. Whatever differs, and whatever breaks an invariant of
 * the rules, is thrown with its name. Used by tests that try many steps.
 */

import { askOwner, askRequests } from '../protocol/ask.ts';
import type { Command } from '../protocol/command.ts';
import { type Decision, decide } from '../protocol/decide.ts';
import type { Recorded } from '../protocol/event.ts';
import { historyOf } from '../protocol/history.ts';
import type { AppId } from '../protocol/ids.ts';
import { folderOf } from '../protocol/inbox.ts';
import type { Mode } from '../protocol/modes.ts';
import { type Channel, inboxOf, type Page } from '../protocol/page.ts';
import type { RefusalReason } from '../protocol/refusal.ts';
import { emptyThread, openRequests, ownerAt, type Thread } from '../protocol/thread.ts';
import type { Instant } from '../protocol/time.ts';
import { checkInvariants } from './model-invariants.ts';
import { carryOut, violations } from './model-step.ts';
import {
  change,
  connected,
  controlEnd,
  type Draft,
  folder,
  type Line,
  lead,
  letOut,
  letTimeGo,
  owe,
  type Told,
  type World,
} from './model-world.ts';
import { deepFreeze, hearing } from './scenario.ts';
import { tick } from './scenario-commands.ts';
import { withApp, withIdleChannel, withMode, withPrimary } from './scenario-page.ts';

/** The core's page and thread, and the simple world that says the same. */
export type Pair = { readonly page: Page; readonly thread: Thread; readonly world: World };

/** What can happen beside commands. */
export type Action =
  | Command
  | { readonly type: 'wait'; readonly until: Instant }
  | {
      readonly type: 'app';
      readonly app: AppId;
      readonly change:
        | { readonly subscribed: boolean }
        | { readonly advanced: boolean }
        | { readonly tester: boolean };
    }
  | { readonly type: 'primary'; readonly app: AppId | null }
  | { readonly type: 'idle_channel'; readonly channel: Channel | null }
  | { readonly type: 'mode'; readonly mode: Mode };

export type Step = {
  readonly pair: Pair;
  /** Null unless the action was a command. */
  readonly decision: Decision | null;
  readonly lines: readonly Line[];
};

/** The order in which reasons are given when several fit (refusal.ts). */
const PRECEDENCE: readonly RefusalReason[] = [
  'caller_not_connected',
  'unknown_customer',
  'caller_without_role',
  'not_available',
  'thread_control_not_available',
  'nothing_to_tap',
  'target_required',
  'target_not_connected',
  'target_is_caller',
  'persona_of_another_app',
  'stale_epoch',
  'controlled_by_another',
  'menu_of_another',
  'not_default_app',
  'take_not_given',
  'not_owner',
  'already_owner',
  'target_is_owner',
  'not_primary_receiver',
  'outside_window',
];

/** A page on which nothing has happened, in both tellings. */
export function begin(page: Page, thread: Thread, now: Instant): Pair {
  const apps = page.connections.map(
    (each) =>
      [
        each.app,
        {
          subscribed: each.subscribed,
          advanced: each.advancedAccess,
          tester: each.testers.includes(thread.psid),
          humanAgent: each.humanAgent,
          takeControl: each.takeControl,
          standbyAccess: each.standbyAccess,
        },
      ] as const,
  );
  const world: World = {
    now,
    routing: page.mode === 'conversation_routing',
    inbox: inboxOf(page),
    apps: new Map(apps),
    named: page.lead,
    idleChannel: page.idleChannel,
    entryPoints: page.entryPoints,
    known: false,
    owner: null,
    leaseEnd: 0,
    extensionEnd: null,
    term: null,
    actAt: null,
    spoke: null,
    marked: false,
    queue: [],
    held: [],
    menu: null,
    epoch: 0,
    owed: [],
  };
  return { page: deepFreeze(page), thread: deepFreeze(thread), world };
}

export const beginAt = (page: Page, psid: Thread['psid'], now: Instant): Pair =>
  begin(page, emptyThread(page.id, psid), now);

/** Takes one step in both tellings; throws where they differ. */
export function step(pair: Pair, action: Action): Step {
  const draft: Draft = { world: pair.world, lines: [], told: [] };
  switch (action.type) {
    case 'wait':
      letTimeGo(draft, action.until);
      return { pair: { ...pair, world: draft.world }, decision: null, lines: draft.lines };
    case 'app':
    case 'primary':
    case 'idle_channel':
    case 'mode':
      // The sweep comes by first: what went out by itself is told of by the page as it was then.
      expect(pair.world.owed.length === 0, 'a tick before the page is changed', action);
      return { pair: changePage(pair, draft, action), decision: null, lines: draft.lines };
    default:
      return command(pair, draft, action);
  }
}

function command({ page, thread, world }: Pair, draft: Draft, action: Command): Step {
  const against = violations(world, action);
  const decision = decide(page, thread, action, world.now);
  expect(decision.ok === (against.size === 0), 'allowed or not', { against: [...against], decision });
  if (!decision.ok) {
    const first = PRECEDENCE.find((reason) => against.has(reason));
    expect(decision.refusal.reason === first, 'reason', { first, given: decision.refusal.reason });
    expect(!('thread' in decision) && !('events' in decision), 'a refusal brings nothing', decision);
    return { pair: { page, thread, world }, decision, lines: [] };
  }
  carryOut(draft, action);
  checkInvariants({ page, thread, command: action, now: world.now }, decision);
  compareTold(world, decision.events, [...world.owed, ...draft.told]);
  return {
    pair: { page, thread: deepFreeze(decision.thread), world: { ...draft.world, owed: [] } },
    decision,
    lines: draft.lines,
  };
}

function changePage(
  { page, thread, world }: Pair,
  draft: Draft,
  action: Exclude<Action, Command | { readonly type: 'wait' }>,
): Pair {
  if (action.type === 'primary') {
    const changed = deepFreeze(withPrimary(page, action.app));
    return { page: changed, thread, world: { ...world, named: action.app } };
  }
  if (action.type === 'idle_channel') {
    const changed = deepFreeze(withIdleChannel(page, action.channel));
    return { page: changed, thread, world: { ...world, idleChannel: action.channel } };
  }
  if (action.type === 'mode') {
    const changed = deepFreeze(withMode(page, action.mode, world.now));
    const routing = action.mode === 'conversation_routing';
    // [C17] A primary receiver that is not subscribed is none; a default app stays named.
    const isLost = world.named !== null && world.apps.get(world.named)?.subscribed !== true;
    const named = isLost && !routing ? null : world.named;
    return { page: changed, thread, world: { ...world, routing, named, queue: [] } };
  }
  const facts = world.apps.get(action.app);
  if (facts === undefined) throw new Error(`no app ${action.app}`);
  const next = { ...facts, ...action.change };
  const apps = new Map(world.apps).set(action.app, next);
  const leaves = world.named === action.app && !next.subscribed && !world.routing;
  const named = leaves ? null : world.named;
  draft.world = { ...world, apps, named };
  // [C17]
  if (draft.world.owner === action.app && !connected(draft.world, action.app)) {
    change(draft, null, { cause: 'disconnected' });
  }
  const queue = draft.world.queue.filter((app) => connected(draft.world, app));
  const held = draft.world.held.filter((app) => connected(draft.world, app));
  draft.world = { ...draft.world, queue, held };
  const changed = withApp(page, action.app, {
    subscribed: next.subscribed,
    advancedAccess: next.advanced,
    testers: next.tester ? [thread.psid] : [],
    now: world.now,
  });
  letOut(draft, world.now);
  owe(draft);
  return { page: deepFreeze(changed), thread, world: draft.world };
}

function compareTold(world: World, events: readonly Recorded[], told: readonly Told[]): void {
  for (const app of world.apps.keys()) {
    const heard = events
      .flatMap((each) => hearing(each, app))
      .map(({ channel, kind }) => `${channel} ${kind}`);
    const expected = told.filter((each) => each.app === app).map(({ what }) => what);
    expect(heard.join() === expected.join(), `what ${app} is told`, { heard, expected });
  }
}

/** Throws where the two tellings do not show the same thread at this instant. */
export function agree({ page, thread, world }: Pair): void {
  const control = ownerAt(page, thread, world.now);
  expect((control?.owner ?? null) === world.owner, 'owner', { control, owner: world.owner });
  if (control !== null)
    expect(control.until === controlEnd(world), 'end', { control, end: controlEnd(world) });
  const queue = queueOf({ page, thread, world });
  expect(queue.join() === world.queue.join(), 'queue', { queue, expected: world.queue });
  const shown = folderOf(page, thread, world.now);
  expect(shown === folder(world), 'folder', { shown, expected: folder(world) });
  const due = decide(page, thread, tick, world.now);
  const held = due.ok ? due.thread.held.map(({ app }) => app) : [];
  expect(held.join() === world.held.join(), 'held surveys', { held, expected: world.held });
  const maker = thread.menu?.maker ?? null;
  expect(maker === world.menu, 'menu', { maker, expected: world.menu });
  const marked = thread.done && world.owner !== world.inbox;
  expect(marked === world.marked, 'mark', { marked, expected: world.marked });
}

const queueOf = ({ page, thread, world }: Pair): readonly AppId[] =>
  openRequests(page, thread, world.now).map(({ app }) => app);

/**
 * Compares besides what can be asked, and what is due: it must show although no job has run (I3). Throws where the
 * tellings differ.
 * @returns the lines of the history that are due and not written yet
 */
export function compare(pair: Pair): readonly Line[] {
  agree(pair);
  const { page, thread, world } = pair;
  const queue = queueOf(pair);
  for (const caller of [...world.apps.keys(), world.inbox]) {
    const question = { page, thread, caller, now: world.now };
    const owner = askOwner(question);
    const may = world.known && connected(world, caller);
    expect(owner.ok === may, 'who may ask for the owner', { caller, owner });
    // [R6]
    const isNamed = !world.routing || caller === world.owner || caller === lead(world);
    const shown = isNamed && caller !== world.inbox ? world.owner : null;
    if (owner.ok && (caller !== world.inbox || !world.routing)) {
      expect(
        (owner.value?.owner ?? null) === (world.routing ? shown : world.owner),
        'the owner as asked',
        owner,
      );
    }
    const reads = may && !world.routing && (caller === world.owner || caller === world.named);
    const asked = askRequests(question);
    expect(asked.ok === reads, 'who may read the queue', { caller, asked });
    if (asked.ok) expect(asked.value.map(({ app }) => app).join() === queue.join(), 'queue as asked', asked);
  }
  const due = decide(page, thread, tick, world.now);
  if (!due.ok) throw new Error('time was refused');
  expect(due.thread.epoch === world.epoch, 'epoch', { epoch: due.thread.epoch, expected: world.epoch });
  return linesOf(due.events);
}

/** The lines of the history among these events, without numbers and metadata. */
export const linesOf = (events: readonly Recorded[]): readonly Line[] =>
  historyOf(events).map(({ at, cause, actor, previous, next }) => ({ at, cause, actor, previous, next }));

/** Throws with what differs unless it holds. */
export function expect(holds: boolean, what: string, seen: unknown): asserts holds {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(seen)}`);
}
