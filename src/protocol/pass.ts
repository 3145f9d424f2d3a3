/** [C6] Passing control, and [C12] telling another app something without passing it. */

import type { Pass, PassMetadata } from './command.ts';
import type { AppId } from './ids.ts';
import { TRAITS } from './modes.ts';
import { isConnected, leadFor } from './page.ts';
import { changeTo, denied, type Outcome, type Scene, verdictFor } from './scene.ts';

/** [C6, R4] Whom a pass by this caller is for: without a name the lead. Null: somebody has to be named. */
export function targetOf(
  { page, thread }: Scene,
  { caller, target }: Pick<Pass, 'caller' | 'target'>,
): AppId | null {
  const lead = leadFor(page, thread.psid);
  const mustName = caller === lead && !TRAITS[page.mode].leadIsItsOwnTarget;
  return target ?? (mustName ? null : lead);
}

/**
 * [C6, C19, R4] The owner, and the primary receiver for it, pass a thread; on an idle one any connected app does. The
 * primary's pass to itself of another's thread is a take. Without a target it goes to the lead.
 */
export function pass(scene: Scene, command: Omit<Pass, 'type'>): Outcome {
  const { page, thread, control } = scene;
  const { caller, metadata } = command;
  const target = targetOf(scene, command);
  if (target === null) return { refused: 'target_required' };
  if (!isConnected(page, target, thread.psid)) return { refused: 'target_not_connected' };
  const refused = denied(scene, 'pass', command);
  if (refused !== null) return { refused };
  if (control !== null && target === control.owner) {
    return { refused: target === caller ? 'already_owner' : 'target_is_owner' };
  }
  const cause = control !== null && target === caller ? 'take' : 'pass';
  return { events: [changeTo(scene, target, { cause, actor: caller, metadata })] };
}

/** [C12] Any connected app tells another something; control stays. */
export function passMetadata(scene: Scene, command: PassMetadata): Outcome {
  const { caller, target, metadata } = command;
  if (verdictFor(scene, 'pass_metadata', caller) === 'not_available') return { refused: 'not_available' };
  if (!isConnected(scene.page, target, scene.thread.psid)) return { refused: 'target_not_connected' };
  if (target === caller) return { refused: 'target_is_caller' };
  const refused = denied(scene, 'pass_metadata', command);
  if (refused !== null) return { refused };
  return { events: [{ type: 'metadata_passed', app: caller, target, metadata }] };
}
