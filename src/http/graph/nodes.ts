/** Nodes: the page itself, its customers, personas. */

import { parsePsid } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { isConnected } from '../../protocol/page.ts';
import { readList } from '../../wire/fields.ts';
import { type Answer, answerWith, failFor, failWith } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';

/** `GET /me` or `/{page}` */
export const readPage: Route = {
  tasks: [],
  connected: false,
  async run(call) {
    const { id, name } = call.caller.page;
    return choose(call, { id, name });
  },
};

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
  const name = customer.name ?? `Customer ${psid}`;
  const [first = name, ...rest] = name.split(' ');
  return choose(call, { id: psid, name, first_name: first, last_name: rest.join(' '), profile_pic: '' });
}

/** The fields that were asked for, `id` always among them; all of them when none were. */
function choose({ parameters }: GraphCall, node: JsonObject): Answer {
  const fields = readList(parameters, 'fields');
  if (!fields.ok) return failFor(fields.problem);
  const asked = fields.value;
  if (asked === null) return answerWith(node);
  return answerWith(
    Object.fromEntries(Object.entries(node).filter(([key]) => key === 'id' || asked.includes(key))),
  );
}
