/** What every rule looks at: the page, the thread with nothing due left in it, the instant, the owner. */

import type { Call } from './command.ts';
import type { Cause, Event } from './event.ts';
import { type AppId, isInbox } from './ids.ts';
import { connectionNumber, connectionOf, inboxOf, isConnected, type Page } from './page.ts';
import { allowedCalls, type CallName, standingOf, type Verdict, verdictOf } from './permissions.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import { type Control, ownerAt, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

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
  if (controlEpoch !== null && controlEpoch !== scene.thread.epoch) return 'stale_epoch';
  const verdict = verdictFor(scene, call, caller);
  if (verdict === 'human_agent') return 'controlled_by_another';
  return verdict === 'yes' ? null : verdict;
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
  };
}

/** [C13] The refusal of a caller, with what it is told; `caller` is null for the customer. */
export function refuse(scene: Scene, reason: RefusalReason, caller: AppId | null): Refusal {
  const { page, thread, control } = scene;
  const stranger = caller === null || callerProblem(scene, caller) !== null;
  if (stranger) return { reason, control: null, allowed: [], epoch: thread.epoch };
  const standing = standingOf(page, thread.psid, control?.owner ?? null, caller);
  return {
    reason,
    control: control === null ? null : { ...control, ownerName: nameOf(page, control.owner) },
    allowed: allowedCalls(page.mode, standing, control !== null),
    epoch: thread.epoch,
  };
}

/** The name of an app of this page, for people to read. */
export function nameOf(page: Page, app: AppId): string {
  if (isInbox(app)) return page.platform === 'instagram' ? 'Instagram Inbox' : 'Page Inbox';
  return connectionOf(page, app)?.name ?? app;
}
