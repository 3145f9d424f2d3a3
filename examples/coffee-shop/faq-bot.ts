/**
 * The FAQ bot of Kopi Senja: the page's primary receiver. It answers what it knows, hands over what it does not,
 * and finds out who wants catering before a person of the inbox takes care of it.
 */

import { connect, listen, log, type PageEvent, readSettings } from './app.ts';

const LIVE_DESK = process.env['DESK_APP_ID'] ?? '2002';
const PAGE_INBOX = '263902037430900';
const SMALLEST_CATERING = 10;

const settings = readSettings({
  port: 5101,
  appId: '2001',
  pageToken: 'faq-bot-token',
  appSecret: 'faq-bot-secret',
  verifyToken: 'faq-bot-verify',
});
const baton = connect(settings);

const CHOICES = ['Opening hours', 'Menu', 'Wifi', 'Catering', 'Human please'];
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^(hi|hello|halo|good (morning|evening))\b/i, 'Hello! Ask me about our hours, menu, wifi or catering.'],
  [/\b(hours|open|close)\b/i, 'We are open every day from 07:00 to 22:00.'],
  [/\b(menu|prices?|cost|how much)\b/i, 'Kopi susu 22k, es kopi 25k, teh tarik 18k, pisang goreng 15k.'],
  [/\b(wifi|wi-fi|password)\b/i, 'Network "Kopi Senja", password "satulagi".'],
];

/** What the bot remembers of a conversation, until somebody else has it. */
type Memory = { question: string; catering?: { guests?: number } };
const memories = new Map<string, Memory>();

listen(settings, async (psid, event, channel) => {
  if (event.request_thread_control) return yieldTo(psid, event.request_thread_control.requested_owner_app_id);
  if (event.pass_thread_control) return welcomeBack(psid);
  if (event.take_thread_control) return forget(psid, event);
  // On standby somebody else has the conversation: whatever is said there is not the bot's to answer.
  if (channel === 'standby') return memories.delete(psid);
  if (event.message !== undefined && !event.message.is_echo) return reply(psid, event.message.text ?? '');
  return undefined;
});

async function reply(psid: string, text: string): Promise<unknown> {
  const memory = memories.get(psid) ?? { question: '' };
  memories.set(psid, memory);
  if (/\b(human|person|agent)\b/i.test(text)) return toHuman(psid, memory);
  memory.question = text;
  if (memory.catering !== undefined) return askCatering(psid, memory.catering, text);
  if (/\bcatering\b/i.test(text)) {
    memory.catering = {};
    return baton.say(psid, 'With pleasure! For how many guests?');
  }
  const known = ANSWERS.find(([question]) => question.test(text));
  if (known !== undefined) return baton.say(psid, known[1], { choices: CHOICES });
  // The note is for the live desk: it reads the echo on standby and asks for control (see live-desk.ts).
  return baton.say(psid, 'I do not know that, but a colleague will. One moment, please.', {
    note: 'unanswered',
  });
}

/** Two questions tell a lead from a coffee for two; leads go to the people in the page's inbox. */
async function askCatering(psid: string, catering: { guests?: number }, text: string): Promise<unknown> {
  if (catering.guests === undefined) {
    const guests = Number.parseInt(text, 10);
    if (!(guests > 0)) return baton.say(psid, 'Please tell me the number of guests, such as 30.');
    if (guests < SMALLEST_CATERING) {
      memories.delete(psid);
      return baton.say(psid, 'For a small group no booking is needed: just come by!');
    }
    catering.guests = guests;
    return baton.say(psid, 'And on which day?');
  }
  await baton.say(psid, 'Wonderful. Ana, who plans our events, will write to you here.');
  return handOver(psid, PAGE_INBOX, `Lead: catering for ${catering.guests} guests, ${text}`);
}

/** "Human please": to the live desk, or to the inbox where there is no desk. */
async function toHuman(psid: string, { question }: Memory): Promise<unknown> {
  const summary = question === '' ? 'Wants to talk to a person' : `Question: ${question}`;
  await baton.say(psid, 'Of course. I am getting a colleague.');
  return (await handOver(psid, LIVE_DESK, summary)) || handOver(psid, PAGE_INBOX, summary);
}

/** Another app asks for the conversation. The primary receiver hears it even while somebody else has control. */
async function yieldTo(psid: string, app: number | string): Promise<unknown> {
  if (!(await baton.hasControl(psid))) return log(`${psid} is not ours to pass to app ${app}`);
  const question = memories.get(psid)?.question ?? '';
  return handOver(psid, app, question === '' ? 'No open question' : `Question: ${question}`);
}

async function handOver(psid: string, app: number | string, summary: string): Promise<boolean> {
  const passed = await baton.pass(psid, app, summary);
  if (passed) memories.delete(psid);
  return passed;
}

/** Somebody gave the conversation back: marked it Done in the inbox, or passed it. */
const welcomeBack = (psid: string): Promise<boolean> =>
  baton.say(psid, 'The bot of Kopi Senja is back. Is there anything else?', { choices: CHOICES });

function forget(psid: string, { take_thread_control: change }: PageEvent): void {
  memories.delete(psid);
  log(`${psid} was taken by app ${change?.new_owner_app_id}`);
}
