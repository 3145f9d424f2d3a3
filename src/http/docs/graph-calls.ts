/** What the manual page says of the Graph's calls, by method and edge; those of nodes have no edge but a name. */

import {
  DEFAULT_EXTENSION_SECONDS,
  MAX_EXTENSION_SECONDS,
  MIN_EXTENSION_SECONDS,
} from '../../protocol/time.ts';
import { MAX_IDEMPOTENCY_KEY, MAX_METADATA } from '../../wire/limits.ts';
import type { CallTexts, Field } from './call.ts';

const RECIPIENT: Field = {
  name: 'recipient',
  type: 'object',
  text: 'The customer, by PSID.',
  required: true,
  example: { id: '5001' },
};
const RECIPIENT_QUERY: Field = {
  name: 'recipient',
  type: 'string',
  text: "The customer's PSID.",
  required: true,
  example: '5001',
};
const METADATA: Field = {
  name: 'metadata',
  type: 'string',
  text: 'Travels with the change to the apps that are told of it, verbatim.',
  max: MAX_METADATA,
  example: 'Wants a cake',
};
export const EPOCH: Field = {
  name: 'control_epoch',
  type: 'integer',
  text: 'The epoch that the caller believes in; when control has moved since, the call is refused (10, 2018300).',
};
export const FIELDS: Field = {
  name: 'fields',
  type: 'string',
  text: 'The fields to be answered, with commas; all when there are none.',
};
export const KEY: Field = {
  name: 'Idempotency-Key',
  type: 'string',
  text: 'A repetition under the same key is answered like the first, for 24 hours, and does nothing.',
  max: MAX_IDEMPOTENCY_KEY,
};
const target = (required: boolean, text: string): Field => ({
  name: 'target_app_id',
  type: 'string',
  text,
  required,
  example: '2002',
});

/** Of lists that may be long. */
const PAGING: readonly Field[] = [
  { name: 'limit', type: 'integer', text: 'At most 100; 25 when it is not given.' },
  { name: 'after', type: 'string', text: 'Where to go on: `paging.cursors.after` of the answer before.' },
];

const SUCCESS = { success: true };
const headers = [KEY];

