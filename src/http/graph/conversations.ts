/** Reading: the conversations of a page, and what was said in them. An app sees those for which it is connected (C16). */

import type { Recorded } from '../../protocol/event.ts';
import { type Psid, parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { TRAITS } from '../../protocol/modes.ts';
import { connectionOf, isConnected } from '../../protocol/page.ts';
import { canSend, isOwner, mayRead } from '../../protocol/reading.ts';
import type { Thread } from '../../protocol/thread.ts';
import type { ThreadKey } from '../../store/port.ts';
import {
  conversationId,
  nameOfCustomer,
  type Parties,
  parseConversationId,
  renderConversation,
  renderMessage,
  type Said,
} from '../../wire/conversations.ts';
import { readEnum, readPsid } from '../../wire/fields.ts';
import { limited, type Part, readPart, renderList } from '../../wire/paging.ts';
import { readSelection, type Selection, select } from '../../wire/selection.ts';
import { type Answer, answerWith, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';

/** How many events are read at a time for each message that is wanted: not every event is one. */
const EVENTS_A_MESSAGE = 4;
const USUAL_FIELDS = ['id', 'updated_time', 'participants', 'can_reply', 'is_owner'];
/** Meta's tells no more of a message in a list unless it is asked. */
const USUAL_OF_MESSAGE = ['id', 'created_time'];

/** A thread as it is read: the page, the thread, who asks and when. */
export type Reading = {
  readonly page: GraphCall['caller']['page'];
  readonly thread: Thread;
  readonly caller: GraphCall['caller']['app']['id'];
  readonly now: number;
};

/** `GET /{page}/conversations`, in the order of the customers' ids. */
export const listConversations: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call) {
    const { caller, parameters, origin } = call;
    const platform = readEnum(parameters, 'platform', ['messenger', 'instagram']);
    if (!platform.ok) return failFor(platform.problem);
    const part = readPart(parameters);
    if (!part.ok) return failFor(part.problem);
    const selection = readSelection(parameters);
    if (!selection.ok) return failFor(selection.problem);
    const only = parameters.has('user_id') ? readPsid(parameters.value('user_id'), 'user_id') : null;
    if (only?.ok === false) return failFor(only.problem);
    if (platform.value !== null && platform.value !== caller.page.platform) return answerWith({ data: [] });
    const threads =
      only === null ? await readThreads(call, part.value) : await readThread(call, only.value, part.value);
    const nodes = await Promise.all(threads.map((thread) => showThread(call, thread, selection.value)));
    const { limit } = part.value;
    const url = `${origin}/${caller.page.id}/conversations${again(call, ['platform', 'fields'])}`;
    const items = threads.map(({ psid }, index) => ({ psid, node: nodes[index] ?? {} }));
    return answerWith(
      renderList(items, { limit, url, place: ({ psid }) => psid, render: ({ node }) => node }),
    );
  },
};

