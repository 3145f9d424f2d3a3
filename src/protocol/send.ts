/** [C4, C5, H] Messages of apps to the customer. */

import type { Send, Signal } from './command.ts';
import { connectionOf } from './page.ts';
import type { RefusalReason } from './refusal.ts';
import { denied, type Outcome, type Scene, verdictFor } from './scene.ts';
import { LONG_WINDOW_MS, WINDOW_MS } from './time.ts';

/** [C4, C5, C20, H1, H2] The message goes out, or nothing does. Sending moves no control. */
export function send(scene: Scene, command: Send): Outcome {
  const { caller: app, message, persona } = command;
  if (persona !== null && persona.maker !== app) return { refused: 'persona_of_another_app' };
  const refused = mayNotSpeak(scene, command);
  if (refused !== null) return { refused };
  const byOwner = scene.control?.owner === app;
  return { events: [{ type: 'message_sent', app, message, persona: persona?.id ?? null, byOwner }] };
}

/** Typing and the like: under the rules of a send, and nothing is kept of it. */
export function signal(scene: Scene, command: Signal): Outcome {
  const refused = mayNotSpeak(scene, command);
  return refused === null ? { events: [] } : { refused };
}

/**
 * [H1, H2, H3] The tag `HUMAN_AGENT` counts only with the feature: it then opens another's thread, and the longer
 * messaging window.
 */
function mayNotSpeak(scene: Scene, command: Send | Signal): RefusalReason | null {
  const asHuman = command.humanAgent && connectionOf(scene.page, command.caller)?.humanAgent === true;
  const refused = denied(scene, 'send', command);
  const excused = refused === 'controlled_by_another' && asHuman;
  if (refused !== null && !(excused && verdictFor(scene, 'send', command.caller) === 'human_agent')) {
    return refused;
  }
  return isWindowOpen(scene, asHuman ? LONG_WINDOW_MS : WINDOW_MS) ? null : 'outside_window';
}

/** [H2] Whether less than `windowMs` has gone by since the customer's last act. */
export function isWindowOpen({ thread, now }: Scene, windowMs: number): boolean {
  return thread.lastActAt !== null && now < thread.lastActAt + windowMs;
}
