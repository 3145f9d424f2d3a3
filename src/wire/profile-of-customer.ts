/** [M3, M4] `custom_user_settings`: the menu of one customer. */

import type { SetMenu } from '../protocol/command.ts';
import type { AppId, Psid } from '../protocol/ids.ts';
import type { Json, JsonObject } from '../protocol/message.ts';
import { readControlEpoch, readList, readPsid } from './fields.ts';
import { MAX_CUSTOMER_MENU_BYTES } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { type Failed, failed, type Read, read } from './problem.ts';
import { readMenu } from './profile-menu.ts';

/** The one thing that can be set for a customer. */
const MENU = 'persistent_menu';

/** Which thread, and what is asked of it. */
export type SetMenuCall = { readonly ok: true; readonly psid: Psid; readonly command: SetMenu };

/** `{psid, persistent_menu}`. No Get Started is needed. */
export function parseSetMenu(parameters: Parameters, caller: AppId): SetMenuCall | Failed {
  const menu = parameters.structured(MENU);
  if (!menu.ok) return menu;
  return callOf(parameters, caller, () => readMenu(menu.value, MENU, MAX_CUSTOMER_MENU_BYTES));
}

/** `psid=…&params=["persistent_menu"]`, in any case. */
export const parseDeleteMenu = (parameters: Parameters, caller: AppId): SetMenuCall | Failed =>
  callOf(parameters, caller, () => readParams(parameters));

export const readPsidOf = (parameters: Parameters): Read<Psid> => readPsid(parameters.value('psid'), 'psid');

function callOf(parameters: Parameters, caller: AppId, readMenuOf: () => Read<Json>): SetMenuCall | Failed {
  const psid = readPsidOf(parameters);
  if (!psid.ok) return psid;
  const menu = readMenuOf();
  if (!menu.ok) return menu;
  const controlEpoch = readControlEpoch(parameters);
  if (!controlEpoch.ok) return controlEpoch;
  const command: SetMenu = { type: 'set_menu', caller, controlEpoch: controlEpoch.value, menu: menu.value };
  return { ok: true, psid: psid.value, command };
}

function readParams(parameters: Parameters): Read<null> {
  const params = readList(parameters, 'params');
  if (!params.ok) return params;
  if (params.value === null) return failed('params', 'is required');
  const isMenu = params.value.length > 0 && params.value.every((each) => each.toLowerCase() === MENU);
  return isMenu ? read(null) : failed('params', `must be ["${MENU}"]`);
}

/** What is set, be it seen or not; the first item is always there, and a key is absent where there is no menu. */
export const renderMenus = (menus: {
  readonly ofCustomer: Json | undefined;
  readonly ofPage: Json | undefined;
}): JsonObject => ({
  data: [
    {
      ...(menus.ofCustomer === undefined ? {} : { user_level_persistent_menu: menus.ofCustomer }),
      ...(menus.ofPage === undefined ? {} : { page_level_persistent_menu: menus.ofPage }),
    },
  ],
});
