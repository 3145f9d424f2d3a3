/** What the manual page says of profiles and menus. */

import type { CallTexts, Field } from './call.ts';
import { EPOCH, FIELDS, KEY } from './graph-calls.ts';

const RESULT = { result: 'success' };
const PSID: Field = { name: 'psid', type: 'string', text: 'The customer.', required: true, example: '5001' };
const ITEM = { type: 'postback', title: 'Opening hours', payload: 'HOURS' };
const MENU = [{ locale: 'default', call_to_actions: [ITEM] }];
const part = (name: string, type: Field['type'], text: string): Field => ({ name, type, text });

export const PROFILE_CALLS: CallTexts = {
  'GET messenger_profile': {
    summary: 'What customers see of the page beside messages',
    text: 'The parts in `fields`, or all that are set.',
    query: [FIELDS],
    answer: { data: [{ get_started: { payload: 'START' } }] },
  },
  'POST messenger_profile': {
    summary: 'Set parts of the profile',
    text: 'One or several, all or none of them. A part that is set is replaced, and the caller becomes its maker.',
    body: [
      { ...part('get_started', 'object', 'With a `payload`.'), example: { payload: 'START' } },
      { ...part('persistent_menu', 'array', 'A menu for each locale, `default` among them.'), example: MENU },
      part('ice_breakers', 'array', 'Questions with payloads.'),
      part('greeting', 'array', 'A text for each locale.'),
      part('commands', 'array', 'Commands for each locale.'),
      part('whitelisted_domains', 'array', "The app's own: addresses."),
      part('account_linking_url', 'string', "The app's own: an address."),
    ],
    answer: RESULT,
  },
  'DELETE messenger_profile': {
    summary: 'Delete parts of the profile',
    text: 'Also those that were not set.',
    query: [{ ...FIELDS, text: 'The parts, with commas.', required: true, example: 'ice_breakers' }],
    answer: RESULT,
  },
  'GET custom_user_settings': {
    summary: 'The menu of one customer',
    text: 'And that of the page, which it hides.',
    query: [PSID],
    answer: { data: [{ user_level_persistent_menu: MENU }] },
  },
  'POST custom_user_settings': {
    summary: 'Set the menu of one customer',
    text: 'For the owner of the conversation; on an idle one for any connected app.',
    headers: [KEY],
    body: [
      PSID,
      { ...part('persistent_menu', 'array', 'As that of the page.'), required: true, example: MENU },
      EPOCH,
    ],
    answer: RESULT,
  },
  'DELETE custom_user_settings': {
    summary: 'Delete the menu of one customer',
    text: 'Also when there was none.',
    headers: [KEY],
    query: [
      PSID,
      { name: 'params', type: 'string', text: 'What goes.', required: true, example: '["persistent_menu"]' },
      EPOCH,
    ],
    answer: RESULT,
  },
};
