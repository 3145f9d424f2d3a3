/** One Graph call, as its route sees it. */

import type { Command } from '../../protocol/command.ts';
import type { Psid } from '../../protocol/ids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Task } from '../../store/config.ts';
import type { Parameters } from '../../wire/parameters.ts';
import type { Caller } from './access.ts';
import { type Answer, failWith, refusedTo } from './answer.ts';

export type GraphCall = {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly parameters: Parameters;
};

export type Route = {
  /** [A1] The person behind the token needs one of these; empty: none in particular. */
  readonly tasks: readonly Task[];
  /** [C16] Whether the app must be subscribed to the page. */
  readonly connected: boolean;
  readonly run: (call: GraphCall) => Promise<Answer>;
};

/** [A1] For the calls of the Handover Protocol. */
export const HANDOVER_TASKS: readonly Task[] = ['MODERATE'];
/** [A1] For messages. */
export const SEND_TASKS: readonly Task[] = ['MESSAGING', 'MODERATE'];
export const METADATA_TASKS: readonly Task[] = ['MODERATE', 'MANAGE'];

/** Carries a command out; null when it was, else the answer that refuses it. */
export async function carryOut(call: GraphCall, psid: Psid, command: Command): Promise<Answer | null> {
  const { runtime, caller } = call;
  const handled = await runtime.threads.handle({ page: caller.page.id, psid }, command);
  if (handled.ok) return null;
  if (handled.refusal === null) return failWith('unavailable');
  return refusedTo(caller.app.id, caller.page, handled.refusal);
}
