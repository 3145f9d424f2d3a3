/** [C10] Putting the end of control off. */

import type { Extend } from './command.ts';
import { denied, type Outcome, type Scene } from './scene.ts';

/** [C10, C19, I2] The owner extends from now; what it has is never shortened. */
export function extend(scene: Scene, command: Extend): Outcome {
  const refused = denied(scene, 'extend', command);
  if (refused !== null) return { refused };
  const had = scene.thread.lease?.extendedUntil ?? 0;
  const until = Math.max(had, scene.now + command.durationMs);
  return { events: [{ type: 'lease_extended', app: command.caller, until }] };
}
