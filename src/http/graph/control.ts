/** The thread-control edges (C6 to C12, K4, P7). */

import { type Answer as Asked, askOwner, askRequests, askSecondaryReceivers } from '../../protocol/ask.ts';
import type { Psid } from '../../protocol/ids.ts';
import type { Thread } from '../../protocol/thread.ts';
import { renderReceivers, renderRequests, renderSuccess, renderThreadOwner } from '../../wire/answers.ts';
import { readList, readRecipientQuery } from '../../wire/fields.ts';
import { CONTROL_EDGES, type ControlEdge, parseControlCall } from '../../wire/thread-control.ts';
import { type Answer, answerWith, failFor, failWith, refusedTo } from './answer.ts';
import { type GraphCall, HANDOVER_TASKS, type Route } from './call.ts';
import { carryOut } from './carry-out.ts';

const handover = (run: Route['run']): Route => ({ tasks: HANDOVER_TASKS, connected: true, run });

/** `POST /{page}/*_thread_control` and `pass_thread_metadata`. */
export const CONTROL_ROUTES: ReadonlyMap<string, Route> = new Map(
  CONTROL_EDGES.map((edge) => [edge, handover((call) => control(call, edge))]),
);

function control(call: GraphCall, edge: ControlEdge): Answer | Promise<Answer> {
  const parsed = parseControlCall(edge, call.parameters, call.caller.app.id);
  if (!parsed.ok) return failFor(parsed.problem);
  const { psid, command } = parsed;
  return carryOut(call, { edge, psid, command, body: renderSuccess() });
}

/** [C11] `GET /{page}/thread_owner?recipient=` */
export const threadOwner = handover(async (call) => {
  const psid = readRecipientQuery(call.parameters);
  if (!psid.ok) return failFor(psid.problem);
  const fields = readList(call.parameters, 'fields');
  if (!fields.ok) return failFor(fields.problem);
  const withEpoch = fields.value?.includes('control_epoch') === true;
  return ask(call, psid.value, askOwner, (value, thread) =>
    withEpoch ? renderThreadOwner(value, thread.epoch) : renderThreadOwner(value),
  );
});

/** [K4] `GET /{page}/thread_requests?recipient=` */
export const threadRequests = handover(async (call) => {
  const psid = readRecipientQuery(call.parameters);
  return psid.ok ? ask(call, psid.value, askRequests, renderRequests) : failFor(psid.problem);
});

/** [P7] `GET /{page}/secondary_receivers` */
export const secondaryReceivers = handover(async ({ caller }) => {
  const asked = askSecondaryReceivers(caller.page, caller.app.id);
  return asked.ok
    ? answerWith(renderReceivers(asked.value))
    : refusedTo(caller.app.id, caller.page, asked.refusal);
});

async function ask<Value>(
  { runtime, caller }: GraphCall,
  psid: Psid,
  question: (about: Parameters<typeof askOwner>[0]) => Asked<Value>,
  render: (value: Value, thread: Thread) => Parameters<typeof answerWith>[0],
): Promise<Answer> {
  const read = await runtime.threads.read({ page: caller.page.id, psid });
  if (read === null) return failWith('unavailable');
  const { page, thread } = read;
  const asked = question({ page, thread, caller: caller.app.id, now: runtime.clock.now() });
  return asked.ok ? answerWith(render(asked.value, thread)) : refusedTo(caller.app.id, page, asked.refusal);
}
