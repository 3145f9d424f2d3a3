/** What a customer sees: every message of the thread, oldest first, and what can be tapped beside them. */

import type { Recorded } from '../../protocol/event.ts';
import { itemsOf, menuFor, partFor, questionsOf } from '../../protocol/menu.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Page } from '../../protocol/page.ts';
import type { Thread } from '../../protocol/thread.ts';
import { readEvents } from '../../runtime/report.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ThreadKey } from '../../store/port.ts';
import { isObject } from './body.ts';

export async function readScreen(
  { store, threads }: Pick<Runtime, 'store' | 'threads'>,
  key: ThreadKey,
): Promise<JsonObject> {
  const messages = (await readEvents(store, key)).flatMap(showMessage);
  const read = await threads.read(key);
  return { messages, ...(read === null ? { menu: [] } : showProfile(read.page, read.thread)) };
}

/** [M5, M6] What has been made for this customer by apps that are connected. */
const showProfile = (page: Page, thread: Thread): JsonObject => ({
  menu: itemsOf(menuFor(page, thread)).map(showItem),
  get_started: partFor(page, 'get_started', thread.psid) !== null,
  ice_breakers: questionsOf(partFor(page, 'ice_breakers', thread.psid)).map(({ question }) => question ?? ''),
});

/** An item without its payload, which is for its maker. */
function showItem({ payload: _, ...item }: JsonObject): JsonObject {
  const inner = item['call_to_actions'];
  return Array.isArray(inner) ? { ...item, call_to_actions: inner.filter(isObject).map(showItem) } : item;
}

function showMessage({ event, timestamp }: Recorded): JsonObject[] {
  if (event.type === 'message_sent') {
    const { mid, text, attachment, quickReplies } = event.message;
    const quick_replies = quickReplies.flatMap(showReply);
    const tappable = quick_replies.length === 0 ? {} : { quick_replies };
    return [{ mid, from: 'page', app_id: event.app, text, attachment, timestamp, ...tappable }];
  }
  if (event.type !== 'act_received' || event.act.kind !== 'message') return [];
  const { mid, text, attachments } = event.act;
  return [{ mid, from: 'customer', app_id: null, text, attachment: attachments[0] ?? null, timestamp }];
}

/** [B4] With its payload, which is part of what the customer says; one that fills in a number or address has none. */
const showReply = ({ title, payload }: JsonObject): JsonObject[] =>
  title === undefined || payload === undefined ? [] : [{ title, payload }];
