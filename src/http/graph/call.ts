/** One Graph call, as its route sees it. */

import type { Runtime } from '../../runtime/runtime.ts';
import type { Permission, Task } from '../../store/config.ts';
import type { Parameters } from '../../wire/parameters.ts';
import type { AppCaller, Caller, UserCaller } from './access.ts';
import type { Answer } from './answer.ts';

export type GraphCall = {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** Under which address this server is reached. */
  readonly origin: string;
  /** The header `Idempotency-Key` as it came. */
  readonly idempotencyKey: string | readonly string[] | undefined;
};

/** A call with a user token. */
export type UserCall = Omit<GraphCall, 'caller'> & { readonly caller: UserCaller };
/** A call with an app token. */
export type AppCall = Omit<GraphCall, 'caller'> & { readonly caller: AppCaller };

export type Route = {
  /** [A1] The person behind the token needs one of these; empty: none in particular. */
  readonly tasks: readonly Task[];
  /** [C16] Whether the app must be subscribed to the page. */
  readonly connected: boolean;
  /** [A2] What the person behind the token and, where the app has been on it, the page must have allowed. */
  readonly permission?: Permission;
  /** @param node the first part of the path: `me`, a page, a customer, a persona */
  readonly run: (call: GraphCall, node: string) => Answer | Promise<Answer>;
};

/** [A1] For the calls of the Handover Protocol. */
export const HANDOVER_TASKS: readonly Task[] = ['MODERATE'];
/** [A1] For messages. */
export const SEND_TASKS: readonly Task[] = ['MESSAGING', 'MODERATE'];
export const METADATA_TASKS: readonly Task[] = ['MODERATE', 'MANAGE'];
