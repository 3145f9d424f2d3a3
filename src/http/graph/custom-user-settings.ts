/** [M3, M4] `/{page}/custom_user_settings`: the menu of one customer, which hides that of the page (M5). */

import { callerProblem, refuse, sceneOf } from '../../protocol/scene.ts';
import type { Failed } from '../../wire/problem.ts';
import { renderResult } from '../../wire/profile.ts';
import {
  parseDeleteMenu,
  parseSetMenu,
  readPsidOf,
  renderMenus,
  type SetMenuCall,
} from '../../wire/profile-of-customer.ts';
import { type Answer, answerWith, failFor, failWith, refusedTo } from './answer.ts';
import { type GraphCall, type Route, SEND_TASKS } from './call.ts';
import { carryOut } from './carry-out.ts';

const EDGE = 'custom_user_settings';

const settings = (run: Route['run']): Route => ({ tasks: SEND_TASKS, connected: true, run });

export const setUserMenu = settings((call) =>
  change(call, EDGE, parseSetMenu(call.parameters, call.caller.app.id)),
);

export const deleteUserMenu = settings((call) =>
  change(call, `DELETE ${EDGE}`, parseDeleteMenu(call.parameters, call.caller.app.id)),
);

/** Any app that is connected for the customer reads both menus, whoever made them. */
export const readUserMenu = settings(async ({ runtime, caller, parameters }) => {
  const psid = readPsidOf(parameters);
  if (!psid.ok) return failFor(psid.problem);
  const read = await runtime.threads.read({ page: caller.page.id, psid: psid.value });
  if (read === null) return failWith('unavailable');
  const { page, thread } = read;
  const scene = sceneOf(page, thread, Math.max(runtime.clock.now(), thread.lastEventAt));
  const problem = callerProblem(scene, caller.app.id);
  if (problem !== null) return refusedTo(caller.app.id, page, refuse(scene, problem, caller.app.id));
  return answerWith(
    renderMenus({ ofCustomer: thread.menu?.value, ofPage: page.profile.persistent_menu?.value }),
  );
});

/** @param edge tells setting and deleting apart, for calls that bear an `Idempotency-Key` */
async function change(call: GraphCall, edge: string, parsed: SetMenuCall | Failed): Promise<Answer> {
  if (!parsed.ok) return failFor(parsed.problem);
  const { psid, command } = parsed;
  return carryOut(call, { edge, psid, command, body: renderResult() });
}
