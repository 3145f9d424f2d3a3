/** Reading what was said: the conversations of a page and their messages. */

import type { Caller, CallOptions } from './calls.ts';
import type { Named } from './client.ts';
import type { SentAttachment } from './events.ts';
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts';
import { type Listing, type ListOptions, listing } from './listing.ts';
import { namedOf } from './page-calls.ts';

/** All between a page and one customer. */
export type Conversation = {
  /** `t_<page>_<psid>` */
  readonly id: string;
  readonly customer: Named;
  /** In milliseconds since 1970, to the second. */
  readonly updatedAt: number;
  /** Whether this app could send now. */
  readonly canReply: boolean;
  /** Whether this app has control; null: told under Conversation Routing only. */
  readonly isOwner: boolean | null;
};

/** A message as it is read. */
export type ReadMessage = {
  readonly mid: string;
  /** In milliseconds since 1970, to the second. */
  readonly createdAt: number;
  readonly from: Named;
  readonly to: Named;
  /** Empty where there is none. */
  readonly text: string;
  /** Without payloads of buttons that another app made. */
  readonly attachments: readonly SentAttachment[];
  /** What became of it, for the app that sent it; `held` and `dropped` are for surveys. Null: not told. */
  readonly status: 'delivered' | 'held' | 'dropped' | null;
};

/**
 * The calls of this file. An app reads the conversations for which it is connected; of any other it is told that there
 * is none (100/33). Source: docs/reference/reading.md.
 */
export type ReadingCalls = {
  /** The conversations of the page, by the ids of their customers; `psid`: only that of this one. */
  conversations(options?: ListOptions & { readonly psid?: string | undefined }): Listing<Conversation>;
  /** One conversation. @param id of the conversation, not of the customer */
  conversation(id: string, options?: CallOptions): Promise<Conversation>;
  /** What was said in a conversation, the latest first. @param id of the conversation */
  messages(id: string, options?: ListOptions): Listing<ReadMessage>;
  /** One message; also a survey of this app's that has not gone out. */
  message(mid: string, options?: CallOptions): Promise<ReadMessage>;
};

const CONVERSATION = { fields: 'id,updated_time,participants,can_reply,is_owner' };
const MESSAGE = { fields: 'id,created_time,from,to,message,attachments,status' };

/** The calls that read. */
export function readingCalls(call: Caller): ReadingCalls {
  const node = (id: string, query: Readonly<Record<string, string>>, options?: CallOptions) =>
    call({ method: 'GET', path: `/${encodeURIComponent(id)}`, query, repeat: 'safe' }, options);
  return {
    conversations(options = {}) {
      const { psid } = options;
      const query = { ...CONVERSATION, ...(psid !== undefined && { user_id: psid }) };
      return listing(call, { path: '/me/conversations', query, read: conversationOf }, options);
    },
    conversation: async (id, options) => conversationOf(await node(id, CONVERSATION, options)),
    messages(id, options) {
      const path = `/${encodeURIComponent(id)}/messages`;
      return listing(call, { path, query: MESSAGE, read: messageOf }, options);
    },
    message: async (mid, options) => messageOf(await node(mid, MESSAGE, options)),
  };
}

/** The customer stands before the page. */
function conversationOf(node: JsonObject): Conversation {
  const { is_owner: isOwner } = node;
  const [customer] = dataOf(node['participants']);
  return {
    id: textOf(node['id']) ?? '',
    customer: namedOf(customer ?? {}),
    updatedAt: timeOf(node['updated_time']),
    canReply: node['can_reply'] === true,
    isOwner: typeof isOwner === 'boolean' ? isOwner : null,
  };
}

const STATUSES = ['delivered', 'held', 'dropped'] as const;

function messageOf(node: JsonObject): ReadMessage {
  const { from, to: receivers } = node;
  const [to] = dataOf(receivers);
  return {
    mid: textOf(node['id']) ?? '',
    createdAt: timeOf(node['created_time']),
    from: namedOf(objectOf(from)),
    to: namedOf(to ?? {}),
    text: textOf(node['message']) ?? '',
    attachments: dataOf(node['attachments']).map(({ type, payload }) => ({
      type: textOf(type) ?? '',
      payload: objectOf(payload),
    })),
    status: STATUSES.find((each) => each === node['status']) ?? null,
  };
}

const dataOf = (list: Json | undefined): readonly JsonObject[] =>
  listOf(objectOf(list)['data']).filter(isObject);

/** Graph writes an offset without a colon, which not every browser reads. */
function timeOf(value: Json | undefined): number {
  const at = Date.parse((textOf(value) ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? 0 : at;
}
