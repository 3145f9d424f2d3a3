/** Bytes to a server and what comes back, on plain sockets: what an HTTP client would refuse to send is sent too. */

import { connect, type Socket } from 'node:net';

export type HttpReply = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
};

/** A server that says nothing for so long, and does not hang up either, has lost the request. */
const SILENCE_MS = 60_000;

const shown = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1').slice(0, 2_000));

/** A connection that stays open for one request after the other. */
export type Line = Disposable & {
  /**
   * Sends one request and answers what came back; null when the server closed the connection without an answer.
   * @param isHead whether the answer has no body, whatever it says of its length
   */
  ask(bytes: Buffer, isHead: boolean): Promise<HttpReply | null>;
};

export function openLine(port: number): Line {
  let socket: Socket | null = null;
  let received = Buffer.alloc(0);
  let last: Buffer = Buffer.alloc(0);
  let isClosed = false;
  let isLost = false;
  let notify: () => void = () => undefined;

  function open(): Socket {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true });
    received = Buffer.alloc(0);
    isClosed = false;
    opened.on('data', (chunk) => {
      if (opened !== socket) return;
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      notify();
    });
    opened.on('error', () => undefined);
    opened.setTimeout(SILENCE_MS, () => {
      isLost = true;
      opened.destroy();
    });
    opened.on('close', () => {
      if (opened !== socket) return;
      isClosed = true;
      notify();
    });
    return opened;
  }

  async function reply(isHead: boolean): Promise<HttpReply | null> {
    for (;;) {
      const read = readReply(received, { isHead, isEnded: isClosed });
      if (read !== null) {
        received = received.subarray(read.length);
        if (read.reply.status >= 200) return read.reply;
        continue;
      }
      if (isLost) throw new Error('neither an answer nor an end');
      if (isClosed) return null;
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
  }

  function hangUp(): void {
    const old = socket;
    socket = null;
    received = Buffer.alloc(0);
    old?.destroy();
  }

  return {
    async ask(bytes, isHead) {
      if (received.length > 0) {
        const surplus = shown(received);
        hangUp();
        throw new Error(`before this, more was answered than asked: ${surplus}\nto ${shown(last)}`);
      }
      last = bytes;
      isLost = false;
      if (socket === null || isClosed) socket = open();
      socket.write(bytes);
      const answered = await reply(isHead);
      if (answered === null || answered.headers.get('connection') === 'close') hangUp();
      return answered;
    },
    [Symbol.dispose]: hangUp,
  };
}

export type Alone = {
  readonly pieces: readonly Buffer[];
  readonly isHead: boolean;
  /** How many answers are waited for. */
  readonly expected: number;
  /** Answers when the server has had time to see the bytes, where no answer can be waited for. */
  readonly seen: () => Promise<unknown>;
};

/** Sends bytes on a connection of their own, ends it, and answers all that came back until the server closed it, too. */
export async function sendAlone(
  port: number,
  { pieces, isHead, expected, seen }: Alone,
): Promise<readonly HttpReply[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  let received = Buffer.alloc(0);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const { promise: answered, resolve: enough, reject: fail } = Promise.withResolvers<void>();
  answered.catch(() => undefined);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    try {
      if (expected > 0 && readReplies(received, { isHead, isEnded: false }).length >= expected) enough();
    } catch (error) {
      fail(error);
    }
  });
  socket.on('error', () => undefined);
  const lost = new Promise<never>((_, reject) => {
    socket.setTimeout(SILENCE_MS, () => {
      reject(new Error('neither an answer nor an end'));
      socket.destroy();
    });
  });
  lost.catch(() => undefined);
  socket.on('end', () => socket.end());
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  await Promise.race([lost, closed, expected > 0 ? answered : seen()]);
  socket.end();
  await Promise.race([lost, closed]);
  return readReplies(received, { isHead, isEnded: true });
}

function readReplies(bytes: Buffer, options: ReadOptions): readonly HttpReply[] {
  const replies: HttpReply[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const read = readReply(rest, options);
    if (read === null) break;
    if (read.reply.status >= 200) replies.push(read.reply);
    rest = rest.subarray(read.length);
  }
  return replies;
}

type ReadOptions = { readonly isHead: boolean; readonly isEnded: boolean };

/** The reply at the beginning of some bytes, and how long it is; null while it is not whole. */
function readReply(
  bytes: Buffer,
  { isHead, isEnded }: ReadOptions,
): { readonly reply: HttpReply; readonly length: number } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`this is no answer: ${shown(bytes)}`);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const at = end + 4;
  const whole = (body: Buffer, length: number) => ({ reply: { status, headers, body }, length });
  if (isHead || status < 200 || status === 204 || status === 304) return whole(Buffer.alloc(0), at);
  if (headers.get('transfer-encoding') === 'chunked') {
    const chunked = readChunks(bytes, at);
    return chunked === null ? null : whole(chunked.body, chunked.end);
  }
  const declared = headers.get('content-length');
  if (declared === undefined) return isEnded ? whole(bytes.subarray(at), bytes.length) : null;
  const stop = at + Number(declared);
  return bytes.length < stop ? null : whole(bytes.subarray(at, stop), stop);
}

function readChunks(bytes: Buffer, from: number): { readonly body: Buffer; readonly end: number } | null {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const end = line + 2 + size + 2;
    if (bytes.length < end) return null;
    if (size === 0) return { body: Buffer.concat(chunks), end };
    chunks.push(bytes.subarray(line + 2, end - 2));
    at = end;
  }
}
