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
};

export type World = {
  readonly now: Instant;
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
  readonly epoch: number;
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

/** The primary receiver as far as this customer is concerned. */
export const primary = (world: World): AppId | null =>
  world.named !== null && connected(world, world.named) ? world.named : null;

/** [I5, E1] */
export function controlEnd(world: World): Instant {
  const term = world.term === null || world.actAt === null ? 0 : world.actAt + world.term.days * DAY_MS;
  return Math.max(world.leaseEnd, world.extensionEnd ?? 0, term);
}

/** [X7] */
export function folder(world: World): Folder {
  if (world.owner === world.inbox) return 'main';
  if (world.marked) return 'done';
  return world.owner === null && primary(world) === null && world.spoke === 'customer' ? 'main' : 'general';
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
    leaseEnd: at + DAY_MS,
    extensionEnd: null,
    term: null,
    queue: next === null ? [] : draft.world.queue.filter((app) => app !== next),
    marked: next === draft.world.inbox ? false : draft.world.marked,
    epoch: draft.world.epoch + 1,
  };
}

/** Tells one app; the inbox has no webhooks, and who is not connected hears nothing (C16). */
export function notify(draft: Draft, app: AppId, what: string): void {
  if (app !== draft.world.inbox && connected(draft.world, app)) draft.told.push({ app, what });
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
  if (draft.world.owner !== null && controlEnd(draft.world) <= now) {
    change(draft, null, { cause: 'expiry', at: controlEnd(draft.world) });
  }
  draft.world = { ...draft.world, now };
}
