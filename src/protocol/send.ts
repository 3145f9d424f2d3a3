/** [C4, C5, H, R2, R11] Messages of apps to the customer. */

import type { Send, Signal } from './command.ts';
import type { Event } from './event.ts';
import { TRAITS } from './modes.ts';
import { connectionOf } from './page.ts';
import { targetOf } from './pass.ts';
import type { RefusalReason } from './refusal.ts';
import { changeTo, denied, type Outcome, type Scene, verdictFor } from './scene.ts';
import { sendSurvey } from './survey.ts';
import { LONG_WINDOW_MS, WINDOW_MS } from './time.ts';

/** [C4, C5, C20, H1, H2, R11] The message goes out, or nothing does. Sending moves no control, save by R11. */
export function send(scene: Scene, command: Send): Outcome {
  const { caller: app, message, persona } = command;
  if (persona !== null && persona.maker !== app) return { refused: 'persona_of_another_app' };
  if (command.survey) return sendSurvey(scene, command);
  const leave = maySpeak(scene, command);
  if ('refused' in leave) return leave;
  const { humanAgentTakes, ownerRenews } = TRAITS[scene.page.mode];
  const takes = leave.byTag && humanAgentTakes;
  const renews = ownerRenews && scene.control?.owner === app;
  const sent: Event = { type: 'message_sent', app, message, persona: persona?.id ?? null, renews };
  if (!takes) return { events: [sent] };
  const metadata = isForItself(scene, command) ? (command.control?.metadata ?? null) : null;
  return { events: [changeTo(scene, app, { cause: 'take', actor: app, metadata }), sent] };
}

/** [R5] Whether a send passes control to its sender. */
export const isForItself = (scene: Scene, { caller, control }: Send | Signal): boolean =>
  control?.type === 'pass' && targetOf(scene, { caller, target: control.target }) === caller;

/** Typing and the like: under the rules of a send, and nothing is kept of it. */
export function signal(scene: Scene, command: Signal): Outcome {
  const leave = maySpeak(scene, command);
  return 'refused' in leave ? leave : { events: [] };
}

/** Leave to speak: by right, or by the tag `HUMAN_AGENT` alone. */
type Leave = { readonly byTag: boolean } | { readonly refused: RefusalReason };

/**
 * [H1, H2, H3, R11] The tag `HUMAN_AGENT` counts only with the feature: it then opens another's thread, and the longer
 * messaging window. Where such a send takes control, it needs the right to take.
 */
function maySpeak(scene: Scene, command: Send | Signal): Leave {
  const connection = connectionOf(scene.page, command.caller);
  const asHuman = command.humanAgent && connection?.humanAgent === true;
  const mayEnter = asHuman && (connection.takeControl || !TRAITS[scene.page.mode].humanAgentTakes);
  const refused = denied(scene, 'send', command);
  const byTag =
    refused !== null &&
    refused !== 'stale_epoch' &&
    mayEnter &&
    verdictFor(scene, 'send', command.caller) === 'human_agent';
  if (refused !== null && !byTag) return { refused };
  if (!isWindowOpen(scene, asHuman ? LONG_WINDOW_MS : WINDOW_MS)) return { refused: 'outside_window' };
  return { byTag };
}

/** [H2] Whether less than `windowMs` has gone by since the customer's last act. */
export function isWindowOpen({ thread, now }: Scene, windowMs: number): boolean {
  return thread.lastActAt !== null && now < thread.lastActAt + windowMs;
}
