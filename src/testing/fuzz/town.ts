/**
 * The server that is fuzzed, with everything in it that a request can name. What requests have changed in the
 * configuration is put back before each round, so that a revoked token or a page that was left does not make all that
 * follows be refused at the door.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Observer } from '../../observe/observer.ts';
import { type AppId, type PageId, type Psid, parsePersonId } from '../../protocol/ids.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { exchangeToken, issueCode, redeemCode } from '../../runtime/grants.ts';
import { newMid } from '../../runtime/mids.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { hashToken } from '../../runtime/tokens.ts';
import { parseRange, serve } from '../../serve.ts';
import { type Config, type ConfigRow, keyOf, PERMISSION_NAMES } from '../../store/config.ts';
import { BUTTON_MESSAGE, SURVEY } from './graph-calls.ts';
import { townWorld } from './town-world.ts';
import { countUnderWay } from './under-way.ts';
import {
  BOT,
  CUSTOMERS,
  DESK,
  EXPIRED_TOKEN,
  PAGE,
  PERSON,
  REDIRECT,
  ROUTED_PAGE,
  tokenOf,
  type Values,
} from './values.ts';

const FIRST_PSID = 5_000_000;
/** After so many rounds the same customers come again, so that what is kept of customers grows no more. */
const CROWDS = 8;

export type Town = AsyncDisposable & {
  readonly url: string;
  readonly data: string;
  readonly isSandbox: boolean;
  /** Puts the configuration back and answers what the requests of the next round are to name. */
  beginRound(): Promise<Values>;
  /** Answers when what is done behind an answer has been written: the lines of apps that were disconnected. */
  settle(): Promise<void>;
  /** The customer writes. */
  write(psid: string, text: string): Promise<void>;
};

export type TownOptions = {
  readonly isSandbox: boolean;
  /** A folder that is there, and empty. */
  readonly data: string;
  readonly observer: Observer;
};

