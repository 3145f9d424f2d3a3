/** What the manual page says of tokens, of what people and apps have, and of batches. */

import { ALL_FEATURES } from '../../store/config.ts';
import { MAX_VERIFY_TOKEN } from '../../wire/limits.ts';
import { MAX_NOTE } from '../graph/app-nodes.ts';
import type { CallTexts, Field } from './call.ts';
import { FIELDS, KEY } from './graph-calls.ts';

const SUCCESS = { success: true };
const OBJECT: Field = {
  name: 'object',
  type: 'string',
  text: 'Of what it hears.',
  words: ['page', 'instagram'],
  example: 'page',
};
const text = (name: string, said: string): Field => ({ name, type: 'string', text: said });
const CREDENTIALS: readonly Field[] = [
  { ...text('client_id', 'The app.'), required: true, example: '2001' },
  { ...text('client_secret', 'Its secret.'), required: true },
  {
    ...text('grant_type', '`authorization_code` when it is not given.'),
    words: ['authorization_code', 'client_credentials', 'fb_exchange_token'],
  },
  text('code', 'Of a person who has signed in.'),
  text('redirect_uri', 'With a code: where that was sent.'),
  text('fb_exchange_token', 'A user token, for one that lasts longer.'),
];
const GRANT =
  'With a code a user token, with `fb_exchange_token` a long-lived one, with `client_credentials` an app token.';
const GRANTED = { access_token: 'EAAB…', token_type: 'bearer', expires_in: 7_200 };

/** Edges of people and of apps. */
export const ACCESS_CALLS: CallTexts = {
  'GET accounts': {
    summary: 'The pages of a person, with their tokens',
    text: 'Wants a user token with `pages_show_list`. The pages on which the person has tasks; the same tokens each time.',
    query: [FIELDS],
    answer: {
      data: [
        { access_token: 'EAAB…', category: 'Business', name: 'Kopi Senja', id: '1001', tasks: ['MANAGE'] },
      ],
    },
  },
  'GET subscriptions': {
    summary: 'The callbacks of an app',
    text: 'Wants an app token, or the user token of an admin of the app.',
    answer: {
      data: [
        {
          object: 'page',
          callback_url: 'https://bot.example/webhook',
          active: true,
          fields: [{ name: 'messages', version: 'v24.0' }],
        },
      ],
    },
  },
  'POST subscriptions': {
    summary: 'Set a callback of an app',
    text: 'It is asked to echo a challenge before it is accepted. Switches its webhooks on again.',
    body: [
      { ...OBJECT, required: true },
      {
        ...text('callback_url', 'Required unless there is one already.'),
        example: 'https://bot.example/webhook',
      },
      { ...text('verify_token', 'Required unless there is one already.'), max: MAX_VERIFY_TOKEN },
      { name: 'fields', type: 'array', text: 'Replaces the list; absent: it stays, or is every field.' },
    ],
    answer: SUCCESS,
  },
  'DELETE subscriptions': {
    summary: 'Take a callback of an app away',
    text: 'Or, with `fields`, only those fields.',
    query: [
      { ...OBJECT, text: 'Of which; both when it is not given.' },
      { ...FIELDS, text: 'Those that go, with commas.' },
    ],
    answer: SUCCESS,
  },
  'GET review_requests': {
    summary: 'What the app has asked App Review for',
    text: 'And what was decided. Wants an app token.',
    answer: {
      data: [{ id: '1', feature: 'human_agent', note: '', asked_at: 1_800_000_000, status: 'open' }],
    },
  },
  'POST review_requests': {
    summary: 'Ask App Review for a feature',
    text: 'The operator decides. Wants an app token.',
    body: [
      { ...text('feature', 'Which.'), required: true, words: ALL_FEATURES, example: 'human_agent' },
      { ...text('note', 'For the operator.'), max: MAX_NOTE },
    ],
    answer: { id: '1', feature: 'human_agent', note: '', asked_at: 1_800_000_000, status: 'open' },
  },
};

/** Paths that are no node and edge. */
export const OPEN_CALLS: CallTexts = {
  'POST /': {
    summary: 'Many calls in one request',
    text: 'Each item goes through the same gates as a call of its own and fails alone; one after the other. Answered is a list in the order of the items.',
    headers: [KEY],
    body: [
      {
        name: 'batch',
        type: 'array',
        text: 'Items with `method`, `relative_url`, `body`, `name`, `depends_on` and others; see the manual.',
        required: true,
        example: [{ method: 'GET', relative_url: 'me?fields=id' }],
      },
      { name: 'include_headers', type: 'boolean', text: 'False: the answers come without headers.' },
    ],
    answer: '[{"code":200,"headers":[],"body":"{\\"id\\":\\"1001\\"}"}]',
  },
  'GET /oauth/access_token': { summary: 'Get a token', text: GRANT, query: CREDENTIALS, answer: GRANTED },
  'POST /oauth/access_token': {
    summary: 'Get a token, without a query',
    text: GRANT,
    body: CREDENTIALS,
    answer: GRANTED,
  },
  'GET /debug_token': {
    summary: 'What a token is',
    text: 'For an app, of its own tokens, and for a token, of itself; of any other it is told only that it is not valid.',
    query: [{ ...text('input_token', 'The token that is meant.'), required: true }],
    answer: { data: { app_id: '2001', type: 'PAGE', is_valid: true, scopes: ['pages_messaging'] } },
  },
};