export const GRAPH_CALLS: CallTexts = {
  'POST pass_thread_control': {
    summary: 'Pass control to another app',
    text: 'The owner hands the conversation to an app, or, without a target, to whom the rules name.',
    headers,
    body: [RECIPIENT, target(false, 'The app that gets control.'), METADATA, EPOCH],
    answer: SUCCESS,
  },
  'POST take_thread_control': {
    summary: 'Take control',
    text: 'The primary receiver takes the conversation from whoever has it.',
    headers,
    body: [RECIPIENT, METADATA, EPOCH],
    answer: SUCCESS,
  },
  'POST request_thread_control': {
    summary: 'Ask the owner for control',
    text: 'The owner is told, and decides.',
    headers,
    body: [RECIPIENT, METADATA, EPOCH],
    answer: SUCCESS,
  },
  'POST release_thread_control': {
    summary: 'Give control up',
    text: 'The conversation goes where the rules say that it goes when its owner lets go.',
    headers,
    body: [RECIPIENT, METADATA, EPOCH],
    answer: SUCCESS,
  },
  'POST extend_thread_control': {
    summary: 'Keep control for longer',
    text: 'The lease ends later, also without activity.',
    headers,
    body: [
      RECIPIENT,
      {
        name: 'duration',
        type: 'integer',
        text: `Seconds from now, ${MIN_EXTENSION_SECONDS} to ${MAX_EXTENSION_SECONDS}; ${DEFAULT_EXTENSION_SECONDS} when it is not given.`,
      },
      EPOCH,
    ],
    answer: SUCCESS,
  },
  'POST pass_thread_metadata': {
    summary: 'Tell another app something',
    text: 'Control stays where it is; the target is told the metadata.',
    headers,
    body: [
      RECIPIENT,
      target(true, 'The app that is told.'),
      { ...METADATA, text: 'What it is told.', required: true },
      EPOCH,
    ],
    answer: SUCCESS,
  },
  'GET thread_owner': {
    summary: 'Who has control, and until when',
    text: 'An idle conversation has an empty `thread_owner`. `fields=control_epoch` adds the epoch.',
    query: [RECIPIENT_QUERY, FIELDS],
    answer: { data: [{ thread_owner: { app_id: '2001', expiration: 1_800_000_000 } }] },
  },
  'GET thread_requests': {
    summary: 'Who waits for control',
    text: 'The open requests, in the order in which they came.',
    query: [RECIPIENT_QUERY],
    answer: { data: [{ app_id: '2002', requested_at: 1_800_000_000, metadata: 'Wants a cake' }] },
  },
  'GET secondary_receivers': {
    summary: 'The other apps of the page',
    text: 'Those to which the primary receiver can pass control.',
    query: [FIELDS],
    answer: { data: [{ id: '2002', name: 'Live desk' }] },
  },
  'POST messages': {
    summary: 'Write to the customer',
    text: 'A message, or a sign such as typing: one of `message` and `sender_action`. Only the owner may speak, and on an idle conversation whom the rules let.',
    headers,
    body: [
      RECIPIENT,
      {
        name: 'message',
        type: 'object',
        text: 'Text, quick replies, an attachment or a template.',
        example: { text: 'Good morning!' },
      },
      {
        name: 'sender_action',
        type: 'string',
        text: 'A sign in place of a message.',
        words: ['typing_on', 'typing_off', 'mark_seen'],
      },
      { name: 'messaging_type', type: 'string', text: 'Why it is sent.', example: 'RESPONSE' },
      { name: 'tag', type: 'string', text: 'Allows it outside the messaging window.' },
      { name: 'persona_id', type: 'string', text: 'Under whose name it is shown.' },
      EPOCH,
    ],
    answer: { recipient_id: '5001', message_id: 'm_AaIAzCzLZ2EevmqO5P5vBy' },
  },
  'GET messages': {
    summary: 'The messages of a conversation',
    text: 'The latest first. In place of the page stands the id of a conversation.',
    query: [FIELDS, ...PAGING],
    answer: { data: [{ id: 'm_AaIAzCzLZ2EevmqO5P5vBy', created_time: '2027-01-15T08:00:00+0000' }] },
  },
  'GET conversations': {
    summary: 'The conversations of the page',
    text: 'By the ids of their customers; those for which the app is connected.',
    query: [
      { name: 'platform', type: 'string', text: 'Of the page.', words: ['messenger', 'instagram'] },
      { name: 'user_id', type: 'string', text: 'That of one customer only.', example: '5001' },
      FIELDS,
      ...PAGING,
    ],
    answer: { data: [{ id: 't_1001_5001', updated_time: '2027-01-15T08:00:00+0000' }] },
  },
  'POST message_attachments': {
    summary: 'Save an attachment',
    text: 'Without sending it. A file is uploaded as the part `filedata` of a multipart call, beside `message`.',
    body: [
      {
        name: 'message',
        type: 'object',
        text: 'As in a message: an attachment with its address, or without one beside `filedata`.',
        required: true,
        example: { attachment: { type: 'image', payload: { url: 'https://a.example/menu.png' } } },
      },
    ],
    answer: { attachment_id: '812345678901234' },
  },
  'POST nlp_configs': {
    summary: 'Set the language model',
    text: 'Is taken, and does nothing: there is no language model here.',
    answer: SUCCESS,
  },
  'GET personas': {
    summary: "The app's personas on the page",
    text: 'All of them in one page of results.',
    answer: {
      data: [{ id: '712345678901234', name: 'Sari', profile_picture_url: 'https://a.example/s.png' }],
    },
  },
  'POST personas': {
    summary: 'Make a persona',
    text: 'A name and a picture under which the app speaks.',
    body: [
      { name: 'name', type: 'string', text: 'Shown to the customer.', required: true, example: 'Sari' },
      {
        name: 'profile_picture_url',
        type: 'string',
        text: 'The address of a picture.',
        required: true,
        example: 'https://a.example/s.png',
      },
    ],
    answer: { id: '712345678901234' },
  },
  'GET subscribed_apps': {
    summary: 'The connected apps and their fields',
    text: 'Of the page, the calling app among them.',
    answer: {
      data: [
        { category: 'Business', link: '', name: 'FAQ bot', id: '2001', subscribed_fields: ['messages'] },
      ],
    },
  },
  'POST subscribed_apps': {
    summary: 'Connect the app to the page',
    text: 'And say which webhooks it wants; it is also how webhooks that were switched off are switched on again.',
    body: [
      {
        name: 'subscribed_fields',
        type: 'array',
        text: 'Fields of webhooks; those it has when there are none.',
        example: ['messages', 'standby'],
      },
    ],
    answer: SUCCESS,
  },
  'DELETE subscribed_apps': {
    summary: 'Disconnect the app from the page',
    text: 'Conversations that it owns become idle.',
    answer: SUCCESS,
  },
};

/** Of nodes: they share one path. */
export const NODE_CALLS: CallTexts = {
  GET: {
    summary: 'What an id is of',
    text: 'With a Page token the page, a customer, a persona, a conversation or a message of it, or an app; with a user token the person, her pages or the app; with an app token the app. `me` is that of the token.',
    query: [FIELDS],
    answer: { id: '1001', name: 'Kopi Senja' },
  },
  DELETE: {
    summary: 'Delete a persona',
    text: 'Messages that were sent under its name stay as they are.',
    answer: SUCCESS,
  },
};
