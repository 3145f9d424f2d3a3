/** What the manual page says of what people open in a browser. */

import type { CallTexts, Field } from './call.ts';

const text = (name: string, said: string): Field => ({ name, type: 'string', text: said });
const DIALOG: readonly Field[] = [
  { ...text('client_id', 'The app.'), required: true, example: '2001' },
  { ...text('redirect_uri', 'Letter by letter one of those of the app.'), required: true },
  { ...text('scope', 'The permissions that are asked for, with commas.'), example: 'pages_messaging' },
  text('state', 'Comes back as it is.'),
  { ...text('response_type', 'A code is sent back.'), words: ['code'] },
];

export const SIGN_IN_CALLS: CallTexts = {
  'GET /dialog/oauth': {
    summary: 'Sign in',
    text: 'A page for people. They are sent back with `code` and `state`, or with `error=access_denied`.',
    query: DIALOG,
    answer: 'A page with a form',
  },
  'POST /dialog/oauth': {
    summary: 'Send the form of signing in',
    text: 'What that page does; it works with nothing but what the page holds.',
    answer: 'The page again; else a way back to the app',
  },
};

export const FILE_CALLS: CallTexts = {
  'GET /attachments/:key': {
    summary: 'A file that an app has uploaded',
    text: 'For whoever knows its name, for 90 days.',
    answer: 'The file',
  },
};
