/** [C8] Asking for control. */

import type { RequestControl } from './command.ts';
import { connectionNumber } from './page.ts';
import { changeTo, denied, type Outcome, type Scene } from './scene.ts';

/** [C8, C19, K4] Granted at once on an idle thread; on an owned one it joins the queue, or updates its place there. */
export function request(scene: Scene, command: RequestControl): Outcome {
  const refused = denied(scene, 'request', command);
  if (refused !== null) return { refused };
  const { caller: app, metadata } = command;
  if (scene.control === null) {
    return { events: [changeTo(scene, app, { cause: 'request', actor: app, metadata })] };
  }
  const connection = connectionNumber(scene.page, app);
  const switches = scene.page.switches.number;
  return { events: [{ type: 'control_requested', app, connection, switches, metadata }] };
}
