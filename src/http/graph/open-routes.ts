/** Paths that are no node and edge, and that tokens of every kind, or none, lead to. */

import type { AppId } from '../../protocol/ids.ts';
import type { Answer, Failure } from './answer.ts';
import type { GraphCall } from './call.ts';
import { debugToken } from './debug-token.ts';
import { giveToken } from './oauth.ts';
import type { Method } from './routes.ts';

export type OpenCall = Pick<GraphCall, 'runtime' | 'parameters'> & {
  /** The header as it came. */
  readonly authorization: string | undefined;
  /** Counts the call as one of an app, once it is known which; why it must not go on, null when it may. */
  readonly spend: (app: AppId) => Failure | null;
};
export type OpenRoute = (call: OpenCall, method: Method | null) => Promise<Answer>;

export const OPEN_ROUTES: ReadonlyMap<string, OpenRoute> = new Map([
  ['oauth/access_token', giveToken],
  ['debug_token', debugToken],
]);
