/** A receiver behind `node:http`, without importing it: whatever looks like its requests and answers will do. */

import { MAX_WEBHOOK_BYTES, type Receiver } from './receiver.ts';
import { bytesUpTo } from './stream.ts';

/** An `IncomingMessage`, as far as it is needed. */
export type NodeRequest = AsyncIterable<Uint8Array> & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
};

/** A `ServerResponse`, as far as it is needed. */
export type NodeResponse = {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
  destroy(): unknown;
};

/**
 * A listener for `createServer`. The paths are not looked at.
 * @param receiver anything that answers web-standard requests
 */
export function nodeListener(
  receiver: Pick<Receiver, 'handle'>,
): (request: NodeRequest, response: NodeResponse) => void {
  return (incoming, outgoing) => {
    answer(receiver, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

async function answer(
  receiver: Pick<Receiver, 'handle'>,
  incoming: NodeRequest,
  outgoing: NodeResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const bytes = hasBody ? await bytesUpTo(incoming, MAX_WEBHOOK_BYTES) : null;
  if (hasBody && bytes === null) {
    outgoing.writeHead(413, {});
    outgoing.end('');
    return;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const request = new Request(new URL(url, 'http://receiver'), { method, headers, body: bytes });
  const response = await receiver.handle(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}
