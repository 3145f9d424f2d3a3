/** Questions of an app that reads what was said: they change nothing. */

import type { Question } from './ask.ts';
import { decide } from './decide.ts';
import type { Mid } from './ids.ts';
import { TRAITS } from './modes.ts';
import { connectionOf } from './page.ts';
import { ownerAt } from './thread.ts';

/** Whether the asker controls the thread. */
export const isOwner = ({ page, thread, caller, now }: Question): boolean =>
  ownerAt(page, thread, now)?.owner === caller;

/** [C4, C5, H2, R2] Whether an ordinary message of the asker would go out now. */
export const canSend = ({ page, thread, caller, now }: Question): boolean =>
  decide(page, thread, { type: 'signal', caller, controlEpoch: null, humanAgent: false, control: null }, now)
    .ok;

/**
 * [W2, R3] Whether the asker may read what others say on the thread: what it would hear by webhook, it may read. Where
 * the standby channel is given, an app without it reads only a thread that it controls.
 */
export function mayRead(question: Question): boolean {
  const { page, caller } = question;
  if (!TRAITS[page.mode].standbyIsGiven || connectionOf(page, caller)?.standbyAccess === true) return true;
  return isOwner(question);
}

export type SurveyState = 'held' | 'delivered' | 'dropped';

/** [S2] What became of a survey that was held, as of now: whether or not anybody has written it down yet. */
export function surveyState({ page, thread, now }: Omit<Question, 'caller'>, mid: Mid): SurveyState {
  const settled = decide(page, thread, { type: 'tick' }, now);
  if (!settled.ok) return 'held';
  if (settled.thread.held.some(({ message }) => message.mid === mid)) return 'held';
  const isSent = settled.events.some(
    ({ event }) => event.type === 'message_sent' && event.message.mid === mid,
  );
  return isSent ? 'delivered' : 'dropped';
}
