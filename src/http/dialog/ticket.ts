/**
 * A form is taken only from the browser that it was shown in: its ticket belongs to a cookie that no other site can
 * read, and to what the app asked for.
 *
 * A browser has one cookie for all its forms. `SameSite=Lax` lets it come along when an app's site leads here, so that
 * a second form leaves the first one good; with a form that another site sends it does not come. Where people come by
 * https, its name lets no neighbour under the same domain put another in its place.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Instant } from '../../protocol/time.ts';
import { isSameSecret } from '../../wire/bytes.ts';
import type { DialogRequest } from './request.ts';

const COOKIE = 'baton_dialog';
/** Browsers take a name that begins so from this very host only, over https. */
const HOST_ONLY = '__Host-';
const BYTES = 32;
/** How long a form that lies open can be sent. */
export const TICKET_MS = 1_800_000;

export type Tickets = {
  /** A browser's own text: that of its cookie, or a new one. */
  browserOf(cookies: string | undefined): string;
  /** What makes the browser keep it. */
  cookie(browser: string): string;
  issue(browser: string, request: DialogRequest): string;
  isGood(ticket: string, browser: string, request: DialogRequest): boolean;
};

/**
 * Tickets of this process; they end with it.
 * @param options.isSecure browsers reach this server by https only
 */
export function createTickets(now: () => Instant, { isSecure }: { readonly isSecure: boolean }): Tickets {
  const key = randomBytes(BYTES);
  const name = isSecure ? `${HOST_ONLY}${COOKIE}` : COOKIE;
  const given = new RegExp(`(?:^|; *)${name}=([\\w-]{43})(?:;|$)`);
  function sign(at: string, browser: string, { app, redirectUri, scopes, state }: DialogRequest): string {
    const named = JSON.stringify([at, browser, app.id, redirectUri, scopes, state]);
    return createHmac('sha256', key).update(named).digest('base64url');
  }
  return {
    browserOf: (cookies) => given.exec(cookies ?? '')?.[1] ?? randomBytes(BYTES).toString('base64url'),
    cookie: (browser) => `${name}=${browser}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
    issue(browser, request) {
      const at = String(now());
      return `${at}.${sign(at, browser, request)}`;
    },
    isGood(ticket, browser, request) {
      const [at = '', signature = ''] = ticket.split('.');
      const isInTime = /^\d{1,15}$/.test(at) && now() < Number(at) + TICKET_MS;
      return isSameSecret(signature, sign(at, browser, request)) && isInTime;
    },
  };
}
