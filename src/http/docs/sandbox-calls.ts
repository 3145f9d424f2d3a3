/** What the manual page says of a sandbox's calls. */

import { MAX_METADATA, MAX_TEXT } from '../../wire/limits.ts';
import type { CallTexts } from './call.ts';

const SUCCESS = { success: true };
const CUSTOMER = '/sandbox/pages/:page/customers/:psid';
const INBOX = '/sandbox/pages/:page/inbox/:psid';

export const SANDBOX_CALLS: CallTexts = {
  'GET /sandbox/clock': { summary: 'What time it is', text: '', answer: { now: 1_800_000_000_000 } },
  'POST /sandbox/clock': {
    summary: 'Move the clock forward',
    text: 'Carries out what is due on the way, and answers when that and the webhooks it caused are through.',
    body: [
      { name: 'advance_ms', type: 'integer', text: 'By how much.', required: true, example: 86_400_000 },
    ],
    answer: { now: 1_800_000_000_000 },
  },
  'POST /sandbox/settle': {
    summary: 'Wait for webhooks',
    text: "Answers when each waiting notice's first attempt has ended.",
    answer: { now: 1_800_000_000_000 },
  },
  'GET /sandbox/deliveries': {
    summary: 'Every attempt to deliver a webhook',
    text: 'The last 10,000, oldest first.',
    query: [{ name: 'app', type: 'string', text: 'Of one app only.', example: '2001' }],
    answer: { deliveries: [] },
  },
  [`POST ${CUSTOMER}/message`]: {
    summary: 'The customer writes',
    text: 'A customer who is not known comes into being.',
    body: [
      { name: 'text', type: 'string', text: 'What they write.', example: 'Hello' },
      { name: 'attachments', type: 'array', text: 'Objects with `type` and `payload`.' },
      { name: 'quick_reply', type: 'object', text: 'The `payload` of the quick reply that they tapped.' },
      { name: 'referral', type: 'object', text: 'How they came: `source`, `type`, `ad_id`, `ref`.' },
    ],
    answer: { message_id: 'm_AaIAzCzLZ2EevmqO5P5vBy' },
  },
  [`POST ${CUSTOMER}/postback`]: {
    summary: 'The customer taps a button',
    text: 'Of a message that they were sent.',
    body: [
      { name: 'mid', type: 'string', text: 'The message.', required: true },
      { name: 'button', type: 'integer', text: 'Which button, from 0.' },
      { name: 'element', type: 'integer', text: 'Of which element, from 0.' },
    ],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/menu`]: {
    summary: 'The customer picks from their menu',
    text: '',
    body: [{ name: 'item', type: 'array', text: 'Where in the menu, from 0.', example: [0] }],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/get_started`]: {
    summary: 'The customer taps Get Started',
    text: '',
    body: [{ name: 'referral', type: 'object', text: 'How they came: `source`, `type`, `ad_id`, `ref`.' }],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/ice_breaker`]: {
    summary: 'The customer taps an ice breaker',
    text: '',
    body: [{ name: 'item', type: 'integer', text: 'Which, from 0.', required: true, example: 0 }],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/reaction`]: {
    summary: 'The customer reacts to a message',
    text: 'Or takes that back.',
    body: [
      { name: 'mid', type: 'string', text: 'The message.', required: true },
      { name: 'reaction', type: 'string', text: '`love` unless told otherwise.' },
      { name: 'emoji', type: 'string', text: 'Its sign.' },
      { name: 'action', type: 'string', text: '', words: ['react', 'unreact'] },
    ],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/delivered`]: {
    summary: 'The customer has got everything',
    text: '',
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/referral`]: {
    summary: 'The customer comes back through an ad or a link',
    text: '',
    body: [
      { name: 'source', type: 'string', text: 'How.', required: true, words: ['ADS', 'SHORTLINK'] },
      { name: 'type', type: 'string', text: '`OPEN_THREAD` unless told otherwise.' },
      { name: 'ad_id', type: 'string', text: 'Of an ad.' },
      { name: 'ref', type: 'string', text: 'Of a link.' },
    ],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/feedback`]: {
    summary: 'The customer answers a survey',
    text: '',
    body: [
      { name: 'mid', type: 'string', text: 'The survey.', required: true },
      { name: 'answers', type: 'object', text: 'By question.' },
    ],
    answer: SUCCESS,
  },
  [`POST ${CUSTOMER}/read`]: { summary: 'The customer has read everything', text: '', answer: SUCCESS },
  [`GET ${CUSTOMER}/screen`]: {
    summary: 'What the customer sees',
    text: 'Every message, oldest first.',
    answer: { messages: [], menu: [], get_started: true, ice_breakers: [] },
  },
  [`GET ${INBOX}`]: {
    summary: 'What people in the inbox see',
    text: 'Beside what was said: the folder, who has control, who waits for it.',
    answer: { folder: 'main', owner_app_id: '2001', requests: [] },
  },
  [`POST ${INBOX}/reply`]: {
    summary: 'A person answers in the inbox',
    text: '',
    body: [{ name: 'text', type: 'string', text: 'What they write.', required: true, max: MAX_TEXT }],
    answer: { message_id: 'm_AaIAzCzLZ2EevmqO5P5vBy' },
  },
  [`POST ${INBOX}/move`]: {
    summary: 'A person moves the conversation to a folder',
    text: '',
    body: [
      {
        name: 'folder',
        type: 'string',
        text: 'Where to.',
        required: true,
        words: ['main', 'general', 'done'],
      },
    ],
    answer: SUCCESS,
  },
  [`POST ${INBOX}/pass`]: {
    summary: 'A person passes control to an app',
    text: '',
    body: [
      { name: 'target_app_id', type: 'string', text: 'The app.', required: true, example: '2001' },
      { name: 'metadata', type: 'string', text: 'Travels along.', max: MAX_METADATA },
    ],
    answer: SUCCESS,
  },
  'GET /sandbox/pages/:page/threads/:psid/history': {
    summary: 'How control moved',
    text: 'Every change, oldest first.',
    answer: { history: [] },
  },
};
