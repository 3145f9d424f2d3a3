/** The route table of the Graph: what stands on a page's edges, and by which method. */

import type { Route } from './call.ts';
import { CONTROL_ROUTES, secondaryReceivers, threadOwner, threadRequests } from './control.ts';
import { sendMessage } from './messages.ts';
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
  ['personas', { GET: listPersonas, POST: createPersona }],
  ['subscribed_apps', { GET: listSubscribedApps, POST: subscribeApp, DELETE: unsubscribeApp }],
]);

export const PAGE_NODE: Edge = { GET: readPage };
export const PERSONA_NODE: Edge = { GET: readPersona, DELETE: deletePersona };
/** Whatever is neither: a customer of the page, or nothing. */
export const CUSTOMER_NODE: Edge = { GET: readCustomer };
