/** The route table of the Graph: what stands on a page's edges, and by which method. */

import { parseMid } from '../../protocol/ids.ts';
import { parseConversationId } from '../../wire/conversations.ts';
import { readAppNode } from './app-node.ts';
import { saveAttachment } from './attachments.ts';
import type { Route } from './call.ts';
import { CONTROL_ROUTES, secondaryReceivers, threadOwner, threadRequests } from './control.ts';
import { listConversations, listMessages, readConversation } from './conversations.ts';
import { deleteUserMenu, readUserMenu, setUserMenu } from './custom-user-settings.ts';
import { readMessage } from './message-nodes.ts';
import { sendMessage } from './messages.ts';
import { deleteProfile, readProfile, setProfile } from './messenger-profile.ts';
import { setNlpConfigs } from './nlp-configs.ts';
import { readCustomer, readPage } from './nodes.ts';
import { createPersona, deletePersona, listPersonas, readPersona } from './personas.ts';
import { listSubscribedApps, subscribeApp, unsubscribeApp } from './subscribed-apps.ts';

export type Method = 'GET' | 'POST' | 'DELETE';
export type Edge = Readonly<Partial<Record<Method, Route>>>;

export const PAGE_EDGES: ReadonlyMap<string, Edge> = new Map<string, Edge>([
  ...[...CONTROL_ROUTES].map(([edge, route]): [string, Edge] => [edge, { POST: route }]),
  ['thread_owner', { GET: threadOwner }],
  ['thread_requests', { GET: threadRequests }],
  ['secondary_receivers', { GET: secondaryReceivers }],
  ['messages', { POST: sendMessage }],
  ['message_attachments', { POST: saveAttachment }],
  ['conversations', { GET: listConversations }],
  ['nlp_configs', { POST: setNlpConfigs }],
  ['messenger_profile', { GET: readProfile, POST: setProfile, DELETE: deleteProfile }],
  ['custom_user_settings', { GET: readUserMenu, POST: setUserMenu, DELETE: deleteUserMenu }],
  ['personas', { GET: listPersonas, POST: createPersona }],
  ['subscribed_apps', { GET: listSubscribedApps, POST: subscribeApp, DELETE: unsubscribeApp }],
]);

export const PAGE_NODE: Edge = { GET: readPage };
export const PERSONA_NODE: Edge = { GET: readPersona, DELETE: deletePersona };
/** An app that is connected to the page. */
export const APP_NODE: Edge = { GET: readAppNode };

export const CONVERSATION_EDGES: ReadonlyMap<string, Edge> = new Map([['messages', { GET: listMessages }]]);
const CONVERSATION_NODE: Edge = { GET: readConversation };
const MESSAGE_NODE: Edge = { GET: readMessage };
/** Whatever is none of these: a customer of the page, or nothing. */
const CUSTOMER_NODE: Edge = { GET: readCustomer };

/** What may stand at the front of a path. */
export const NODES: readonly Edge[] = [
  PAGE_NODE,
  PERSONA_NODE,
  APP_NODE,
  CONVERSATION_NODE,
  MESSAGE_NODE,
  CUSTOMER_NODE,
];

/** What is told by its id alone: a conversation, a message, a customer. */
export function nodeNamed(id: string): Edge {
  if (isConversation(id)) return CONVERSATION_NODE;
  return parseMid(id) === null ? CUSTOMER_NODE : MESSAGE_NODE;
}

/** The edges of a conversation; null for an id that is none. */
export const edgesOfConversation = (id: string): ReadonlyMap<string, Edge> | null =>
  isConversation(id) ? CONVERSATION_EDGES : null;

const isConversation = (id: string): boolean => parseConversationId(id) !== null;
