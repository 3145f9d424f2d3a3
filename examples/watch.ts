/** Follows conversations of a sandbox: what is said, how control moves and why, and what the apps do about it. */

import { styleText } from 'node:util';
import { getJson } from './json.ts';
import type { ProgramLine, World } from './shop.ts';

const PAGE_INBOX = '263902037430900';
/** Lines wait this long, so that those of several programs come out in the order in which things happened. */
const HOLD_BACK_MS = 100;
const TEXT_COLUMN = 14;
/**
 * The timestamps of a thread are distinct, so that a message can bear one a little later than it was written. What
 * follows from a message is shown after it.
 */
const SHOWN_LATER_MS = 2;
/** Apps begin a line about a customer with the customer's id. */
const ABOUT_CUSTOMER = /^\d+(?= )/;

export type Message = {
  readonly from: 'customer' | 'page';
  readonly app_id: string | null;
  readonly text: string | null;
  readonly timestamp: number;
};
export type ControlLine = {
  readonly at: number;
  readonly cause: string;
  readonly actor_app_id: string | null;
  readonly previous_owner_app_id: string | null;
  readonly new_owner_app_id: string | null;
  readonly metadata: string | null;
};
type Line = { readonly at: number; readonly text: string };
type Place = { messages: number; changes: number };

export type Watch = {
  /** Adds what an app has written about a customer. */
  note(line: ProgramLine): void;
  /** What is new since the last call, in order; without `all`, what has only just happened waits for the next one. */
  lines(options?: { readonly all: boolean }): Promise<readonly string[]>;
};

export function watch(url: string, world: World): Watch {
  const [page] = world.pages;
  const places = new Map<string, Place>(
    world.customers.map(({ psid }) => [psid, { messages: 0, changes: 0 }]),
  );
  const noted: ProgramLine[] = [];
  let waiting: Line[] = [];
  /** How far the sandbox's clock is ahead of the machine's; that only grows. */
  let aheadMs = 0;

  async function read(psid: string, place: Place): Promise<Line[]> {
    const [{ messages }, { history }] = await Promise.all([
      getJson<{ messages: Message[] }>(`${url}/sandbox/pages/${page.id}/customers/${psid}/screen`),
      getJson<{ history: ControlLine[] }>(`${url}/sandbox/pages/${page.id}/threads/${psid}/history`),
    ]);
    const lines = [
      ...messages.slice(place.messages).map((message) => said(world, psid, message)),
      ...history.slice(place.changes).map((change) => moved(world, psid, change)),
    ];
    place.messages = messages.length;
    place.changes = history.length;
    return lines;
  }

  return {
    note(line) {
      if (ABOUT_CUSTOMER.test(line.text)) noted.push(line);
    },
    async lines({ all } = { all: false }) {
      const { now } = await getJson<{ now: number }>(`${url}/sandbox/clock`);
      aheadMs = Math.max(aheadMs, now - Date.now());
      for (const { program, at, text } of noted.splice(0)) {
        waiting.push({ at: at + aheadMs + SHOWN_LATER_MS, text: did(world, program, text) });
      }
      for (const [psid, place] of places) waiting.push(...(await read(psid, place)));
      waiting.sort((one, other) => one.at - other.at);
      const ready = waiting.filter(({ at }) => all || at <= now - HOLD_BACK_MS);
      waiting = waiting.slice(ready.length);
      return ready.map(({ text }) => text);
    },
  };
}

export function appName(world: World, app: string | null): string {
  if (app === null) return 'nobody';
  return app === PAGE_INBOX ? 'Inbox' : (world.apps.find(({ id }) => id === app)?.name ?? `app ${app}`);
}

const customerName = (world: World, psid: string): string =>
  world.customers.find((customer) => customer.psid === psid)?.name ?? psid;

function said(world: World, psid: string, { from, app_id, text, timestamp }: Message): Line {
  const words = text ?? '(an attachment)';
  const line =
    from === 'customer'
      ? row(customerName(world, psid), words, 'bold')
      : row(appName(world, app_id), words, 'plain');
  return { at: timestamp, text: line };
}

function moved(world: World, psid: string, change: ControlLine): Line {
  const name = (app: string | null): string => appName(world, app);
  const move = `${name(change.previous_owner_app_id)} → ${name(change.new_owner_app_id)}`;
  const why = reason(change.cause, customerName(world, psid), name(change.actor_app_id));
  const metadata = change.metadata === null ? '' : `, "${change.metadata}"`;
  return {
    at: change.at + (change.actor_app_id === null ? SHOWN_LATER_MS : 0),
    text: row('control', `${move}: ${why}${metadata}`, 'yellow'),
  };
}

/** The causes of the history (docs/rules.md, C14) in words. */
function reason(cause: string, customer: string, actor: string): string {
  const reasons: Readonly<Record<string, string>> = {
    pass: `${actor} passed it`,
    take: `${actor} took it`,
    request: `${actor} asked while nobody had it`,
    release: `${actor} released it`,
    expiry: 'its time was up',
    entry_point: `${customer} came through an ad or a link`,
    menu: `${customer} picked from its menu`,
    postback: `${customer} tapped its button`,
    inbox: 'a person at work in the inbox',
    primary_receiver: `${customer} wrote while nobody had it, and the primary receiver answers first`,
    disconnected: 'the app was disconnected',
  };
  return reasons[cause] ?? cause;
}

function did(world: World, program: string, text: string): string {
  return row(program, `(${text.replace(ABOUT_CUSTOMER, (psid) => `${customerName(world, psid)}:`)})`, 'dim');
}

/** A name and some words beside it, wrapped where a person reads along. */
function row(name: string, words: string, style: 'bold' | 'plain' | 'yellow' | 'dim'): string {
  const { isTTY, columns } = process.stdout;
  const width = isTTY ? Math.max(columns - TEXT_COLUMN, 40) : Number.POSITIVE_INFINITY;
  const lines = [''];
  for (const word of words.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines.splice(-1, 1, word);
    else if (last.length + 1 + word.length <= width) lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines
    .map((line, index) => `${`  ${index === 0 ? name : ''}`.padEnd(TEXT_COLUMN)}${line}`)
    .map((line) => (style === 'plain' ? line : styleText(style, line)))
    .join('\n');
}
