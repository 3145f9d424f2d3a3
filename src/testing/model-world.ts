/**
 * A second, deliberately simple telling of who controls a thread, written from the rules and not from the core. It
 * works the other way round: time and disconnections take effect at once instead of being read off when asked.
 * One thread, one customer; everything that a step changes is put in a copy of the world.
 */

import type { Folder } from '../protocol/command.ts';
import type { Cause } from '../protocol/event.ts';
import type { AppId } from '../protocol/ids.ts';
import type { Channel, EntryPoint } from '../protocol/page.ts';
import { DAY_MS, type Instant } from '../protocol/time.ts';

/** What matters of an app for this one customer. */
export type AppFacts = {
  readonly subscribed: boolean;
  readonly advanced: boolean;
  /** The customer has a role on the app. */
  readonly tester: boolean;
  readonly humanAgent: boolean;
  readonly takeControl: boolean;
  readonly standbyAccess: boolean;
};

export type World = {
  readonly now: Instant;
  readonly routing: boolean;
  readonly inbox: AppId;
  readonly apps: ReadonlyMap<AppId, AppFacts>;
  readonly named: AppId | null;
  readonly idleChannel: Channel | null;
  readonly entryPoints: readonly EntryPoint[];

  readonly known: boolean;
  readonly owner: AppId | null;
  /** The end of 24 hours since the owner got control, or since the last activity. */
  readonly leaseEnd: Instant;
  readonly extensionEnd: Instant | null;
  readonly term: { readonly key: string; readonly days: number } | null;
  readonly actAt: Instant | null;
  readonly spoke: 'customer' | 'page' | null;
  readonly marked: boolean;
  readonly queue: readonly AppId[];
  /** Who sent the surveys that wait, first come first. */
  readonly held: readonly AppId[];
  /** Who made the menu of this customer. */
  readonly menu: AppId | null;
  readonly epoch: number;
  /** What time and disconnections have told of surveys that went out, and no command has shown yet. */
  readonly owed: readonly Told[];
};

/** A line of the history. */
export type Line = {
  readonly at: Instant;
  readonly cause: Cause;
  readonly actor: AppId | null;
  readonly previous: AppId | null;
  readonly next: AppId | null;
};

/** A webhook: to whom, on which channel, of which kind. */
export type Told = { readonly app: AppId; readonly what: string };

/** A world that is being changed, and what has come of it so far. */
export type Draft = { world: World; readonly lines: Line[]; readonly told: Told[] };

/** [C16] */
export function connected(world: World, app: AppId): boolean {
  if (app === world.inbox) return true;
  const facts = world.apps.get(app);
  return facts?.subscribed === true && (facts.advanced || facts.tester);
}

/** Who answers first to this customer: the primary receiver, or the default app, for which the inbox stands in. */
export function lead(world: World): AppId | null {
  if (world.named !== null && connected(world, world.named)) return world.named;
  return world.routing ? world.inbox : null;
}

/** [I5, E1] */
export function controlEnd(world: World): Instant {
  const term = world.term === null || world.actAt === null ? 0 : world.actAt + world.term.days * DAY_MS;
  return Math.max(world.leaseEnd, world.extensionEnd ?? 0, term);
}

/** [X7] */
export function folder(world: World): Folder {
  if (world.owner === world.inbox) return 'main';
  if (world.marked) return 'done';
  return world.owner === null && lead(world) === null && world.spoke === 'customer' ? 'main' : 'general';
}

/** [W4] */
export function idleChannel(world: World): Channel {
  if (world.idleChannel !== null) return world.idleChannel;
  const number = [...world.apps.keys()].filter((app) => connected(world, app)).length;
  return number === 1 ? 'messages' : 'standby';
}

/** Control changes: the line (C14), the notices (C6, C7, W9), and what a change of owner ends (I5, K4, X7). */
export function change(
  draft: Draft,
  next: AppId | null,
  how: { readonly cause: Cause; readonly actor?: AppId; readonly at?: Instant; readonly tells?: boolean },
): void {
  const { cause, actor = null, at = draft.world.now, tells = false } = how;
  const previous = draft.world.owner;
  draft.lines.push({ at, cause, actor, previous, next });
  const byAnother = cause !== 'expiry' && cause !== 'disconnected' && actor !== previous;
  if (previous !== null && byAnother) notify(draft, previous, 'messages take_thread_control');
  if (next !== null && tells) notify(draft, next, 'messages pass_thread_control');
  draft.world = {
    ...draft.world,
    owner: next,
    leaseEnd: leaseFrom(draft.world, at) + DAY_MS,
    extensionEnd: null,
    term: null,
    queue: next === null ? [] : draft.world.queue.filter((app) => app !== next),
    marked: next === draft.world.inbox ? false : draft.world.marked,
    epoch: draft.world.epoch + 1,
  };
}

/** [I5, R7] */
function leaseFrom({ routing, actAt }: World, at: Instant): Instant {
  return routing && actAt !== null && at < actAt + DAY_MS ? actAt : at;
}

/** Tells one app; the inbox has no webhooks, and who is not connected or has no standby (R3) hears nothing. */
export function notify(draft: Draft, app: AppId, what: string): void {
  const { world } = draft;
  if (app === world.inbox || !connected(world, app)) return;
  const isShut = world.routing && what.startsWith('standby') && world.apps.get(app)?.standbyAccess !== true;
  if (!isShut) draft.told.push({ app, what });
}

/** [W5, I1, R7] */
export function say(draft: Draft, app: AppId): void {
  const { owner, apps, routing } = draft.world;
  for (const each of apps.keys()) {
    notify(draft, each, each === app || each === owner ? 'messages echo' : 'standby echo');
  }
  if (owner === app && !routing) renew(draft);
  draft.world = { ...draft.world, spoke: 'page' };
}

/** [S4] On an idle thread what is held goes out, if it still may at this instant. */
export function letOut(draft: Draft, at: Instant): void {
  if (draft.world.owner !== null) return;
  const { held, actAt } = draft.world;
  draft.world = { ...draft.world, held: [] };
  const inTime = actAt !== null && at < actAt + 7 * DAY_MS;
  for (const app of held) if (inTime && connected(draft.world, app)) say(draft, app);
}

/** What has been told without a command is owed to the next one. */
export function owe(draft: Draft): void {
  const owed = [...draft.world.owed, ...draft.told];
  draft.told.length = 0;
  draft.world = { ...draft.world, owed };
}

/** [W2, W4] The owner on `messages`, the others on `standby`; nobody's thread on the idle channel. */
export function notifyAll(draft: Draft, kind: string): void {
  const { apps, owner } = draft.world;
  for (const app of apps.keys()) {
    const channel = owner === null ? idleChannel(draft.world) : owner === app ? 'messages' : 'standby';
    notify(draft, app, `${channel} ${kind}`);
  }
}

/** [I1] */
export function renew(draft: Draft): void {
  draft.world = { ...draft.world, leaseEnd: draft.world.now + DAY_MS };
}

/** [I3] Time goes on to an instant; control that ends until then ends when it ends. */
export function letTimeGo(draft: Draft, now: Instant): void {
  const end = controlEnd(draft.world);
  if (draft.world.owner !== null && end <= now) {
    change(draft, null, { cause: 'expiry', at: end });
    letOut(draft, end);
  }
  const { actAt } = draft.world;
  // [S2]
  if (actAt !== null && actAt + 7 * DAY_MS <= now) draft.world = { ...draft.world, held: [] };
  owe(draft);
  draft.world = { ...draft.world, now };
}
