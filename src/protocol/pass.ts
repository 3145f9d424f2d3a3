/** [C6] Passing control, and [C12] telling another app something without passing it. */

import type { Pass, PassMetadata } from './command.ts';
import { isConnected, primaryFor } from './page.ts';
import { changeTo, denied, type Outcome, type Scene } from './scene.ts';

/**
 * [C6, C19] The owner, and the primary receiver for it, pass a thread; on an idle one any connected app does. The
 * primary's pass to itself of another's thread is a take.
 */
export function pass(scene: Scene, command: Pass): Outcome {
  const { page, thread, control } = scene;
  const { caller, metadata } = command;
  const primary = primaryFor(page, thread.psid);
  const target = command.target ?? (caller === primary ? null : primary);
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
  if (!isConnected(scene.page, target, scene.thread.psid)) return { refused: 'target_not_connected' };
  if (target === caller) return { refused: 'target_is_caller' };
  const refused = denied(scene, 'pass_metadata', command);
  if (refused !== null) return { refused };
  return { events: [{ type: 'metadata_passed', app: caller, target, metadata }] };
}
