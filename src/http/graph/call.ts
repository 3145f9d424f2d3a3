/** One Graph call: as it comes, and as its route sees it. */

import type { DeliveryPort } from '../../runtime/ports.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Permission, Task } from '../../store/config.ts';
import type { Lent, Parameters } from '../../wire/parameters.ts';
import type { AppCaller, Caller, UserCaller } from './access.ts';
import type { Answer } from './answer.ts';

/** A call before anything of it has been read: a request, or an item of a batch. */
export type RawCall = {
  readonly method: string;
  /** The path with its query. */
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** The header as it came. */
  readonly authorization: string | undefined;
  /** The header as it came. */
  readonly idempotencyKey: string | readonly string[] | undefined;
  /** Where it comes from; undefined: it has hung up. */
  readonly ip: string | undefined;
  /** Under which address this server is reached. */
  readonly origin: string;
  readonly lent?: Lent;
  /** Whether its wrong token was counted before its body had been read. */
  readonly isCounted?: boolean;
};

export type GraphCall = {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** Under which address this server is reached. */
  readonly origin: string;
  /** The header `Idempotency-Key` as it came. */
  readonly idempotencyKey: string | readonly string[] | undefined;
};

/** What a call has, whoever makes it. */
export type CommonCall = Omit<GraphCall, 'caller'> & { readonly delivery: Pick<DeliveryPort, 'verify'> };
/** A call with a user token. */
export type UserCall = CommonCall & { readonly caller: UserCaller };
/** A call with an app token. */
export type AppCall = CommonCall & { readonly caller: AppCaller };

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
