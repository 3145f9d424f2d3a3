/**
 * What both apps of the coffee shop need: settings, calls to Baton, and a webhook receiver.
 * Public HTTP API and Node only. With BATON_URL=https://graph.facebook.com the same code talks to Messenger.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Settings = {
  readonly batonUrl: string;
  readonly port: number;
  readonly appId: string;
  readonly pageToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
};

/** One event of a webhook, as far as these apps read it. */
export type PageEvent = {
  readonly sender?: { readonly id: string };
  readonly recipient: { readonly id: string };
  readonly timestamp: number;
  readonly message?: {
    readonly mid: string;
    readonly text?: string;
    readonly is_echo?: boolean;
    readonly metadata?: string;
  };
  readonly pass_thread_control?: ControlChange;
  readonly take_thread_control?: ControlChange;
  readonly request_thread_control?: {
    readonly requested_owner_app_id: number | string;
    readonly metadata: string | null;
  };
};

type ControlChange = {
  readonly previous_owner_app_id: number | string | null;
  readonly new_owner_app_id: number | string | null;
  readonly metadata: string | null;
};

/** `messaging`: this app has control, or is meant in person. `standby`: it only listens. */
export type Channel = 'messaging' | 'standby';
export type EventListener = (psid: string, event: PageEvent, channel: Channel) => Promise<unknown>;

type Webhook = { readonly entry?: readonly Entry[] };
type Entry = { readonly messaging?: readonly PageEvent[]; readonly standby?: readonly PageEvent[] };
type GraphError = { readonly error?: { readonly message: string; readonly error_user_msg?: string } };
type ThreadOwner = { readonly data: readonly [{ readonly thread_owner: { readonly app_id?: string } }] };

const GRAPH_VERSION = 'v24.0';
const CALL_TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 1_000_000;
const MAX_METADATA = 1_000;
const REMEMBERED_EVENTS = 10_000;

/** Settings from the environment; the defaults are those of `world.json`. */
export function readSettings(defaults: Omit<Settings, 'batonUrl'>): Settings {
  const { env } = process;
  return {
    batonUrl: env['BATON_URL'] ?? 'http://127.0.0.1:4000',
    port: Number(env['PORT'] ?? defaults.port),
    appId: env['APP_ID'] ?? defaults.appId,
    pageToken: env['PAGE_TOKEN'] ?? defaults.pageToken,
    appSecret: env['APP_SECRET'] ?? defaults.appSecret,
    verifyToken: env['VERIFY_TOKEN'] ?? defaults.verifyToken,
  };
}

/** A line on standard output. It names customers by id and holds no word of theirs. */
export function log(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

/** The calls that an app makes. Each answers whether it was granted; a refusal is printed, not thrown. */
export function connect({ batonUrl, pageToken, appId }: Settings) {
  async function graph(path: string, body?: object): Promise<Response> {
    return fetch(`${batonUrl}/${GRAPH_VERSION}/me/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${pageToken}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
  }

  async function call(psid: string, edge: string, parameters: object): Promise<boolean> {
    const response = await graph(edge, { recipient: { id: psid }, ...parameters });
    if (response.ok) return true;
    const { error } = (await response.json()) as GraphError;
    log(`${psid} ${edge} was refused: ${error?.error_user_msg ?? error?.message ?? response.status}`);
    return false;
  }

  return {
    /** @param note metadata of the message: the customer does not see it, the other apps do, in its echo */
    say: (psid: string, text: string, { note, choices = [] }: { note?: string; choices?: string[] } = {}) =>
      call(psid, 'messages', {
        messaging_type: 'RESPONSE',
        message: {
          text,
          ...(note === undefined ? {} : { metadata: note }),
          ...(choices.length === 0 ? {} : { quick_replies: choices.map(quickReply) }),
        },
      }),
    pass: (psid: string, target: string | number, metadata: string) =>
      call(psid, 'pass_thread_control', {
        target_app_id: String(target),
        metadata: metadata.slice(0, MAX_METADATA),
      }),
    request: (psid: string, metadata: string) =>
      call(psid, 'request_thread_control', { metadata: metadata.slice(0, MAX_METADATA) }),
    release: (psid: string) => call(psid, 'release_thread_control', {}),
    extend: (psid: string, seconds: number) => call(psid, 'extend_thread_control', { duration: seconds }),
    /** Looking costs little and changes nothing. */
    async hasControl(psid: string): Promise<boolean> {
      const response = await graph(`thread_owner?recipient=${psid}`);
      if (!response.ok) return false;
      const { data } = (await response.json()) as ThreadOwner;
      return data[0].thread_owner.app_id === appId;
    },
  };
}

const quickReply = (title: string) => ({ content_type: 'text', title, payload: title });

/** Receives webhooks at `/webhook`: the handshake by GET, signed events by POST. */
export function listen(settings: Settings, listener: EventListener): void {
  const dispatch = inOrder(once(listener));

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://app');
    if (url.pathname !== '/webhook') return answer(response, 404);
    if (request.method === 'GET') return shakeHands(url.searchParams, response);
    if (request.method !== 'POST') return answer(response, 405);
    receive(request, response).catch(() => response.destroy());
  });

  function shakeHands(query: URLSearchParams, response: ServerResponse): void {
    const known =
      query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === settings.verifyToken;
    if (known) answer(response, 200, query.get('hub.challenge') ?? '');
    else answer(response, 403);
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) return answer(response, 413);
    if (!isSigned(body, request.headers['x-hub-signature-256'], settings.appSecret))
      return answer(response, 403);
    const { entry = [] } = JSON.parse(body.toString('utf8')) as Webhook;
    // Answer first, work afterwards: a slow answer would count as a failed delivery. An app that must lose nothing
    // in a crash writes the events to its own disk before it answers.
    answer(response, 200, 'EVENT_RECEIVED');
    for (const { messaging = [], standby = [] } of entry) {
      for (const event of messaging) dispatch(event, 'messaging');
      for (const event of standby) dispatch(event, 'standby');
    }
  }

  server.on('error', (error) => {
    process.stderr.write(`cannot listen on port ${settings.port}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(settings.port, '127.0.0.1', () =>
    log(`listens on http://127.0.0.1:${settings.port}/webhook`),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
}

function answer(response: ServerResponse, status: number, body = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

/** The exact bytes: they are what was signed. Null when there are too many. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isSigned(body: Buffer, header: string | string[] | undefined, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(String(header));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Webhooks arrive at least once: passes on each event the first time only. */
function once(listener: EventListener): EventListener {
  const seen = new Set<string>();
  return async (psid, event, channel) => {
    const key = event.message?.mid ?? `${psid} ${event.timestamp}`;
    if (seen.has(key)) return;
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > REMEMBERED_EVENTS && oldest !== undefined) seen.delete(oldest);
    await listener(psid, event, channel);
  };
}

/** One event of a customer after the other, while different customers do not wait for each other. */
function inOrder(listener: EventListener): (event: PageEvent, channel: Channel) => void {
  const queues = new Map<string, Promise<void>>();
  return (event, channel) => {
    const psid = event.message?.is_echo ? event.recipient.id : event.sender?.id;
    if (psid === undefined) return; // about the page itself, such as app_roles
    const done = (queues.get(psid) ?? Promise.resolve())
      .then(() => listener(psid, event, channel))
      .catch((error: Error) => log(`${psid} an event could not be handled: ${error.cause ?? error}`))
      .then(() => {
        if (queues.get(psid) === done) queues.delete(psid);
      });
    queues.set(psid, done);
  };
}
