/**
 * A form is taken only from the browser that it was shown in: its ticket names a cookie that no other site can read,
 * and is signed over that cookie's text and over what the app asked for.
 *
 * A browser that has such a cookie gets no other: `SameSite=Lax` lets it come along when an app's site leads here, so
 * that one serves all forms; with a form that another site sends it does not come. A browser that opens two forms before it
 * has one gets two, under names of their own: the second does not put the first out. Where people come by https, their
 * names let no neighbour under the same domain put others in their place.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Instant } from '../../protocol/time.ts';
import { isSameSecret } from '../../wire/bytes.ts';
import type { DialogRequest } from './request.ts';

const COOKIE = 'baton_dialog';
/** Browsers take a name that begins so from this very host only, over https. */
const HOST_ONLY = '__Host-';
const BYTES = 32;
const NAME_BYTES = 6;
/** How long a form that lies open can be sent. */
export const TICKET_MS = 1_800_000;

/** What a browser is known by. */
export type Mark = {
  /** The end of the cookie's name. */
  readonly id: string;
  /** What stands in it, which nobody else can read. */
  readonly text: string;
};

export type Tickets = {
  /** The first mark among a browser's cookies, or a new one. */
  markOf(cookies: string | undefined): Mark;
  /** What makes the browser keep it. */
  cookie(mark: Mark): string;
  issue(mark: Mark, request: DialogRequest): string;
  isGood(ticket: string, cookies: string | undefined, request: DialogRequest): boolean;
};

/**
 * Tickets of this process; they end with it.
 * @param options.isSecure browsers reach this server by https only
 */
export function createTickets(now: () => Instant, { isSecure }: { readonly isSecure: boolean }): Tickets {
  const key = randomBytes(BYTES);
  const name = isSecure ? `${HOST_ONLY}${COOKIE}` : COOKIE;
  const given = new RegExp(`(?:^|; *)${name}_([\\w-]{8})=([\\w-]{43})(?=;|$)`, 'g');
  const marksIn = (cookies = ''): readonly Mark[] =>
    [...cookies.matchAll(given)].map(([, id = '', text = '']) => ({ id, text }));

  function sign(at: string, { id, text }: Mark, { app, redirectUri, scopes, state }: DialogRequest): string {
    const named = JSON.stringify([at, id, text, app.id, redirectUri, scopes, state]);
    return createHmac('sha256', key).update(named).digest('base64url');
  }
  return {
    markOf: (cookies) =>
      marksIn(cookies)[0] ?? {
        id: randomBytes(NAME_BYTES).toString('base64url'),
        text: randomBytes(BYTES).toString('base64url'),
      },
    cookie: ({ id, text }) =>
      `${name}_${id}=${text}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
    issue(mark, request) {
      const at = String(now());
      return `${at}.${mark.id}.${sign(at, mark, request)}`;
    },
    isGood(ticket, cookies, request) {
      const [at = '', named = '', signature = ''] = ticket.split('.');
      const mark = marksIn(cookies).find(({ id }) => id === named);
      const isInTime = /^\d{1,15}$/.test(at) && now() < Number(at) + TICKET_MS;
      return mark !== undefined && isSameSecret(signature, sign(at, mark, request)) && isInTime;
    },
  };
}
