/** One Graph call, as its route sees it. */

import type { Runtime } from '../../runtime/runtime.ts';
import type { Task } from '../../store/config.ts';
import type { Parameters } from '../../wire/parameters.ts';
import type { Caller } from './access.ts';
import type { Answer } from './answer.ts';

export type GraphCall = {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** The header `Idempotency-Key` as it came. */
  readonly idempotencyKey: string | readonly string[] | undefined;
};

export type Route = {
  /** [A1] The person behind the token needs one of these; empty: none in particular. */
  readonly tasks: readonly Task[];
  /** [C16] Whether the app must be subscribed to the page. */
  readonly connected: boolean;
  /** @param node the first part of the path: `me`, a page, a customer, a persona */
  readonly run: (call: GraphCall, node: string) => Answer | Promise<Answer>;
};

/** [A1] For the calls of the Handover Protocol. */
export const HANDOVER_TASKS: readonly Task[] = ['MODERATE'];
/** [A1] For messages. */
export const SEND_TASKS: readonly Task[] = ['MESSAGING', 'MODERATE'];
export const METADATA_TASKS: readonly Task[] = ['MODERATE', 'MANAGE'];
