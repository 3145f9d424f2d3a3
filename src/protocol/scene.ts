/** What every rule looks at: the page, the thread with nothing due left in it, the instant, the owner. */

import type { Call } from './command.ts';
import type { Cause, Event } from './event.ts';
import { type AppId, isInbox } from './ids.ts';
import { TRAITS } from './modes.ts';
import { connectionNumber, connectionOf, inboxOf, isConnected, type Page } from './page.ts';
import { allowedCalls, type CallName, isOpen, standingOf, type Verdict, verdictOf } from './permissions.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import { type Control, ownerAt, type Thread } from './thread.ts';
import { type Instant, LEASE_MS } from './time.ts';

export type Scene = {
  readonly page: Page;
  readonly thread: Thread;
  readonly now: Instant;
  readonly control: Control | null;
};

/** What a rule answers: the events that follow, or why not. */
export type Outcome = { readonly events: readonly Event[] } | { readonly refused: RefusalReason };

export const sceneOf = (page: Page, thread: Thread, now: Instant): Scene => ({
  page,
  thread,
  now,
  control: ownerAt(page, thread, now),
});

/** What the permission table says of the caller here. */
export function verdictFor(scene: Scene, call: CallName, caller: AppId): Verdict {
  const { page, thread, control } = scene;
  const standing = standingOf(page, thread.psid, control?.owner ?? null, caller);
  return verdictOf(page.mode, call, standing, control !== null);
}

/** Why a call is refused for a stale `control_epoch` or for what the caller is; null when it may go on. */
export function denied(scene: Scene, call: CallName, { caller, controlEpoch }: Call): RefusalReason | null {
  const verdict = verdictFor(scene, call, caller);
  if (verdict === 'not_available') return verdict;
  if (controlEpoch !== null && controlEpoch !== scene.thread.epoch) return 'stale_epoch';
  if (isOpen(verdict, connectionOf(scene.page, caller)) || verdict === 'unnamed') return null;
  switch (verdict) {
    case 'human_agent':
      return scene.control === null ? 'not_default_app' : 'controlled_by_another';
    case 'take_right':
      return 'take_not_given';
    default:
      return verdict === 'yes' || verdict === 'hold' ? null : verdict;
  }
}

/** [C16] Why the caller may not speak of this thread at all; null when it may. */
export function callerProblem(scene: Scene, caller: AppId): RefusalReason | null {
  const { page, thread } = scene;
  if (caller === inboxOf(page)) return thread.customer === null ? 'unknown_customer' : null;
  if (connectionOf(page, caller)?.subscribed !== true) return 'caller_not_connected';
  if (thread.customer === null) return 'unknown_customer';
  return isConnected(page, caller, thread.psid) ? null : 'caller_without_role';
}

/** The change of control to `next`, or to nobody. */
export function changeTo(
  scene: Scene,
  next: AppId | null,
  how: {
    readonly cause: Cause;
    readonly actor: AppId | null;
    readonly metadata?: string | null;
  },
): Event {
  return {
    type: 'control_changed',
    cause: how.cause,
    actor: how.actor,
    previous: scene.control?.owner ?? null,
    next,
    connection: next === null ? 0 : connectionNumber(scene.page, next),
    metadata: how.metadata ?? null,
    ...leaseFrom(scene, next),
  };
}

/**
 * [R7] Where only the customer's acts count, a new owner's 24 hours run from the last of them; where those are over,
 * from now.
 */
function leaseFrom({ page, thread, now }: Scene, next: AppId | null): { readonly leaseFrom?: Instant } {
  const acted = thread.lastActAt;
  if (TRAITS[page.mode].ownerRenews || next === null) return {};
  return acted === null || acted + LEASE_MS <= now ? {} : { leaseFrom: acted };
}

/** [C13] The refusal of a caller, with what it is told; `caller` is null for the customer. */
export function refuse(scene: Scene, reason: RefusalReason, caller: AppId | null): Refusal {
  const { page, thread, control } = scene;
  const stranger = caller === null || callerProblem(scene, caller) !== null;
  if (stranger) return { reason, control: null, allowed: [], epoch: thread.epoch };
  const standing = standingOf(page, thread.psid, control?.owner ?? null, caller);
  return {
    reason,
    control: control === null ? null : { owner: ownerShown(scene, caller), until: control.until },
    allowed: allowedCalls(page.mode, standing, control !== null, connectionOf(page, caller)),
    epoch: thread.epoch,
  };
}

/** [C13, R6] The owner, as far as this caller may know it. */
function ownerShown(scene: Scene, caller: AppId): { readonly app: AppId; readonly name: string } | null {
  if (scene.control === null || verdictFor(scene, 'thread_owner', caller) !== 'yes') return null;
  const { owner } = scene.control;
  return { app: owner, name: nameOf(scene.page, owner) };
}

/** The name of an app of this page, for people to read. */
export function nameOf(page: Page, app: AppId): string {
  if (isInbox(app)) return page.platform === 'instagram' ? 'Instagram Inbox' : 'Page Inbox';
  return connectionOf(page, app)?.name ?? app;
}
