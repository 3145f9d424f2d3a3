/**
 * What is done once for a new bot, and can be done again: its menu, its greeting, a picture to send later, and a look at
 * who has been waiting. Run it with a Baton that knows the app:
 * `BATON_URL=… APP_ID=… PAGE_TOKEN=… APP_SECRET=… node setup.ts`
 */

import { BatonError, createAppClient, createClient, type MessengerProfile } from 'baton/sdk';

const PROFILE: MessengerProfile = {
  get_started: { payload: 'START' },
  greeting: [{ locale: 'default', text: 'Selamat datang at Kopi Senja.' }],
  ice_breakers: [{ question: 'When do you open?', payload: 'HOURS' }],
  persistent_menu: [
    {
      locale: 'default',
      call_to_actions: [
        { type: 'postback', title: 'Menu', payload: 'MENU' },
        { type: 'web_url', title: 'Where we are', url: 'https://example.com/map' },
      ],
    },
  ],
};
/** One pixel. A real one is read from a file, or chosen by somebody in a browser. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const { env } = process;
const url = env['BATON_URL'] ?? 'http://127.0.0.1:4000';
const appId = env['APP_ID'] ?? '2001';
const client = createClient({ url, appId, token: env['PAGE_TOKEN'] ?? 'faq-bot-token' });
const app = createAppClient({ url, appId, secret: env['APP_SECRET'] ?? 'faq-bot-secret' });

for (const { object, isActive, callbackUrl } of await app.subscriptions()) {
  tell(`hears of ${object} at ${callbackUrl}${isActive ? '' : ', which is switched off'}`);
}
try {
  await client.setMessengerProfile(PROFILE);
  tell('the menu is set');
} catch (error) {
  // Only the primary receiver sets what is one a page.
  if (!(error instanceof BatonError && error.subcode === 2018171)) throw error;
  tell(`the menu is another app's to set: ${error.userMsg}`);
}
const picture = await client.saveAttachment('image', {
  bytes: Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0)),
  filename: 'cake.png',
  contentType: 'image/png',
});
tell(`the picture is attachment ${picture}`);

for await (const { id, customer, canReply } of client.conversations()) {
  const [latest] = (await client.messages(id, { limit: 1 }).part()).items;
  if (canReply && latest?.from.id === customer.id) tell(`${customer.name} waits: ${latest.text}`);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
