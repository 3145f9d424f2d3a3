/**
 * `npm run demo`: two stories of the coffee shop, played against a server and two apps that are started for it. Every
 * step says what must be heard and who must have control; if a story goes otherwise the exit code is 1.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { getJson, postJson } from './json.ts';
import { freePorts, openShop, readWorld } from './shop.ts';
import { appName, type ControlLine, type Message, type Watch, watch } from './watch.ts';

const FAQ_BOT = '2001';
const LIVE_DESK = '2002';
const INBOX = '263902037430900';
const BUDI = '5001';
const CITRA = '5002';

const STEP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;
const HOUR_MS = 3_600_000;

const world = readWorld();
const print = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const data = mkdtempSync(path.join(tmpdir(), 'baton-demo-'));
  const interrupted = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.reject(new Error('interrupted')));
  }
  try {
    const ports = await freePorts();
    const watching = watch(`http://127.0.0.1:${ports.baton}`, world);
    const shop = await openShop(ports, { data, heard: watching.note });
    try {
      await Promise.race([play(createStage(shop.url, watching)), shop.broken, interrupted.promise]);
    } finally {
      await shop.close();
    }
    return 0;
  } catch (error) {
    process.stderr.write(`The story went otherwise: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function play(stage: Stage): Promise<void> {
  print(styleText('bold', '\nKopi Senja: one conversation, many apps, one voice'));
  await customerService(stage);
  await leads(stage);
  await stage.showRest();
  print('\nBoth stories went as they should.');
}

async function customerService({
  title,
  customer,
  isWith,
  isWithFor,
  hears,
  mayNotSpeak,
}: Stage): Promise<void> {
  await title('1  Customer service: the bot cannot help, the desk can');
  await customer(BUDI, 'When do you open?');
  await hears(BUDI, FAQ_BOT, '07:00 to 22:00');
  await isWith(BUDI, FAQ_BOT, 'primary_receiver');

  await customer(BUDI, 'Can you bake a gluten-free cake for Saturday?');
  await hears(BUDI, FAQ_BOT, 'a colleague will');
  await hears(BUDI, LIVE_DESK, 'You asked: "Can you bake a gluten-free cake for Saturday?"');
  await isWith(BUDI, LIVE_DESK, 'pass');
  await isWithFor(BUDI, 47);
  await mayNotSpeak(BUDI, FAQ_BOT);

  await customer(BUDI, 'With candles, please.');
  await hears(BUDI, LIVE_DESK, 'Noted.');
  await isWith(BUDI, LIVE_DESK, 'pass');

  await customer(BUDI, 'Thanks, bye!');
  await hears(BUDI, LIVE_DESK, 'You are welcome');
  await isWith(BUDI, null, 'release');

  await customer(BUDI, 'And what is the wifi password?');
  await hears(BUDI, FAQ_BOT, 'satulagi');
  await isWith(BUDI, FAQ_BOT, 'primary_receiver');
}

async function leads({ title, customer, inbox, isWith, hears }: Stage): Promise<void> {
  await title('2  Leads: the bot qualifies, a person in the inbox follows up');
  await customer(CITRA, 'Do you do catering?');
  await hears(CITRA, FAQ_BOT, 'how many guests');
  await customer(CITRA, '30');
  await hears(CITRA, FAQ_BOT, 'which day');
  await customer(CITRA, 'the 12th of May');
  await hears(CITRA, FAQ_BOT, 'Ana');
  await isWith(CITRA, INBOX, 'pass');

  await inbox(CITRA, 'reply', { text: 'Hello Citra, Ana here. Does nine in the morning suit you?' });
  await hears(CITRA, INBOX, 'Does nine');
  await customer(CITRA, 'Perfect!');
  await isWith(CITRA, INBOX, 'pass');
  await inbox(CITRA, 'move', { folder: 'done' });
  await hears(CITRA, FAQ_BOT, 'is back');
  await isWith(CITRA, FAQ_BOT, 'inbox');
}

type ThreadOwner = {
  readonly data: readonly [
    { readonly thread_owner: { readonly app_id?: string; readonly expiration?: number } },
  ];
};
type Refusal = {
  readonly error?: {
    readonly code: number;
    readonly error_subcode?: number;
    readonly error_user_msg?: string;
  };
};
type Stage = ReturnType<typeof createStage>;

/** What a step of a story can do and expect. */
function createStage(url: string, watching: Watch) {
  const [page] = world.pages;
  const sandbox = `${url}/sandbox/pages/${page.id}`;
  const tokenOf = (app: string): string | undefined =>
    world.apps.find(({ id }) => id === app)?.pages[0].access_token;
  let heard = 0;

  async function showNew(): Promise<void> {
    for (const line of await watching.lines()) print(line);
  }

  /** Looks until `isSo`; what happens meanwhile is shown. */
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + STEP_TIMEOUT_MS;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`${what}, but did not within ${STEP_TIMEOUT_MS / 1_000} s`);
      await showNew();
      await sleep(POLL_MS);
    }
    await showNew();
  }

  async function screen(psid: string): Promise<readonly Message[]> {
    return (await getJson<{ messages: Message[] }>(`${sandbox}/customers/${psid}/screen`)).messages;
  }

  async function showRest(): Promise<void> {
    for (const line of await watching.lines({ all: true })) print(line);
  }

  async function ownerOf(psid: string): Promise<ThreadOwner['data'][0]['thread_owner']> {
    const query = `recipient=${psid}&access_token=${tokenOf(FAQ_BOT)}`;
    const { data } = await getJson<ThreadOwner>(`${url}/v24.0/me/thread_owner?${query}`);
    return data[0].thread_owner;
  }

  return {
    showRest,

    async title(text: string): Promise<void> {
      await showRest();
      print(`\n${styleText('bold', text)}`);
    },

    async customer(psid: string, text: string): Promise<void> {
      heard = (await screen(psid)).length;
      await postJson(`${sandbox}/customers/${psid}/message`, { text });
      await postJson(`${url}/sandbox/settle`);
    },

    async inbox(psid: string, act: 'reply' | 'move', body: object): Promise<void> {
      heard = (await screen(psid)).length;
      await postJson(`${sandbox}/inbox/${psid}/${act}`, body);
      await postJson(`${url}/sandbox/settle`);
    },

    /** Since the last act the customer has been told this by this app. */
    async hears(psid: string, app: string, words: string): Promise<void> {
      await until(`${appName(world, app)} should say "${words}"`, async () =>
        (await screen(psid))
          .slice(heard)
          .some(({ from, app_id, text }) => from === 'page' && app_id === app && text?.includes(words)),
      );
    },

    /** This app has control, the last change had this cause, and what apps are told agrees. */
    async isWith(psid: string, owner: string | null, cause: string): Promise<void> {
      await until(`${appName(world, owner)} should have control of ${psid} by ${cause}`, async () => {
        const { history } = await getJson<{ history: ControlLine[] }>(`${sandbox}/threads/${psid}/history`);
        const last = history.at(-1);
        const told = (await ownerOf(psid)).app_id ?? null;
        return told === owner && last?.new_owner_app_id === owner && last.cause === cause;
      });
    },

    /** Control lasts longer than so many hours. */
    async isWithFor(psid: string, hours: number): Promise<void> {
      await until(`control of ${psid} should last longer than ${hours} hours`, async () => {
        const { now } = await getJson<{ now: number }>(`${url}/sandbox/clock`);
        return ((await ownerOf(psid)).expiration ?? 0) * 1_000 > now + hours * HOUR_MS;
      });
    },

    /** One voice: an app without control is refused, and told why. */
    async mayNotSpeak(psid: string, app: string): Promise<void> {
      const before = (await screen(psid)).length;
      const response = await fetch(`${url}/v24.0/me/messages?access_token=${tokenOf(app)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ recipient: { id: psid }, message: { text: 'Anything else?' } }),
      });
      const { error } = (await response.json()) as Refusal;
      if (response.status !== 400 || error?.code !== 10 || error.error_subcode !== 2_018_300) {
        throw new Error(`${appName(world, app)} should not be allowed to speak, but got ${response.status}`);
      }
      if ((await screen(psid)).length !== before) throw new Error('a refused message should not be sent');
      watching.note({
        program: appName(world, app),
        at: Date.now(),
        text: `${psid} speaks out of turn, and is refused: ${error.error_user_msg}`,
      });
    },
  };
}
