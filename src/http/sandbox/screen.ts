/** What a customer sees: every message of the thread, oldest first. */

import type { Recorded } from '../../protocol/event.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { readEvents } from '../../runtime/report.ts';
import type { Store, ThreadKey } from '../../store/port.ts';

export async function readScreen(store: Pick<Store, 'events'>, key: ThreadKey): Promise<JsonObject> {
  const messages = (await readEvents(store, key)).flatMap(showMessage);
  return { messages, menu: [] };
}

function showMessage({ event, timestamp }: Recorded): JsonObject[] {
  if (event.type === 'message_sent') {
    const { mid, text, attachment } = event.message;
    return [{ mid, from: 'page', app_id: event.app, text, attachment, timestamp }];
  }
  if (event.type !== 'act_received' || event.act.kind !== 'message') return [];
  const { mid, text, attachments } = event.act;
  return [{ mid, from: 'customer', app_id: null, text, attachment: attachments[0] ?? null, timestamp }];
}
