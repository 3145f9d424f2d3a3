import type { Event } from '../protocol/event.ts';
import type { Mid } from '../protocol/ids.ts';

/** The id of the message that came into being by this event; null when none did. */
export function midOf(event: Event): Mid | null {
  if (event.type === 'message_sent' || event.type === 'survey_held') return event.message.mid;
  return event.type === 'act_received' && event.act.kind === 'message' ? event.act.mid : null;
}
