/** A webhook of ours as it was heard, to be posted again, byte for byte, by a bare program. */

import type { Posted } from './sink.ts';

export type Posting = {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: string | Buffer;
};

/** What the HTTP client writes by itself. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding'];

export function postingOf(url: string, { head, body }: Posted): Posting {
  const { origin, pathname } = new URL(url);
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    })
    .filter(([name]) => !OWN_HEADERS.includes(name));
  return { origin, path: pathname, headers: Object.fromEntries(headers), bytes: body };
}