/** The parameters that the next part of a list needs, too; no token is ever among them. */
function again({ parameters }: GraphCall, names: readonly string[]): string {
  const kept = names.flatMap((name): [string, string][] => {
    const text = parameters.text(name);
    return text === null ? [] : [[name, text]];
  });
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`;
}

/** Threads that are read at once; those of customers of whom only the name is known are passed over. */
const READ_GROUP = 101;

/** One more than was asked for, where there are as many. */
async function readThreads(call: GraphCall, { after, limit }: Part): Promise<readonly Thread[]> {
  const { runtime, caller } = call;
  const connection = connectionOf(caller.page, caller.app.id);
  if (connection?.advancedAccess !== true) {
    return readSome(call, connection?.testers ?? [], { after, limit });
  }
  const found: Thread[] = [];
  for (let last = after === null ? null : parsePsid(after); found.length <= limit; ) {
    const group = await runtime.store.threads(caller.page.id, { after: last, limit: READ_GROUP });
    found.push(...group.filter(isConversation));
    last = group.at(-1)?.psid ?? last;
    if (group.length < READ_GROUP) break;
    // The store answers at once: others must have their turn.
    await new Promise(setImmediate);
  }
  return found.slice(0, limit + 1);
}

/** [A3] An app without advanced access sees those who have a role on it. */
async function readSome(
  call: GraphCall,
  psids: readonly Psid[],
  { after, limit }: Part,
): Promise<readonly Thread[]> {
  const found: Thread[] = [];
  for (const psid of [...new Set(psids)].toSorted()) {
    if (after !== null && psid <= after) continue;
    const reading = await readingOf(call, psid);
    if (reading !== null) found.push(reading.thread);
    if (found.length > limit) break;
  }
  return found;
}

async function readThread(call: GraphCall, psid: Psid, { after }: Part): Promise<readonly Thread[]> {
  const reading = await readingOf(call, psid);
  return reading === null || (after !== null && psid <= after) ? [] : [reading.thread];
}

/** Customers of whom only the name is known have no conversation yet. */
const isConversation = ({ customer, lastFrom }: Thread): boolean => customer !== null && lastFrom !== null;

/** [C16] A thread of the caller's page that the caller may see; null otherwise. */
export async function readingOf({ runtime, caller }: GraphCall, psid: Psid): Promise<Reading | null> {
  if (!isConnected(caller.page, caller.app.id, psid)) return null;
  const found = await runtime.threads.read({ page: caller.page.id, psid });
  if (found === null || !isConversation(found.thread)) return null;
  return { ...found, caller: caller.app.id, now: runtime.clock.now() };
}

export const partiesOf = ({ page, thread }: Reading): Parties => ({
  page,
  psid: thread.psid,
  name: nameOfCustomer(thread.customer?.name, thread.psid),
});

async function showThread(call: GraphCall, thread: Thread, selection: Selection | null): Promise<JsonObject> {
  const { runtime, caller } = call;
  const { page } = caller;
  const reading: Reading = { page, thread, caller: caller.app.id, now: runtime.clock.now() };
  const node = renderConversation(partiesOf(reading), {
    updatedAt: thread.lastEventAt,
    canReply: canSend(reading),
    isOwner: TRAITS[page.mode].standbyIsGiven ? isOwner(reading) : null,
  });
  const asked = selection?.get('messages');
  const shown = select(node, selection, USUAL_FIELDS);
  if (asked === undefined) return shown;
  const part = { limit: limited(asked.limit), after: null };
  return { ...shown, messages: await showMessages(call, reading, { part, selection: asked.inner }) };
}

/** `GET /{conversation}` */
export const readConversation: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call, node) {
    const selection = readSelection(call.parameters);
    if (!selection.ok) return failFor(selection.problem);
    const reading = await conversationAt(call, node);
    return reading === null
      ? failWith('unknown_node', { id: node, method: 'get' })
      : answerWith(await showThread(call, reading.thread, selection.value));
  },
};

/** `GET /{conversation}/messages`, the latest first. */
export const listMessages: Route = {
  tasks: SEND_TASKS,
  connected: true,
  async run(call, node): Promise<Answer> {
    const part = readPart(call.parameters);
    if (!part.ok) return failFor(part.problem);
    const selection = readSelection(call.parameters);
    if (!selection.ok) return failFor(selection.problem);
    const reading = await conversationAt(call, node);
    if (reading === null) return failWith('unknown_node', { id: node, method: 'get' });
    const query = again(call, ['fields']);
    const asked = { part: part.value, selection: selection.value, query };
    return answerWith(await showMessages(call, reading, asked));
  },
};

async function conversationAt(call: GraphCall, node: string): Promise<Reading | null> {
  const key = parseConversationId(node);
  return key === null || key.page !== call.caller.page.id ? null : readingOf(call, key.psid);
}

async function showMessages(
  call: GraphCall,
  reading: Reading,
  {
    part,
    selection,
    query = '',
  }: { readonly part: Part; readonly selection: Selection | null; readonly query?: string },
): Promise<JsonObject> {
  const found = await readSaid(call, reading, part);
  const parties = partiesOf(reading);
  return renderList(found, {
    limit: part.limit,
    url: `${call.origin}/${conversationId(reading.page.id, reading.thread.psid)}/messages${query}`,
    place: ({ seq }) => String(seq),
    render: ({ said }) => select(renderMessage(said, parties, reading.caller), selection, USUAL_OF_MESSAGE),
  });
}

type Placed = { readonly seq: number; readonly said: Said };

/** One more than was asked for, where there are as many. */
async function readSaid(
  { runtime }: GraphCall,
  reading: Reading,
  { after, limit }: Part,
): Promise<readonly Placed[]> {
  const { page, psid, seq } = reading.thread;
  const key: ThreadKey = { page, psid };
  const found: Placed[] = [];
  let end = Math.min(seq, after === null ? seq : Number(after) - 1);
  while (end > 0 && found.length <= limit) {
    const from = Math.max(0, end - EVENTS_A_MESSAGE * (limit + 1));
    const group = await runtime.store.events(key, { after: from, limit: end - from });
    found.push(
      ...group.toReversed().flatMap((recorded): Placed[] => {
        const said = saidBy(recorded, reading);
        return said === null ? [] : [{ seq: recorded.seq, said }];
      }),
    );
    end = from;
    // The store answers at once: others must have their turn.
    await new Promise(setImmediate);
  }
  return found.slice(0, limit + 1);
}

/** What an event has added to the conversation, as far as the caller may read it; null otherwise. */
export function saidBy({ event, timestamp }: Recorded, reading: Reading): Said | null {
  if (event.type === 'message_sent') {
    const { mid, text, attachment } = event.message;
    const isOwn = event.app === reading.caller;
    if (!isOwn && !mayRead(reading)) return null;
    const attachments = attachment === null ? [] : [attachment];
    return { mid, at: timestamp, app: event.app, text, attachments, status: isOwn ? 'delivered' : null };
  }
  if (event.type !== 'act_received' || event.act.kind !== 'message' || !mayRead(reading)) return null;
  const { mid, text, attachments } = event.act;
  return { mid, at: timestamp, app: null, text, attachments, status: null };
}
