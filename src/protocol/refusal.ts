/**
 * Expected refusals. They are values, a closed union; when several fit, the one that stands first here is given.
 * Their Graph codes are the wire's business.
 */

import type { AppId } from './ids.ts';
import type { CallName } from './permissions.ts';
import type { Instant } from './time.ts';

export type RefusalReason =
  /** [C16] The caller is not connected to the page. */
  | 'caller_not_connected'
  /** No customer of this id is known to the page. */
  | 'unknown_customer'
  /** [C16, A3] The caller is in development, and the customer has no role on it. */
  | 'caller_without_role'
  /** [R4] Not a call of this mode. */
  | 'not_available'
  /** [R5] `thread_control` on a page in handover mode. */
  | 'thread_control_not_available'
  /** [M5, M6] The customer sees nothing like what they tap. */
  | 'nothing_to_tap'
  /** [S2] The survey can be answered no more. */
  | 'survey_expired'
  /** [C6] `target_app_id` is missing, and there is nobody to stand in for it. */
  | 'target_required'
  /** [C16] The target is not connected for this thread. */
  | 'target_not_connected'
  /** [C12] Metadata to oneself. */
  | 'target_is_caller'
  /** [C20] The persona was made by another app. */
  | 'persona_of_another_app'
  /** The caller's `control_epoch` is not the thread's. */
  | 'stale_epoch'
  /** [C4] A send on a thread that another app controls. */
  | 'controlled_by_another'
  /** [M3] The menu of a customer whose thread another app controls. */
  | 'menu_of_another'
  /** [R2] A send on an idle thread by another than the default app. */
  | 'not_default_app'
  /** [R3] The page has not given the caller "take control of conversations". */
  | 'take_not_given'
  /** [C19] Pass, release, extend, take or a reading by one who may not. */
  | 'not_owner'
  /** [C19] Take, request or pass to itself by the owner. */
  | 'already_owner'
  /** [C6] A pass to the app that already controls the thread. */
  | 'target_is_owner'
  /** [P7] For the primary receiver only. */
  | 'not_primary_receiver'
  /** [M2, M6, R10] The profile is set by the primary receiver, or the default app, only. */
  | 'profile_of_lead'
  /** [H2] Too long after the customer's last act. */
  | 'outside_window'
  /** [S1] As many surveys are held on the thread as can be. */
  | 'too_many_surveys';

/** [C13] A refused call: the reason, who controls the thread, until when, and what the caller may do instead. */
export type Refusal = {
  readonly reason: RefusalReason;
  /** Who controls the thread; null when it is idle, no thread is concerned, or the caller may not know (C13). */
  readonly control: {
    /** Null where the caller may not know it (R6). */
    readonly owner: { readonly app: AppId; readonly name: string } | null;
    readonly until: Instant;
  } | null;
  /** The calls that the permission table allows the caller here, in the order of the table. */
  readonly allowed: readonly CallName[];
  /** The thread's epoch, for `stale_epoch`. */
  readonly epoch: number;
};
