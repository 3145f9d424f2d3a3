/** [C7] Taking control. */

import type { Take } from './command.ts';
import { changeTo, denied, type Outcome, type Scene } from './scene.ts';

/** [C3, C7, C19, P4] Any connected app takes an idle thread; an owned one only the primary receiver. */
export function take(scene: Scene, command: Take): Outcome {
  const refused = denied(scene, 'take', command);
  if (refused !== null) return { refused };
  const { caller: actor, metadata } = command;
  return { events: [changeTo(scene, actor, { cause: 'take', actor, metadata })] };
}
