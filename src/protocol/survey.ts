/** [S] Surveys: accepted at any time, and delivered when nobody else is speaking. */

import type { Send } from './command.ts';
import type { Event } from './event.ts';
import { TRAITS } from './modes.ts';
import { connectionNumber, isConnected, lostAt, type Page } from './page.ts';
import { denied, type Outcome, type Scene, verdictFor } from './scene.ts';
import { type HeldSurvey, heldUntil, MAX_HELD_SURVEYS, type Thread } from './thread.ts';
import type { Instant } from './time.ts';

/** [S1, H2] Goes out at once on an idle thread and from the owner; else it is held. */
export function sendSurvey(scene: Scene, command: Send): Outcome {
  const { caller: app, message } = command;
  const refused = denied(scene, 'survey', command);
  if (refused !== null) return { refused };
  const until = heldUntil(scene.thread);
  if (until === null || until <= scene.now) return { refused: 'outside_window' };
  const persona = command.persona?.id ?? null;
  if (verdictFor(scene, 'survey', app) !== 'hold') {
    const renews = scene.control?.owner === app && TRAITS[scene.page.mode].ownerRenews;
    return { events: [{ type: 'message_sent', app, message, persona, renews }] };
  }
  if (scene.thread.held.length >= MAX_HELD_SURVEYS) return { refused: 'too_many_surveys' };
  const connection = connectionNumber(scene.page, app);
  return { events: [{ type: 'survey_held', app, connection, message, persona }] };
}

/** [S4] What becomes of a held survey now that the thread is idle: C16 and H2 are checked again. */
export function outOfHold(page: Page, thread: Thread, held: HeldSurvey): Event {
  const { app, message, persona } = held;
  const drop = (reason: Extract<Event, { type: 'survey_dropped' }>['reason']): Event => ({
    type: 'survey_dropped',
    app,
    mid: message.mid,
    reason,
  });
  const isLost = lostAt(page, app, held.connection, thread.psid) !== null;
  if (isLost || !isConnected(page, app, thread.psid)) return drop('not_connected');
  const until = heldUntil(thread);
  if (until === null || until <= thread.lastEventAt) return drop('outside_window');
  if (message.attachment === null) return drop('erased');
  return { type: 'message_sent', app, message, persona, renews: false };
}

/** [C17, S2] A held survey that has become void by `now` while the thread is owned, and since when; null: none has. */
export function voidSurvey(
  page: Page,
  thread: Thread,
  now: Instant,
): { readonly at: Instant; readonly event: Event } | null {
  for (const { app, connection, message } of thread.held) {
    const lost = lostAt(page, app, connection, thread.psid);
    if (lost !== null) {
      return { at: lost, event: { type: 'survey_dropped', app, mid: message.mid, reason: 'not_connected' } };
    }
  }
  const [first] = thread.held;
  const until = heldUntil(thread);
  if (first === undefined || until === null || until > now) return null;
  const event: Event = {
    type: 'survey_dropped',
    app: first.app,
    mid: first.message.mid,
    reason: 'outside_window',
  };
  return { at: until, event };
}
