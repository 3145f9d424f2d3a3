/** What the manual page says of the calls under `/admin` that set a server up and look at how it stands. */

import { MODES } from '../../protocol/modes.ts';
import type { CallTexts, Field } from './call.ts';

const text = (name: string, said: string): Field => ({ name, type: 'string', text: said });
const number = (name: string, said: string): Field => ({ name, type: 'integer', text: said });
const flag = (name: string, said: string): Field => ({ name, type: 'boolean', text: said });
const list = (name: string, said: string): Field => ({ name, type: 'array', text: said });

const LEAD = { primary_receiver: '2001', default_app: null };
const SUMMARY = {
  id: '1001',
  name: 'Kopi Senja',
  platform: 'messenger',
  mode: 'handover',
  ...LEAD,
  apps: 2,
  people: 1,
  entry_points: 0,
};
const PAGE = {
  ...SUMMARY,
  inbox: '263902037430900',
  idle_channel: null,
  retention_days: null,
  people: [{ person: '9001', name: 'Sari', tasks: ['MESSAGING', 'MODERATE'] }],
  apps: [{ id: '2001', name: 'FAQ bot', subscribed: true, subscribed_fields: ['messages', 'standby'] }],
  entry_points: [{ ad_id: '777', app: '2002', expiration_days: 1 }],
  profile: [],
  findings: [],
};
const FINDING = {
  code: 'standby_not_subscribed',
  severity: 'warning',
  page: '1001',
  app: '2001',
  message: 'FAQ bot (2001) never subscribed to standby on Kopi Senja (1001) (not for the page): …',
  remedy: 'Subscribe it: baton subscription set 2001 --page 1001 --fields messages,standby',
};
const SUBSCRIPTIONS = {
  app_id: '2001',
  name: 'FAQ bot',
  callbacks: [
    { object: 'page', callback_url: 'https://bot.example/hook', fields: ['messages'], max_batch: 1 },
  ],
  pages: [{ id: '1001', name: 'Kopi Senja', subscribed: true, subscribed_fields: ['messages'] }],
  findings: [FINDING],
};
const THREAD = {
  psid: '5001',
  owner_app_id: '2001',
  expires_at: 1_800_000_000_000,
  folder: 'general',
  control_epoch: 1,
};
const SETTINGS: readonly Field[] = [
  text('primary_receiver', 'In handover mode: a connected app. Null: none.'),
  text('default_app', 'Under Conversation Routing: a connected app, or the inbox. Null: the inbox.'),
  { ...text('idle_channel', 'Null: the default.'), words: ['standby', 'messaging'] },
  number('retention_days', '1 to 3650. Null: texts are kept.'),
];
const SOURCE: readonly Field[] = [
  { ...text('ad_id', 'Which ad.'), example: '777' },
  text('ref', 'Or which link.'),
];

