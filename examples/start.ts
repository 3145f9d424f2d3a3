/**
 * `npm start`: opens the coffee shop on this machine, says what to try, and then prints what is said and how control
 * moves. PORT, FAQ_BOT_PORT, LIVE_DESK_PORT and BATON_DATA put things elsewhere.
 */

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { appPorts, CannotOpen, openShop, type Ports, ProgramEnded, readWorld } from './shop.ts';
import { type Watch, watch } from './watch.ts';

const POLL_MS = 250;
const DEFAULT_DATA = './baton-data';

const world = readWorld();
const data = process.env['BATON_DATA'] ?? DEFAULT_DATA;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    await run(stopping.signal);
    return 0;
  } catch (error) {
    // Ctrl-C reaches the programs, too; what they do about it is no mistake.
    return stopping.signal.aborted ? 0 : tell(error);
  }
}

async function run(signal: AbortSignal): Promise<void> {
  const ports = readPorts();
  const watching = watch(`http://127.0.0.1:${ports.baton}`, world);
  const shop = await openShop(ports, { data: path.resolve(data), heard: watching.note });
  try {
    await watching.lines({ all: true }); // what an earlier run has left
    print(guide(shop.url));
    await Promise.race([follow(watching, signal), shop.broken]);
  } finally {
    await shop.close();
  }
}

async function follow(watching: Watch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const line of await watching.lines()) print(line);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

function readPorts(): Ports {
  const { faqBot, liveDesk } = appPorts(world);
  return {
    baton: readPort('PORT', 4_000),
    faqBot: readPort('FAQ_BOT_PORT', faqBot),
    liveDesk: readPort('LIVE_DESK_PORT', liveDesk),
  };
}

function readPort(name: string, fallback: number): number {
  const given = process.env[name] ?? String(fallback);
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CannotOpen(`${name} is "${given}", which is no port.`);
}

/** Says what went wrong; the exit code. */
function tell(error: unknown): number {
  const known = error instanceof CannotOpen || error instanceof ProgramEnded;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  if (error instanceof CannotOpen) {
    process.stderr.write('PORT, FAQ_BOT_PORT and LIVE_DESK_PORT choose other ports.\n');
  }
  return error instanceof ProgramEnded ? error.exitCode : 1;
}

function guide(url: string): string {
  const sandbox = `${url}/sandbox/pages/1001`;
  const message = (text: string): string => `curl ${sandbox}/customers/5001/message -d '{"text":"${text}"}'`;
  const title = (text: string): string => styleText('bold', text);
  const folder = data === DEFAULT_DATA ? '' : ` --data ${data}`;
  return `
${title('Kopi Senja is open')} on ${url}

  FAQ bot     app 2001, answers first           examples/coffee-shop/faq-bot.ts
  Live desk   app 2002, listens until needed    examples/coffee-shop/live-desk.ts
  Inbox       where people of the page answer

${title('Write as Budi, customer 5001')}
  ${message('When do you open?')}
  ${message('Can you bake a gluten-free cake?')}
  ${message('Thanks, bye!')}
${title('See his screen')}
  curl ${sandbox}/customers/5001/screen
${title('Ask who has control')}
  curl '${url}/v24.0/me/thread_owner?recipient=5001&access_token=faq-bot-token'
${title('Answer from the inbox, then mark the conversation Done')}
  curl ${sandbox}/inbox/5001/reply -d '{"text":"Hello, Ana here."}'
  curl ${sandbox}/inbox/5001/move -d '{"folder":"done"}'
${title('Let 24 hours pass')}
  curl ${url}/sandbox/clock -d '{"advance_ms":86400000}'
${title('See who has control, why, and who was told')}
  npm run baton -- thread 1001 5001${folder}

Ctrl-C closes the shop. What happens now:
`;
}
