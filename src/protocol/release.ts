/** [C9] Giving control up. */

import type { Release } from './command.ts';
import { changeTo, denied, type Outcome, type Scene } from './scene.ts';

/** [C9, P5, C19] The owner releases; the thread is idle until the customer acts again. */
export function release(scene: Scene, command: Omit<Release, 'type'>): Outcome {
  const refused = denied(scene, 'release', command);
  if (refused !== null) return { refused };
  const { caller: actor, metadata } = command;
  return { events: [changeTo(scene, null, { cause: 'release', actor, metadata })] };
}
