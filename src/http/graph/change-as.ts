/** [A1] Changes of the configuration that a call asks for. They wait for their turn, and what let the caller in may go meanwhile. */

import { connectionOf } from '../../protocol/page.ts';
import { Withdrawn } from '../../runtime/overloaded.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { allowedTo, type Caller, stillHolds } from './access.ts';
import type { GraphCall } from './call.ts';

type Change = Runtime['change'];

/** Makes a change for the caller of a call on a page, if by then it still has all that it had. */
export function changeAs({ runtime, caller }: GraphCall, plan: Parameters<Change>[0]): Promise<void> {
  const allowed = allowedTo(runtime, caller.token);
  const holds = (): boolean => {
    const left = allowedTo(runtime, caller.token);
    const isAllowed = allowed.every((permission) => left.includes(permission));
    return isAllowed && stillHolds(runtime, caller) && isAsConnected(runtime, caller);
  };
  return changeWhile(runtime, holds)(plan);
}

/** Makes changes for as long as something holds; throws `Withdrawn`, and changes nothing, when it does no more. */
export const changeWhile =
  (runtime: Pick<Runtime, 'change'>, holds: () => boolean): Change =>
  (plan) =>
    runtime.change((config) => {
      if (!holds()) throw new Withdrawn();
      return plan(config);
    });

/** [A2, C16] Whether the app is not less to the page than it was at the gates. */
function isAsConnected({ configuration }: Runtime, { app, page }: Caller): boolean {
  if (connectionOf(page, app.id)?.subscribed !== true) return true;
  const now = configuration.page(page.id);
  return now !== null && connectionOf(now, app.id)?.subscribed === true;
}
