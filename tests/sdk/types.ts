/** What the types of the SDK refuse. Nothing here is run: `npm run types` fails when a line is wrong that should not be. */

import {
  type AppClient,
  type BatchResult,
  type Client,
  type Control,
  createAppClient,
  createClient,
  type Message,
  type MessengerProfile,
  type Sent,
  type ThreadOwner,
  type WebhookEvent,
} from '../../src/sdk/sdk.ts';

export const client: Client = createClient({ url: 'http://baton.test', appId: '1', token: 't' });
export const app: AppClient = createAppClient({ url: 'http://baton.test', appId: '1', secret: 's' });
// @ts-expect-error: an app speaks with its secret
createAppClient({ url: 'http://baton.test', appId: '1', token: 't' });

/** Batches know what each of their calls answers. */
export async function batches(): Promise<void> {
  const [sent, owner] = await client.batch((on) => [on.send('5', 'Hi'), on.threadOwner('5')]);
  const first: BatchResult<Sent> = sent;
  const second: BatchResult<ThreadOwner> = owner;
  // @ts-expect-error: the value is there only once it is known to be one
  first.value;
  if (second.ok) second.value.controlEpoch;
  // @ts-expect-error: an id is text
  if (sent.ok) Math.abs(sent.value.messageId);
  // @ts-expect-error: there is no third
  await client.batch((on) => [on.release('5')]).then(([, , third]) => third);
  // @ts-expect-error: control is more than one call
  await client.batch((on) => [on.control('5')]);
  // @ts-expect-error: a list is read in parts
  await client.batch((on) => [on.conversations()]);
  // @ts-expect-error: a batch is of promises
  await client.batch(() => ['Hi']);
}

export const right: readonly Message[] = [
  { text: 'Hi', quick_replies: [{ content_type: 'text', title: 'A', payload: 'A' }] },
  { attachment: { type: 'image', payload: { attachment_id: '8' } } },
  {
    attachment: {
      type: 'template',
      payload: { template_type: 'button', text: 'Hi', buttons: [{ type: 'account_unlink' }] },
    },
  },
];
export const wrong: readonly Message[] = [
  // @ts-expect-error: no such template
  { attachment: { type: 'template', payload: { template_type: 'carousel' } } },
  // @ts-expect-error: a file has an address or an id
  { attachment: { type: 'image', payload: {} } },
  {
    attachment: {
      type: 'template',
      payload: {
        template_type: 'customer_feedback',
        title: 't',
        subtitle: 's',
        button_title: 'b',
        business_privacy: { url: 'https://example.org/' },
        // @ts-expect-error: a survey has one question, with an id
        feedback_screens: [{ questions: [{ type: 'csat' }] }],
      },
    },
  },
];

export const profile: MessengerProfile = {
  persistent_menu: [
    {
      locale: 'default',
      call_to_actions: [
        // @ts-expect-error: a postback has a payload
        { type: 'postback', title: 'Menu' },
      ],
    },
  ],
  ice_breakers: [
    { question: 'Q', payload: 'P' },
    // @ts-expect-error: one form or the other
    { locale: 'id_ID', call_to_actions: [] },
  ],
};

/** Calls take what they can do something with. */
export async function calls(control: Control): Promise<void> {
  // @ts-expect-error: no such part
  await client.messengerProfile({ parts: ['home_url'] });
  // @ts-expect-error: bytes have a name and a type
  await client.saveAttachment('image', { bytes: new Uint8Array() });
  // @ts-expect-error: a template cannot be saved
  await client.saveAttachment('template', { url: 'https://example.com/' });
  // @ts-expect-error: what is released is passed to nobody
  await client.send('5', 'Hi', { threadControl: { type: 'release', to: '6' } });
  // @ts-expect-error: control is passed by its own call
  await control.send('Hi', { threadControl: { type: 'release' } });
  // @ts-expect-error: a reaction is one
  await client.react('5', { mid: 'm' });
  for await (const { customer } of client.conversations()) customer.name.trim();
  // @ts-expect-error: a list is not an array
  for (const { customer } of client.conversations()) customer.name.trim();
}

/** Events are told apart by their kind. */
export function events(event: WebhookEvent): string | null {
  if (event.kind === 'feedback') return event.answers[0]?.followUp ?? null;
  if (event.kind === 'reaction') return event.reaction;
  // @ts-expect-error: only a message has text
  return event.text;
}
