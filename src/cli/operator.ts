/** Speaking to a running server as its operator: where it listens, and the token, stand in the data folder. */

import { readFileSync } from 'node:fs';
import path from 'node:path';

export type Method = 'GET' | 'POST' | 'DELETE';

/** Nobody answers for a data folder. */
export class NoServer extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'NoServer';
  }
}

type Contact = { readonly url: string; readonly token: string };

/** The answer of the server that runs on a data folder; throws, in a sentence for people, when there is none. */
export async function ask(
  data: string,
  { method, path: target, body }: { readonly method: Method; readonly path: string; readonly body?: unknown },
): Promise<Readonly<Record<string, unknown>>> {
  const { url, token } = contactOf(data);
  const answer = await fetch(url + target, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new NoServer(`no server answers at ${url}; is one running on ${data}?`, error);
  });
  const read = (await answer.json()) as { readonly error?: { readonly message: string } };
  // The code is for programs.
  if (read.error !== undefined) throw new Error(read.error.message.replace(/^\(#\d+\) /, ''));
  return read;
}

function contactOf(data: string): Contact {
  const file = path.join(data, 'operator.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Contact;
  } catch (error) {
    throw new NoServer(`no server has run on ${data}: ${file} cannot be read`, error);
  }
}
