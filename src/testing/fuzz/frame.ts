/** How a request stands on the wire: rightly, and in the ways in which HTTP can be broken. */

import type { Frame } from './recipe.ts';

type Message = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
};
export type Framed = {
  readonly pieces: readonly Buffer[];
  readonly isAlone: boolean;
  readonly whole: number | null;
};

/** The body of these is not waited for: they are answered while it still comes. */
const BODILESS = /^(?:GET|HEAD|TRACE)$/;

export function framed(message: Message, frame: Frame): Framed {
  // Line breaks would end the line or the header in which they stand; control characters end the connection.
  const isLine = !/[\r\n]/.test(message.target);
  const declares = message.headers.some(
    ([name]) => name === 'content-length' || name === 'transfer-encoding',
  );
  if (!isLine || declares) return { pieces: [bytesOf(message, [])], isAlone: true, whole: null };
  const { method, body } = message;
  const length: [string, string][] =
    body.length > 0 || method === 'POST' ? [['content-length', String(body.length)]] : [];
  const plain = bytesOf(message, length);
  const place = frame.at % plain.length;
  const whole = (pieces: readonly Buffer[]): Framed => ({ pieces, isAlone: false, whole: 1 });
  const alone = (bytes: Buffer, many: number | null = null): Framed => ({
    pieces: [bytes],
    isAlone: true,
    whole: many,
  });
  const unfinished = BODILESS.test(method) ? null : 0;
  switch (frame.how) {
    case 'plain':
      return whole([plain]);
    case 'slowly':
      return { pieces: [plain.subarray(0, place), plain.subarray(place)], isAlone: true, whole: 1 };
    case 'chunked':
      return whole([bytesOf({ ...message, body: chunksOf(body, frame.byte + 1) }, CHUNKED)]);
    case 'broken chunks':
      return alone(
        bytesOf(
          { ...message, body: Buffer.concat([chunksOf(body, 7).subarray(0, -5), Buffer.from('zz\r\n')]) },
          CHUNKED,
        ),
        unfinished,
      );
    case 'too long':
      return alone(bytesOf(message, [['content-length', String(body.length + frame.at + 1)]]), unfinished);
    case 'too short':
      return alone(bytesOf(message, [['content-length', String(place % (body.length + 1))]]));
    case 'cut off':
      return alone(plain.subarray(0, place), place < plain.length - body.length ? 0 : unfinished);
    case 'both lengths':
      return alone(bytesOf(message, [['content-length', String(body.length)], ...CHUNKED]));
    case 'two lengths':
      return alone(
        bytesOf(message, [
          ['content-length', String(body.length)],
          ['content-length', String(frame.at)],
        ]),
      );
    case 'pipelined':
      return alone(Buffer.concat([plain, plain, plain]), 3);
    case 'noise': {
      const copy = Buffer.from(plain);
      copy[place] = frame.byte;
      return alone(copy);
    }
    case 'random':
      return alone(randomBytes(frame));
    case 'no host':
      return alone(
        bytesOf({ ...message, headers: [...message.headers, ['host', '']] }, length, { host: false }),
        1,
      );
    case 'old':
      return alone(bytesOf(message, length, { version: 'HTTP/1.0' }), 1);
    case 'strange version':
      return alone(bytesOf(message, length, { version: 'HTTP/2.7' }), 1);
  }
}

const CHUNKED: readonly [string, string][] = [['transfer-encoding', 'chunked']];

function bytesOf(
  { method, target, headers, body }: Message,
  more: readonly (readonly [string, string])[],
  { host = true, version = 'HTTP/1.1' } = {},
): Buffer {
  const hasHost = headers.some(([name]) => name === 'host');
  const hosts: [string, string][] = host && !hasHost ? [['host', '127.0.0.1']] : [];
  const sent = host
    ? [...hosts, ...headers, ...more]
    : [...headers.filter(([name]) => name !== 'host'), ...more];
  const lines = sent.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${target} ${version}\r\n${lines}\r\n`, 'latin1'), body]);
}

function chunksOf(body: Buffer, size: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += Math.max(size, body.length >> 5)) {
    const part = body.subarray(at, at + Math.max(size, body.length >> 5));
    chunks.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

/** The same for the same numbers. */
function randomBytes({ at, byte }: Frame): Buffer {
  const bytes = Buffer.alloc(1 + (at % 600));
  let state = at * 256 + byte + 1;
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
