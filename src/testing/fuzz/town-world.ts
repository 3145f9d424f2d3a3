/** The world of the town, as a file would declare it. */

import {
  BOT,
  DESK,
  PAGE,
  PASSWORD,
  PERSON,
  REDIRECT,
  ROUTED_PAGE,
  secretOf,
  tokenOf,
  VICTIM,
  VICTIM_PAGE,
  VICTIM_PERSON,
} from './values.ts';

const FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_handovers',
  'messaging_feedback',
  'message_echoes',
  'message_reads',
  'message_deliveries',
  'message_reactions',
  'standby',
];
const TASKS = ['MANAGE', 'MODERATE', 'MESSAGING'];

/** @param callback where all webhooks go */
export const townWorld = (callback: string): unknown => ({
  people: [
    { id: PERSON, name: 'Ana', password: PASSWORD },
    { id: VICTIM_PERSON, name: 'Vera', password: 'battery staple' },
  ],
  pages: [
    pageOf(PAGE, PERSON, { primary_receiver: BOT, entry_points: [{ ad_id: '777', app: DESK }] }),
    pageOf(ROUTED_PAGE, PERSON, { mode: 'conversation_routing', default_app: BOT }),
    pageOf(VICTIM_PAGE, VICTIM_PERSON, { retention_days: 30 }),
  ],
  apps: [
    appOf(BOT, callback, { pages: [PAGE, ROUTED_PAGE], person: PERSON }),
    appOf(DESK, callback, { pages: [PAGE], person: PERSON }),
    appOf(VICTIM, callback, { pages: [VICTIM_PAGE], person: VICTIM_PERSON }),
  ],
});

const pageOf = (id: string, person: string, more: object): unknown => ({
  id,
  name: `Page ${id}`,
  people: [{ id: person, tasks: TASKS }],
  ...more,
});

const appOf = (
  id: string,
  callback: string,
  { pages, person }: { readonly pages: readonly string[]; readonly person: string },
): unknown => ({
  id,
  name: `App ${id}`,
  secret: secretOf(id),
  live: true,
  advanced_access: id === VICTIM ? ['pages_messaging'] : ['pages_messaging', 'human_agent'],
  redirect_uris: [REDIRECT],
  webhook: { object: 'page', callback_url: callback, verify_token: 'verify', fields: FIELDS },
  pages: pages.map((page) => ({
    id: page,
    person,
    access_token: tokenOf(id, page),
    subscribed_fields: FIELDS,
  })),
});