export async function openTown({ isSandbox, data, observer }: TownOptions): Promise<Town> {
  await using stack = new AsyncDisposableStack();
  const callback = stack.use(await openCallback());
  const world = path.join(data, 'world.json');
  await writeFile(world, JSON.stringify(townWorld(callback.url)));
  const work = stack.use(countUnderWay());
  const loopback = parseRange('127.0.0.0/8');
  assert.ok(loopback !== null);
  const served = stack.use(
    await serve({
      port: 0,
      host: '127.0.0.1',
      data,
      world,
      sandbox: isSandbox,
      allowedRanges: [loopback],
      rateLimit: 0,
      observer,
    }),
  );
  const { runtime, url } = served;
  const fetchTicket = ticketAt(url);
  const { token: operator } = JSON.parse(readFileSync(path.join(data, 'operator.json'), 'utf8')) as {
    readonly token: string;
  };
  await handshakesOf(runtime);
  const persona = await addBelongings(runtime);
  const declared = rowsOf(runtime.configuration.current());
  let rounds = 0;

  async function beginRound(): Promise<Values> {
    rounds += 1;
    await putBack(runtime, declared);
    const first = FIRST_PSID + (rounds % CROWDS) * CUSTOMERS;
    const psids = Array.from({ length: CUSTOMERS }, (_, index) => String(first + index));
    for (const psid of psids) {
      await writeTo(runtime, PAGE, psid, 'Hello');
      await takeFor(runtime, psid);
    }
    const [firstPsid = '', second = '', third = ''] = psids;
    await writeTo(runtime, ROUTED_PAGE, firstPsid, 'Hello');
    const written = await writeTo(runtime, PAGE, firstPsid, 'Is anybody there?');
    const call = (edge: string, body: JsonObject): Promise<JsonObject> => post(`${url}/me/${edge}`, body);
    await call('pass_thread_control', { recipient: { id: third }, target_app_id: DESK });
    const buttons = await call('messages', { recipient: { id: firstPsid }, message: BUTTON_MESSAGE });
    const survey = await call('messages', {
      recipient: { id: second },
      message: { attachment: { type: 'template', payload: SURVEY } },
    });
    return {
      psids,
      routedPsid: firstPsid,
      written,
      buttons: String(buttons['message_id']),
      survey: String(survey['message_id']),
      persona,
      ...(await saveFile(runtime)),
      ...(await signIn(runtime)),
      operator,
      ...(await fetchTicket()),
      callback: callback.url,
    };
  }

  const running = stack.move();
  return {
    url,
    data,
    isSandbox,
    beginRound,
    async settle() {
      await work.over();
      await runtime.sweep.run();
    },
    write: async (psid, text) => void (await writeTo(runtime, PAGE, psid, text)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** An endpoint that takes whatever comes and remembers nothing. Below `/closed` it shakes no hands. */
async function openCallback(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://callback');
    const challenge = pathname.endsWith('/closed') ? 'no' : (searchParams.get('hub.challenge') ?? 'done');
    request.resume().once('end', () => response.end(challenge));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handshakesOf({ configuration }: Runtime): Promise<void> {
  while (configuration.current().webhooks.some(({ verifiedAt }) => verifiedAt === null)) {
    await new Promise(setImmediate);
  }
}

/** What stands in every round besides the world: a persona, and a token that has ended. */
async function addBelongings(runtime: Runtime): Promise<string> {
  const id = '700000000000001';
  const [page, app] = [PAGE as PageId, BOT as AppId];
  const person = parsePersonId(PERSON);
  assert.ok(person !== null);
  const rows: readonly ConfigRow[] = [
    { kind: 'persona', value: { id, page, app, name: 'Rosa', pictureUrl: 'https://shop.example/rosa.png' } },
    {
      kind: 'token',
      value: {
        kind: 'page',
        hash: hashToken(EXPIRED_TOKEN),
        app,
        page,
        person,
        scopes: PERMISSION_NAMES,
        issuedAt: 1,
        expiresAt: runtime.clock.now(),
        source: 'operator',
        parent: null,
      },
    },
  ];
  await runtime.change(() => ({ put: rows }));
  return id;
}

function rowsOf(config: Config): readonly ConfigRow[] {
  return [
    ...config.people.map((value): ConfigRow => ({ kind: 'person', value })),
    ...config.pages.map((value): ConfigRow => ({ kind: 'page', value })),
    ...config.apps.map((value): ConfigRow => ({ kind: 'app', value })),
    ...config.webhooks.map((value): ConfigRow => ({ kind: 'webhook', value })),
    ...config.connections.map((value): ConfigRow => ({ kind: 'connection', value })),
    ...config.tokens.map((value): ConfigRow => ({ kind: 'token', value })),
    ...config.personas.map((value): ConfigRow => ({ kind: 'persona', value })),
    ...config.profile.map((value): ConfigRow => ({ kind: 'profile', value })),
    ...config.reviews.map((value): ConfigRow => ({ kind: 'review', value })),
  ];
}

async function putBack(runtime: Runtime, first: readonly ConfigRow[]): Promise<void> {
  const kept = new Set(first.map((row) => `${row.kind} ${keyOf(row)}`));
  await runtime.change((config) => ({
    put: first,
    remove: rowsOf(config)
      .filter((row) => row.kind !== 'connection' && !kept.has(`${row.kind} ${keyOf(row)}`))
      .map((row) => ({ kind: row.kind, key: keyOf(row) })),
  }));
}

async function writeTo(runtime: Runtime, page: string, psid: string, text: string): Promise<string> {
  const mid = newMid(runtime.clock.now());
  const handled = await runtime.threads.handle(
    { page: page as PageId, psid: psid as Psid },
    {
      type: 'receive',
      act: { kind: 'message', mid, text, attachments: [], quickReplyPayload: null, referral: null },
    },
  );
  assert.ok(handled.ok);
  return mid;
}

/** [P4] The bot has control afterwards, if it has not yet. */
async function takeFor({ threads }: Runtime, psid: string): Promise<void> {
  const take = { type: 'take', caller: BOT as AppId, metadata: null, controlEpoch: null } as const;
  await threads.handle({ page: PAGE as PageId, psid: psid as Psid }, take);
}

async function post(url: string, body: JsonObject): Promise<JsonObject> {
  const answer = await fetch(`${url}?access_token=${tokenOf(BOT)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const read = (await answer.json()) as JsonObject;
  assert.equal(answer.status, 200, JSON.stringify(read));
  return read;
}

async function saveFile({ attachments }: Runtime): Promise<Pick<Values, 'attachment' | 'fileKey'>> {
  const saved = await attachments.save({
    page: PAGE as PageId,
    app: BOT as AppId,
    type: 'image',
    from: { kind: 'file', filename: 'cake.png', contentType: 'image/png', bytes: Buffer.from('a cake') },
  });
  assert.ok(saved?.from.kind === 'file');
  return { attachment: saved.id, fileKey: saved.from.key };
}

async function signIn(runtime: Runtime): Promise<Pick<Values, 'userToken' | 'code'>> {
  const person = parsePersonId(PERSON);
  assert.ok(person !== null);
  const consent = { app: BOT as AppId, person, scopes: PERMISSION_NAMES };
  const redeemed = await redeemCode(runtime, {
    app: BOT as AppId,
    code: await issueCode(runtime, consent, REDIRECT),
    redirectUri: REDIRECT,
  });
  const token = runtime.configuration.token(hashToken(redeemed?.text ?? ''));
  assert.ok(redeemed !== null && token?.kind === 'user');
  const longer = await exchangeToken(runtime, token, redeemed.text);
  assert.ok(longer !== null);
  return { userToken: longer.text, code: await issueCode(runtime, consent, REDIRECT) };
}

/** Asks for the form of the dialog as a browser does. */
const ticketAt = (url: string) => async (): Promise<Pick<Values, 'ticket' | 'cookie'>> => {
  const query = new URLSearchParams({
    client_id: BOT,
    redirect_uri: REDIRECT,
    response_type: 'code',
    state: 's',
    scope: 'pages_messaging',
  });
  const answer = await fetch(`${url}/dialog/oauth?${query}`);
  const ticket = /name="ticket" value="([^"]*)"/.exec(await answer.text())?.[1];
  assert.ok(ticket !== undefined);
  return { ticket, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
};
