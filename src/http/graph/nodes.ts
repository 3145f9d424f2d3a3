/** Nodes: the page itself, its customers, personas. */

import { parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { isConnected, type Page } from '../../protocol/page.ts';
import { nameOfCustomer } from '../../wire/conversations.ts';
import { readList } from '../../wire/fields.ts';
import { readSelection, select } from '../../wire/selection.ts';
import { type Answer, answerWith, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';

/** `GET /me` or `/{page}` */
export const readPage: Route = {
  tasks: [],
  connected: false,
  async run(call) {
    const { id, name } = call.caller.page;
    const fields = readList(call.parameters, 'fields');
    const wantsStatus = fields.ok && fields.value?.includes('messaging_feature_status') === true;
    return choose(call, { id, name, ...(wantsStatus ? statusOf(call.caller.page) : {}) });
  },
};

/** [R8] Which rules the page is under, in Meta's words: its handover, or routing on either platform. */
function statusOf({ mode, platform }: Page): JsonObject {
  const routed = mode === 'conversation_routing';
  const messaging_feature_status = {
    hop_v2: !routed,
    msgr_multi_app: routed && platform === 'messenger',
    ig_multi_app: routed && platform === 'instagram',
  };
  return { messaging_feature_status };
}

/** `GET /{psid}`: the customer's name, as far as the page knows it. */
export const readCustomer: Route = { tasks: SEND_TASKS, connected: true, run };

async function run(call: GraphCall, node: string): Promise<Answer> {
  const { runtime, caller } = call;
  const psid = parsePsid(node);
  if (psid === null || !isConnected(caller.page, caller.app.id, psid))
    return failWith('unknown_node', { id: node, method: 'get' });
  const read = await runtime.threads.read({ page: caller.page.id, psid });
  const customer = read?.thread.customer ?? null;
  if (customer === null) return failWith('unknown_node', { id: node, method: 'get' });
  const selection = readSelection(call.parameters);
  if (!selection.ok) return failFor(selection.problem);
  const name = nameOfCustomer(customer.name, psid);
  const [first = name, ...rest] = name.split(' ');
  const known = { id: psid, name, first_name: first, last_name: rest.join(' '), profile_pic: '' };
  return answerWith(select(known, selection.value, USUAL_OF_CUSTOMER));
}

/** What clients that name no fields count on (CLIENTS 2). */
const USUAL_OF_CUSTOMER = ['first_name', 'last_name'];

/** The fields that were asked for, `id` always among them; all of them when none were. */
export function choose({ parameters }: Pick<GraphCall, 'parameters'>, node: JsonObject): Answer {
  const fields = readList(parameters, 'fields');
  if (!fields.ok) return failFor(fields.problem);
  const asked = fields.value;
  if (asked === null) return answerWith(node);
  return answerWith(
    Object.fromEntries(Object.entries(node).filter(([key]) => key === 'id' || asked.includes(key))),
  );
}
