/**
 * The live desk of Kopi Senja. It listens on standby, asks for a conversation when the bot cannot help, speaks only
 * while it has control, and gives control up when the customer is served. Ana's answers are canned here; a real
 * desk would show the conversation to her.
 */

import { connect, listen, log, type PageEvent, readSettings } from './app.ts';

const LONG_CASE_SECONDS = 2 * 24 * 60 * 60;

const settings = readSettings({
  port: 5102,
  appId: '2002',
  pageToken: 'live-desk-token',
  appSecret: 'live-desk-secret',
  verifyToken: 'live-desk-verify',
});
const baton = connect(settings);

listen(settings, async (psid, event, channel) => {
  if (event.pass_thread_control) return begin(psid, event.pass_thread_control.metadata ?? '');
  if (event.take_thread_control)
    return log(`${psid} was taken by app ${event.take_thread_control.new_owner_app_id}`);
  if (channel === 'standby') return isUnanswered(event) ? ask(psid) : undefined;
  if (event.message !== undefined && !event.message.is_echo) return reply(psid, event.message.text ?? '');
  return undefined;
});

/** The bot marks what it could not answer; the echo of that message brings the mark here. */
const isUnanswered = ({ message }: PageEvent): boolean =>
  message?.is_echo === true && message.metadata === 'unanswered';

/** The answer to a request means "asked": control comes with `pass_thread_control`, or never. */
async function ask(psid: string): Promise<void> {
  log(`${psid} asks for control`);
  await baton.request(psid, 'Ana can help');
}

/** `summary` is the metadata that came with control: what the app before us knows. */
async function begin(psid: string, summary: string): Promise<void> {
  const question = /^Question: (.+)/s.exec(summary)?.[1];
  if (question === undefined) {
    await baton.say(psid, 'Ana from the desk here. How can I help?');
    return;
  }
  const asked = `Ana from the desk here. You asked: "${question}"`;
  await baton.say(psid, `${asked} Let me find out; it may take until tomorrow.`);
  // Without this, control would end 24 hours after the last message.
  log(`${psid} extends its control to two days`);
  await baton.extend(psid, LONG_CASE_SECONDS);
}

async function reply(psid: string, text: string): Promise<void> {
  if (!/\b(thanks|thank you|bye)\b/i.test(text)) {
    await baton.say(psid, 'Noted. I will write to you here as soon as I know.');
    return;
  }
  await baton.say(psid, 'You are welcome. See you at Kopi Senja!');
  // The conversation is idle now; the next message goes to the primary receiver.
  await baton.release(psid);
}
