/** [M3, M4] The menu of one customer. */

import type { SetMenu } from './command.ts';
import { denied, type Outcome, type Scene } from './scene.ts';

/** [M3, M4] The owner sets or deletes it, on an idle thread any connected app. Who sets it is its maker (M5). */
export function setMenu(scene: Scene, command: SetMenu): Outcome {
  const refused = denied(scene, 'set_menu', command);
  if (refused !== null) return { refused };
  const { caller: app, menu } = command;
  if (menu === null && scene.thread.menu === null) return { events: [] };
  return {
    events: [{ type: 'menu_changed', app, menu: menu === null ? null : { maker: app, value: menu } }],
  };
}
