/** What the manual page says of the calls under `/admin` about pages, people, apps and tokens. */

import { ALL_FEATURES } from '../../store/config.ts';
import type { CallTexts, Field } from './call.ts';
import { RIGHTS } from './setup-calls.ts';

const text = (name: string, said: string): Field => ({ name, type: 'string', text: said });
const list = (name: string, said: string): Field => ({ name, type: 'array', text: said });
const PERSON = { id: '9001', name: 'Sari', has_password: true, pages: [] };
const APP = { id: '2001', name: 'FAQ bot', live: true, advanced_access: [], testers: [], roles: [] };
const TO: Field = {
  ...text('to', 'The other mode.'),
  required: true,
  words: ['handover', 'conversation_routing'],
};
const ROUTING = {
  page: '1001',
  from: 'handover',
  to: 'conversation_routing',
  threads: 3,
  threads_changed: 1,
};
const SETTINGS: readonly Field[] = [
  { ...text('name', 'What it is called.'), example: 'FAQ bot' },
  { name: 'live', type: 'boolean', text: 'Else it is in development.' },
  list('testers', 'Ids of customers.'),
  list('redirect_uris', 'Where people may be sent back to.'),
];
const OWNERS: readonly Field[] = [
  { ...text('app', 'Of an app.'), example: '2001' },
  { ...text('page', 'Of a page.'), example: '1001' },
  { ...text('person', 'Of a person.'), example: '9001' },
];
const TOKEN = {
  id: '0f1e2d3c4b5a6978',
  kind: 'page',
  app: '2001',
  page: '1001',
  person: '9001',
  ended: false,
};

export const ADMIN_CALLS: CallTexts = {
  'GET /admin/pages/:page/routing': {
    summary: 'What another mode would change',
    text: 'On this page; nothing is changed.',
    query: [TO],
    answer: ROUTING,
  },
  'POST /admin/pages/:page/routing': {
    summary: 'Switch a page to another mode',
    text: 'Answers what that has changed.',
    body: [TO],
    answer: ROUTING,
  },
  'GET /admin/people': { summary: 'People and their tasks', text: '', answer: { data: [PERSON] } },
  'POST /admin/people/:person': {
    summary: 'Make or change a person',
    text: 'Null in place of a password takes it away.',
    body: [text('name', 'Required of a new person.'), text('password', 'For signing in.')],
    answer: PERSON,
  },
  'POST /admin/pages/:page/people/:person': {
    summary: "Set a person's tasks on a page",
    text: 'None takes the person off the page.',
    body: [{ ...list('tasks', 'All that the person has then.'), required: true, example: ['MODERATE'] }],
    answer: PERSON,
  },
  'GET /admin/apps': { summary: 'Apps', text: 'Without their secrets.', answer: { data: [APP] } },
  'POST /admin/apps': {
    summary: 'Make an app',
    text: 'The answer has its secret, which is not shown again.',
    body: [
      ...SETTINGS.map((field) => ({ ...field, required: field.name === 'name' })),
      text('id', 'Its id.'),
    ],
    answer: { ...APP, secret: '…' },
  },
  'GET /admin/apps/:app': { summary: 'An app', text: 'Without its secret.', answer: APP },
  'POST /admin/apps/:app': {
    summary: 'Change an app',
    text: 'What is not said stays.',
    body: SETTINGS,
    answer: APP,
  },
  'POST /admin/apps/:app/roles/:person': {
    summary: 'Give a person a role on an app',
    text: 'Null takes it away.',
    body: [{ ...text('role', 'Which.'), required: true, example: 'admin' }],
    answer: APP,
  },
  'POST /admin/apps/:app/pages/:page': {
    summary: 'Set what a page allows an app',
    text: 'At least one of them. The app must have been on the page.',
    body: RIGHTS,
    answer: APP,
  },
  'POST /admin/apps/:app/rotate_secret': {
    summary: 'Give an app another secret',
    text: 'The answer has it. The one before is good for the time of grace.',
    body: [
      { name: 'grace_ms', type: 'integer', text: 'Up to 30 days.', required: true, example: 86_400_000 },
    ],
    answer: { ...APP, secret: '…' },
  },
  'POST /admin/apps/:app/reviews': {
    summary: 'Decide App Review',
    text: 'Whether the app has asked or not.',
    body: [
      { ...text('feature', 'Which.'), required: true, words: ALL_FEATURES, example: 'human_agent' },
      { name: 'granted', type: 'boolean', text: 'Or taken away.', required: true, example: true },
      text('reason', 'For the app.'),
    ],
    answer: APP,
  },
  'GET /admin/tokens': {
    summary: 'Tokens',
    text: 'Without their texts: those that all of the query fits.',
    query: OWNERS,
    answer: { data: [TOKEN] },
  },
  'POST /admin/tokens': {
    summary: 'Make a Page token',
    text: 'The answer has its text, which is not shown again.',
    body: OWNERS.map((field) => ({ ...field, required: true })),
    answer: { access_token: 'EAAB…', id: TOKEN.id, app: '2001', page: '1001', person: '9001' },
  },
  'POST /admin/tokens/revoke': {
    summary: 'Revoke tokens',
    text: 'Those that all of the body fits.',
    body: [text('id', 'As the list tells it.'), text('token', 'The text of one.'), ...OWNERS],
    answer: { revoked: 1 },
  },
};
