/**
 * An app's endpoint that costs as little as it can: it reads just enough HTTP to know where a request ends, counts
 * events, answers 200. One request at a time on a connection, as webhooks are posted.
 */

import { createServer, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
/** Stands once in each event. */
const EVENT = Buffer.from('"thread_seq"');
const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok');
const FAILED = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno');
const NO_BYTES = Buffer.alloc(0);

export type Posted = { readonly head: string; readonly body: string };

export type Sink = {
  readonly url: string;
  /** Whether POSTs are answered 503; those do not count. */
  failing: boolean;
  /** The latest POST. */
  latest(): Posted | null;
};

export type SinkOptions = {
  /** The first byte of a POST has come. */
  readonly began?: () => void;
  /** A POST has been answered 200. */
  readonly heard: (events: number) => void;
};

export async function listenSink(options: SinkOptions): Promise<Sink> {
  let latest: Buffer | null = null;
  const sink = {
    url: '',
    failing: false,
    latest: () => (latest === null ? null : postedOf(latest)),
  };

  function take(socket: Socket, request: Buffer, headEnd: number): void {
    if (request.subarray(0, 4).equals(GET)) {
      socket.write(challengeAnswer(request.toString('latin1')));
      return;
    }
    if (sink.failing) {
      socket.write(FAILED);
      return;
    }
    latest = request;
    socket.write(OK);
    options.heard(eventsIn(request, headEnd));
  }

  const server = createServer((socket) => {
    let read: Buffer = NO_BYTES;
    let headEnd = -1;
    let size = 0;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (read.length === 0) options.began?.();
      read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
      if (headEnd === -1) {
        headEnd = read.indexOf(HEAD_END);
        if (headEnd === -1) return;
        size = headEnd + HEAD_END.length + contentLength(read.toString('latin1', 0, headEnd));
      }
      if (read.length < size) return;
      const [request, end] = [read, headEnd];
      read = NO_BYTES;
      headEnd = -1;
      take(socket, request, end);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the sink has no address');
  sink.url = `http://127.0.0.1:${address.port}/webhook`;
  server.unref();
  return sink;
}

const GET = Buffer.from('GET ');

function contentLength(head: string): number {
  return Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

function eventsIn(request: Buffer, headEnd: number): number {
  let events = 0;
  for (let at = request.indexOf(EVENT, headEnd); at !== -1; at = request.indexOf(EVENT, at + 1)) events += 1;
  return events;
}

function challengeAnswer(request: string): string {
  const target = request.split(' ')[1] ?? '/';
  const challenge = new URL(target, 'http://sink').searchParams.get('hub.challenge') ?? '';
  return `HTTP/1.1 200 OK\r\ncontent-length: ${challenge.length}\r\n\r\n${challenge}`;
}

function postedOf(request: Buffer): Posted {
  const end = request.indexOf(HEAD_END);
  return { head: request.toString('latin1', 0, end), body: request.toString('utf8', end + HEAD_END.length) };
}
