/** An app's webhook endpoint for tests: a real HTTP server that verifies signatures and remembers what it heard. */

import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** One event as it arrived. */
export type Heard = {
  readonly channel: 'messaging' | 'standby';
  /** The item: `sender`, `recipient`, `timestamp` and the event's own key. */
  readonly item: Readonly<Record<string, unknown>>;
  /** The key that names the event: `message`, `pass_thread_control` … */
  readonly kind: string;
  /** What the page's webhook is about. */
  readonly object: string;
  /** The id of the entry: that of the page. */
  readonly entry: string;
  /** Number of the request in which it came, from 1. */
  readonly request: number;
  /** The `webhook-id` of that request. */
  readonly id: string;
};

/**
 * How the endpoint answers a delivery: with a status; never (`hang`); just in time (`slow`, 4.9 s); by closing the
 * connection; with 10 MB (`huge`); with bytes that are not HTTP (`garbage`).
 */
export type Answering = number | 'hang' | 'slow' | 'close' | 'huge' | 'garbage';

const SLOW_MS = 4_900;
const HUGE_BYTES = 10_000_000;

let huge: Buffer | null = null;

/** Made once: to make it takes longer than to be posted to. */
function hugeAnswer(): Buffer {
  huge ??= Buffer.alloc(HUGE_BYTES);
  return huge;
}

export type Endpoint = AsyncDisposable & {
  readonly url: string;
  /** Everything that was answered with success, in order of arrival. */
  readonly heard: readonly Heard[];
  /** How often each delivery was tried, failed ones included. */
  readonly tries: () => number;
  /** Requests whose signatures were wrong. */
  readonly forged: () => number;
  /** Handshakes asked for. */
  readonly handshakes: () => number;
  answerWith(answer: Answering): void;
  /** Deliveries whose body holds this text are answered 500, whatever the others are; null: none. */
  poison(text: string | null): void;
  /** Whether the handshake is answered rightly; true at first. */
  trust(trusting: boolean): void;
};

export type EndpointOptions = {
  readonly secret: string;
  readonly verifyToken: string;
  /** 0: any free one. */
  readonly port?: number;
};

export async function openEndpoint({ secret, verifyToken, port = 0 }: EndpointOptions): Promise<Endpoint> {
  const heard: Heard[] = [];
  const count = { tries: 0, forged: 0, handshakes: 0 };
  let answer: Answering = 200;
  let trusting = true;
  let poison: string | null = null;

  function shakeHands(request: IncomingMessage, response: ServerResponse): void {
    count.handshakes += 1;
    const query = new URL(request.url ?? '/', 'http://endpoint').searchParams;
    const right = trusting && query.get('hub.verify_token') === verifyToken;
    response.writeHead(right ? 200 : 403).end(right ? query.get('hub.challenge') : 'no');
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    count.tries += 1;
    if (!isSigned(request, body, secret)) count.forged += 1;
    if (answer === 'hang') return;
    if (answer === 'close') {
      request.socket.destroy();
      return;
    }
    if (answer === 'garbage') {
      request.socket.end('\u0000\u0001 this is not HTTP\r\n\r\n');
      return;
    }
    if (answer === 'slow') await setTimeout(SLOW_MS);
    const text = body.toString('utf8');
    const status = typeof answer === 'number' ? answer : 200;
    const isPoisoned = poison !== null && text.includes(poison);
    if (status < 300 && !isPoisoned)
      heard.push(...eventsOf(text, { request: count.tries, id: idOf(request) }));
    const headers = status === 302 ? { location: 'http://169.254.169.254/latest' } : {};
    response.writeHead(isPoisoned ? 500 : status, headers).end(answer === 'huge' ? hugeAnswer() : 'done');
  }

  const server = createServer((request, response) => {
    if (request.method === 'GET') shakeHands(request, response);
    else receive(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    heard,
    tries: () => count.tries,
    forged: () => count.forged,
    handshakes: () => count.handshakes,
    answerWith: (next) => {
      answer = next;
    },
    poison: (text) => {
      poison = text;
    },
    trust: (next) => {
      trusting = next;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function isSigned(request: IncomingMessage, body: Buffer, secret: string): boolean {
  const hmac = (algorithm: string): string => createHmac(algorithm, secret).update(body).digest('hex');
  return (
    request.headers['x-hub-signature-256'] === `sha256=${hmac('sha256')}` &&
    request.headers['x-hub-signature'] === `sha1=${hmac('sha1')}`
  );
}

type Payload = {
  readonly object: string;
  readonly entry: readonly ({ readonly id: string } & Readonly<
    Partial<Record<'messaging' | 'standby', Heard['item'][]>>
  >)[];
};

const COMMON = ['sender', 'recipient', 'timestamp', 'thread_seq', 'control_epoch', 'lane_seq'];

const idOf = ({ headers }: IncomingMessage): string => String(headers['webhook-id'] ?? '');

function eventsOf(text: string, { request, id }: Pick<Heard, 'request' | 'id'>): Heard[] {
  const { object, entry } = JSON.parse(text) as Payload;
  return entry.flatMap((each) =>
    (['messaging', 'standby'] as const).flatMap((channel) =>
      (each[channel] ?? []).map((item) => ({
        object,
        entry: each.id,
        request,
        id,
        channel,
        item,
        kind: Object.keys(item).find((key) => !COMMON.includes(key)) ?? 'nothing',
      })),
    ),
  );
}
