/**
 * The fuzz: good requests of every kind, mutated, against a server that runs. Whatever comes, it must not fail, must
 * answer in Graph's shape, must store nothing of what it refuses, and must go on as before.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Call } from './fuzz/call.ts';
import { type HttpReply, type Line, openLine, sendAlone } from './fuzz/connection.ts';
import { openFootprint } from './fuzz/footprint.ts';
import { graphCalls } from './fuzz/graph-calls.ts';
import { judge } from './fuzz/judge.ts';
import { otherCalls, sandboxCalls } from './fuzz/other-calls.ts';
import { asIs, type Recipe, recipes } from './fuzz/recipe.ts';
import { refusedCalls } from './fuzz/refused-calls.ts';
import { type Request, requestOf } from './fuzz/request.ts';
import { BOT, DESK, tokenOf, type Values } from './fuzz/values.ts';

/** What is fuzzed, be it in this process or in another; `town.ts` makes one. */
export type Target = {
  readonly url: string;
  /** The server's folder. */
  readonly data: string;
  readonly isSandbox: boolean;
  beginRound(): Promise<Values>;
  /** Answers when nothing is under way any more, be there somebody who waits for its answer or not. */
  settle(): Promise<void>;
  write(psid: string, text: string): Promise<void>;
};

export type FuzzOptions = {
  /** How many requests are sent, at least. */
  readonly requests: number;
  readonly seed: number;
  /** Told after each round how many have been sent so far. */
  readonly roundEnded?: (sent: number) => Promise<void>;
};

export type FuzzFigures = {
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  /** Cut off, or answered with nothing: nobody can tell. */
  readonly unknown: number;
};

/** Groups of requests in a round, and the most requests of a group. */
const GROUPS = 400;
const MAX_GROUP = 6;
/** After so many answers to others the server has seen what was sent before them. */
const LOOKS = 3;

const HEALTH = Buffer.from('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');

/** Sends mutated requests and checks everything; throws, with the seed and the shortest failure, where it does not hold. */
export async function fuzz(
  target: Target,
  { requests, seed, roundEnded }: FuzzOptions,
): Promise<FuzzFigures> {
  using town = openSession(target);
  for (let round = 0; town.count.sent < requests; round++) {
    await town.beginRound();
    const property = fc.asyncProperty(
      fc.record({
        atOnce: fc.integer({ min: 0, max: 3 }),
        group: fc.array(recipes, { minLength: 1, maxLength: MAX_GROUP }),
      }),
      ({ atOnce, group }) => (atOnce === 3 ? town.sendAtOnce(group) : town.sendInTurn(group)),
    );
    await fc.assert(property, { seed: seed + round, numRuns: GROUPS });
    await town.converse();
    await roundEnded?.(town.count.sent);
  }
  return town.count;
}

/** Sends each call as it is; answers the names of all, and of which it is not true that they are carried out, or refused, as they should. */
export async function sendAsTheyAre(
  target: Target,
): Promise<{ readonly names: readonly string[]; readonly unlike: readonly string[] }> {
  using town = openSession(target);
  const { calls, good } = await town.beginRound();
  const unlike: string[] = [];
  for (const [index, { name, path }] of calls.entries()) {
    const { outcome, replies } = await town.send(asIs(index));
    if (outcome === (index < good ? 'accepted' : 'refused')) continue;
    unlike.push(`${name} ${path}: ${replies[0]?.status} ${replies[0]?.body}`);
  }
  await town.converse();
  return { names: calls.slice(0, good).map(({ name }) => name), unlike };
}

type Outcome = 'accepted' | 'refused' | 'unknown';
type Sent = { readonly request: Request; readonly outcome: Outcome; readonly replies: readonly HttpReply[] };

type Session = Disposable & {
  readonly count: { sent: number; accepted: number; refused: number; unknown: number };
  /** How many of the calls are carried out as they are: those behind them are refused. */
  beginRound(): Promise<{ readonly calls: readonly Call[]; readonly good: number }>;
  send(recipe: Recipe): Promise<Sent>;
  sendInTurn(group: readonly Recipe[]): Promise<void>;
  sendAtOnce(group: readonly Recipe[]): Promise<void>;
  /** A customer, a bot and a desk, as on any other day. */
  converse(): Promise<void>;
};

