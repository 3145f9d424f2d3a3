/**
 * A bot with the SDK. It speaks only while it has control: when a person of the inbox answers while it is still thinking,
 * its answer is never sent. Run it with a Baton that knows it:
 * `BATON_URL=… APP_ID=… PAGE_TOKEN=… APP_SECRET=… VERIFY_TOKEN=… PORT=… node bot.ts`
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ControlLost,
  ControlNotGranted,
  choices,
  createClient,
  createReceiver,
  type MessagingEvent,
  nodeListener,
  type Receiver,
} from 'baton/sdk';

export type Settings = {
  readonly url: string;
  readonly appId: string;
  readonly token: string;
  readonly secret: string;
  readonly verifyToken: string;
};

const PAGE_INBOX = '263902037430900';
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/\b(hours|open|close)\b/i, 'We are open every day from 07:00 to 22:00.'],
  [/\b(menu|price|coffee)/i, 'Kopi susu 22k, es kopi 25k, teh tarik 18k.'],
];

/** What answers the bot's webhooks. */
export function openBot(settings: Settings): Receiver {
  const receiver = createReceiver({ ...settings, onMessaging: hear });
  const client = createClient({ ...settings, receiver });

  async function hear(event: MessagingEvent): Promise<void> {
    if (event.kind !== 'message') return;
    const text = event.text ?? '';
    if (/\b(human|person)\b/i.test(text)) {
      await client.pass(event.psid, { to: PAGE_INBOX, metadata: 'Wants to talk to a person' });
      return;
    }
    try {
      await using control = await client.control(event.psid, { by: 'idle' });
      await control.senderAction('typing_on');
      const answer = await think(text);
      await control.send({ text: answer, quick_replies: choices(['Opening hours', 'Menu', 'Human please']) });
    } catch (error) {
      // Somebody else speaks by now: that is as it should be, and no reason to be told again.
      if (!(error instanceof ControlLost || error instanceof ControlNotGranted)) throw error;
    }
  }
  return receiver;
}

/** A real one asks a model here, and takes its time. */
async function think(text: string): Promise<string> {
  const known = ANSWERS.find(([question]) => question.test(text));
  return known?.[1] ?? 'I can tell you our hours and our menu, or get you a human.';
}

if (import.meta.main) {
  const { env } = process;
  const bot = openBot({
    url: env['BATON_URL'] ?? 'http://127.0.0.1:4000',
    appId: env['APP_ID'] ?? '2001',
    token: env['PAGE_TOKEN'] ?? 'faq-bot-token',
    secret: env['APP_SECRET'] ?? 'faq-bot-secret',
    verifyToken: env['VERIFY_TOKEN'] ?? 'faq-bot-verify',
  });
  const server = createServer(nodeListener(bot)).listen(Number(env['PORT'] ?? 5101), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listens on http://127.0.0.1:${port}/webhook\n`);
  });
}
