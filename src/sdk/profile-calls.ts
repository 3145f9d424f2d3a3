/** The calls about what customers see of a page beside messages: its profile, and menus of single customers. */

import type { Caller, CallOptions } from './calls.ts';
import type { EpochOptions } from './client.ts';
import { type JsonObject, listOf, objectOf } from './json.ts';
import type { CustomerMenus, Menu, MessengerProfile, ProfilePart, ReadProfile } from './profile-parts.ts';
import { menuOf, profileOf } from './read-profile.ts';

/** The calls of this file. Source: docs/reference/messenger-profile.md, rules M1 to M6. */
export type ProfileCalls = {
  /**
   * What is set of the page's profile, whoever set it, and of what each app has for itself the caller's own.
   * @param options.parts only these; all of them unless told otherwise
   */
  messengerProfile(
    options?: CallOptions & { readonly parts?: readonly ProfilePart[] | undefined },
  ): Promise<ReadProfile>;
  /**
   * Sets the parts that are named, all or none; each replaces what was there, and its payloads come to this app.
   * Refused, in this order: bad input (100, named in the message), where another app is primary receiver or default app
   * the parts that are one a page (100/2018171), a menu without Get Started (100/2018145).
   */
  setMessengerProfile(profile: MessengerProfile, options?: CallOptions): Promise<void>;
  /** Takes parts away; those that are not set as well. Refused as setting is. */
  deleteMessengerProfile(parts: readonly ProfilePart[], options?: CallOptions): Promise<void>;

  /** The customer's own menu, and that of the page. */
  customerMenus(psid: string, options?: CallOptions): Promise<CustomerMenus>;
  /**
   * Gives one customer a menu, which hides that of the page. For the owner of the thread, on an idle one for any app;
   * others are refused with 10/2018300, and nothing changes.
   */
  setCustomerMenu(psid: string, menu: Menu, options?: EpochOptions): Promise<void>;
  /** Takes the customer's own menu away, if there is one. Refused as setting is. */
  deleteCustomerMenu(psid: string, options?: EpochOptions): Promise<void>;
};

const PROFILE = '/me/messenger_profile';
const SETTINGS = '/me/custom_user_settings';
/** The one thing that can be set for a customer. */
const MENU = 'persistent_menu';

/** The calls about profile and menus. */
export function profileCalls(call: Caller): ProfileCalls {
  return { ...ofPage(call), ...ofCustomer(call) };
}

type OfPage = Pick<ProfileCalls, 'messengerProfile' | 'setMessengerProfile' | 'deleteMessengerProfile'>;

/** Setting or deleting the same again changes nothing more: these may be tried again without a key. */
function ofPage(call: Caller): OfPage {
  return {
    async messengerProfile(options = {}) {
      const { parts } = options;
      const query = parts === undefined ? {} : { fields: parts.join(',') };
      return profileOf(firstOf(await call({ method: 'GET', path: PROFILE, query, repeat: 'safe' }, options)));
    },
    async setMessengerProfile(profile, options) {
      await call({ method: 'POST', path: PROFILE, body: profile, repeat: 'safe' }, options);
    },
    async deleteMessengerProfile(parts, options) {
      await call({ method: 'DELETE', path: PROFILE, body: { fields: parts }, repeat: 'safe' }, options);
    },
  };
}

function ofCustomer(call: Caller): Omit<ProfileCalls, keyof OfPage> {
  const change = async (method: 'POST' | 'DELETE', parameters: JsonObject, options?: EpochOptions) => {
    const { controlEpoch } = options ?? {};
    const body = { ...parameters, ...(controlEpoch !== undefined && { control_epoch: controlEpoch }) };
    await call({ method, path: SETTINGS, body, repeat: 'keyed' }, options);
  };
  return {
    async customerMenus(psid, options) {
      const answer = await call({ method: 'GET', path: SETTINGS, query: { psid }, repeat: 'safe' }, options);
      const { user_level_persistent_menu: own, page_level_persistent_menu: page } = firstOf(answer);
      return {
        ofCustomer: own === undefined ? null : menuOf(own),
        ofPage: page === undefined ? null : menuOf(page),
      };
    },
    setCustomerMenu: (psid, menu, options) => change('POST', { psid, [MENU]: menu }, options),
    deleteCustomerMenu: (psid, options) => change('DELETE', { psid, params: [MENU] }, options),
  };
}

const firstOf = (answer: JsonObject): JsonObject => objectOf(listOf(answer['data'])[0]);