function openSession(target: Target): Session {
  const port = Number(new URL(target.url).port);
  const lines = Array.from({ length: MAX_GROUP }, () => openLine(port));
  const ear = openLine(port);
  const footprint = openFootprint(target.data);
  const count = { sent: 0, accepted: 0, refused: 0, unknown: 0 };
  let values: Values;
  let calls: readonly Call[] = [];
  let customers = 0;

  let listening: Promise<unknown> = Promise.resolve();
  /** The server has come by so often. */
  function seen(): Promise<unknown> {
    const look = async (): Promise<void> => {
      for (let times = 0; times < LOOKS; times++) await ear.ask(HEALTH, false);
    };
    listening = listening.then(look);
    return listening;
  }

  async function sendOn(line: Line | undefined, recipe: Recipe, isAmongOthers: boolean): Promise<Sent> {
    const request = requestOf(calls, recipe, values);
    const { pieces, isAlone, method, whole } = request;
    const isHead = method === 'HEAD';
    count.sent += 1;
    try {
      const one = isAlone ? null : await line?.ask(pieces[0] ?? Buffer.alloc(0), isHead);
      const replies = isAlone
        ? await sendAlone(port, { pieces, isHead, expected: whole ?? 0, seen })
        : one
          ? [one]
          : [];
      for (const reply of replies) judge(request, reply, isAmongOthers || replies.length > 1);
      const outcome = outcomeOf(request, replies);
      count[outcome] += 1;
      return { request, outcome, replies };
    } catch (cause) {
      throw new Error(describe(request, []), { cause });
    }
  }

  /** What a group has stored, if all of it was refused, is a fault; all else is waited for. */
  async function check(group: readonly Sent[]): Promise<void> {
    if (group.every(({ outcome }) => outcome === 'refused')) {
      const grown = footprint.grown();
      if (grown.length === 0) return;
      const told = group.map(({ request, replies }) => describe(request, replies)).join('\n');
      assert.fail(`refused, and stored in ${grown.join(', ')}:\n${told}`);
    }
    await target.settle();
    footprint.grown();
  }

  return {
    count,
    async beginRound() {
      values = await target.beginRound();
      const good = [
        ...graphCalls(values),
        ...otherCalls(values),
        ...(target.isSandbox ? sandboxCalls(values) : []),
      ];
      calls = [...good, ...refusedCalls(values)];
      await target.settle();
      footprint.grown();
      return { calls, good: good.length };
    },
    async send(recipe) {
      const sent = await sendOn(lines[0], recipe, false);
      await check([sent]);
      return sent;
    },
    async sendInTurn(group) {
      for (const recipe of group) await check([await sendOn(lines[0], recipe, false)]);
    },
    async sendAtOnce(group) {
      await check(await Promise.all(group.map((recipe, index) => sendOn(lines[index], recipe, true))));
    },
    async converse() {
      const again = await target.beginRound();
      customers += 1;
      await converse(target, `${again.psids[0]}${customers}`);
      assert.deepEqual(footprint.orphans(), []);
    },
    [Symbol.dispose]() {
      for (const line of [...lines, ear]) line[Symbol.dispose]();
      footprint[Symbol.dispose]();
    },
  };
}

function outcomeOf({ whole }: Request, replies: readonly HttpReply[]): Outcome {
  if (replies.some(({ status }) => status < 400)) return 'accepted';
  return whole !== null && replies.length >= whole ? 'refused' : 'unknown';
}

const describe = ({ call, pieces }: Request, replies: readonly HttpReply[]): string =>
  [
    `made of ${call.name}:`,
    JSON.stringify(Buffer.concat(pieces).toString('latin1').slice(0, 3_000)),
    ...replies.map(({ status, body }) => `answered ${status} ${body.toString('utf8').slice(0, 500)}`),
  ].join('\n');

async function converse(target: Target, psid: string): Promise<void> {
  const recipient = { id: psid };
  const call = async (app: string, edge: string, body: object): Promise<number> => {
    const answer = await fetch(`${target.url}/me/${edge}?access_token=${tokenOf(app)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ recipient, ...body }),
    });
    await answer.json();
    return answer.status;
  };
  await target.write(psid, 'Hello');
  assert.equal(await call(BOT, 'messages', { message: { text: 'Welcome' } }), 200);
  assert.equal(await call(DESK, 'messages', { message: { text: 'No' } }), 400);
  assert.equal(await call(BOT, 'pass_thread_control', { target_app_id: DESK }), 200);
  assert.equal(await call(DESK, 'messages', { message: { text: 'I am here' } }), 200);
  const asked = await fetch(`${target.url}/me/thread_owner?recipient=${psid}&access_token=${tokenOf(DESK)}`);
  const { data } = (await asked.json()) as {
    readonly data: readonly { readonly thread_owner: { readonly app_id: string } }[];
  };
  assert.equal(data[0]?.thread_owner.app_id, DESK);
}