export const SETUP_CALLS: CallTexts = {
  'GET /admin': {
    summary: 'What there is',
    text: 'Version, counts, what the check finds, and where to go on.',
    answer: { version: '0.1.0', pages: 1, apps: 2, findings: { error: 0, warning: 1, note: 0 }, links: {} },
  },
  'GET /admin/check': {
    summary: 'Check the configuration',
    text: 'What it will do that nobody can want, the worst first, and what to do about it.',
    answer: { counts: { error: 0, warning: 1, note: 0 }, findings: [FINDING] },
  },
  'GET /admin/pages': { summary: 'Pages', text: 'In short.', answer: { data: [SUMMARY] } },
  'POST /admin/pages': {
    summary: 'Make a page',
    text: 'Who answers first is named once an app is connected.',
    body: [
      { ...text('name', 'What it is called.'), required: true, example: 'Kopi Senja' },
      text('id', 'Its id, 1 to 32 digits.'),
      { ...text('platform', 'Which kind of account.'), words: ['messenger', 'instagram'] },
      { ...text('mode', 'Under which rules.'), words: MODES },
      ...SETTINGS,
    ],
    answer: PAGE,
  },
  'GET /admin/pages/:page': { summary: 'A page', text: 'With what the check finds of it.', answer: PAGE },
  'POST /admin/pages/:page': {
    summary: 'Change a page',
    text: 'What is not said stays. A new primary receiver and the one before are told.',
    body: [text('name', 'What it is called.'), ...SETTINGS],
    answer: PAGE,
  },
  'POST /admin/pages/:page/entry_points': {
    summary: 'Assign an ad or a link to an app',
    text: 'In the place of what it led to before.',
    body: [
      ...SOURCE,
      { ...text('app', 'A connected app.'), required: true, example: '2002' },
      number('expiration_days', 'How long the app then has control, 1 to 30; 1 if not said.'),
    ],
    answer: PAGE,
  },
  'DELETE /admin/pages/:page/entry_points': {
    summary: 'Assign an ad or a link to nobody',
    text: 'Conversations that came through it keep their owner.',
    query: SOURCE,
    answer: PAGE,
  },
  'GET /admin/pages/:page/threads': {
    summary: 'Conversations of a page',
    text: 'Who has control, by customer; never what was said. A part may be short, or empty: go on while `after` is not null.',
    query: [
      number('limit', 'Up to 500; 50 if not said.'),
      text('after', 'What the part before answered.'),
      text('owner', 'Those that this app controls.'),
      { ...text('idle', 'Those that nobody controls.'), words: ['true', 'false'] },
    ],
    answer: { data: [THREAD], after: null },
  },
  'GET /admin/pages/:page/threads/:psid': {
    summary: 'A conversation',
    text: 'Who has control, until when and why; its history; who was told of the latest events and who was not.',
    answer: { page: '1001', ...THREAD, open_requests: [], history: [], earlier_events: 0, events: [] },
  },
  'POST /admin/pages/:page/threads/:psid': {
    summary: 'Make a customer known to a page',
    text: 'Apps can write to nobody whom the page does not know.',
    body: [{ ...text('name', 'What the customer is called.'), example: 'Budi' }],
    answer: { success: true },
  },
  'GET /admin/apps/:app/subscriptions': {
    summary: 'Where an app hears of pages, and of what',
    text: 'Without verify tokens.',
    answer: SUBSCRIPTIONS,
  },
  'POST /admin/apps/:app/subscriptions': {
    summary: "Set an app's callback",
    text: 'It is verified first, as in the Graph; one that does not echo changes nothing. What is not said stays; a new one hears everything.',
    body: [
      { ...text('object', 'Of which kind of account; `page` if not said.'), words: ['page', 'instagram'] },
      { ...text('callback_url', 'http or https.'), example: 'https://bot.example/hook' },
      { ...text('verify_token', 'What the callback knows Baton by.'), example: 'coffee' },
      list('fields', 'All that it hears.'),
      number('max_batch', 'Most events in one request, 1 to 1000.'),
    ],
    answer: SUBSCRIPTIONS,
  },
  'DELETE /admin/apps/:app/subscriptions': {
    summary: "Take an app's callback away",
    text: 'Of both kinds if none is named. The app stays connected and hears nothing.',
    query: [{ ...text('object', 'Of which kind of account.'), words: ['page', 'instagram'] }],
    answer: SUBSCRIPTIONS,
  },
  'POST /admin/apps/:app/subscriptions/:page': {
    summary: 'Connect an app to a page',
    text: 'Or choose anew what it hears there. Without fields those it has stay; a new one hears everything.',
    body: [{ ...list('subscribed_fields', 'All of them.'), example: ['messages', 'standby'] }],
    answer: SUBSCRIPTIONS,
  },
  'DELETE /admin/apps/:app/subscriptions/:page': {
    summary: "End an app's connection to a page",
    text: 'Its conversations there are idle from then on.',
    answer: SUBSCRIPTIONS,
  },
};

/** Rights of an app on a page. */
export const RIGHTS: readonly Field[] = [
  { ...list('permissions', 'All of them.'), example: ['pages_messaging'] },
  flag('take_control', 'Whether it may take control, under Conversation Routing.'),
  flag('standby_access', 'Whether it may hear of others’ conversations there.'),
];
