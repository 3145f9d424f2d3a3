/** What of a callback goes wrong: it cannot be used, does not answer, or is not safe. */

import type { Webhook } from '../../store/config.ts';
import { type Finding, found } from './finding.ts';
import type { View } from './view.ts';

export const checkCallbacks = (view: View): readonly Finding[] =>
  view.config.webhooks.flatMap((webhook) => [
    ...checkHealth(view, webhook),
    ...checkAddress(view, webhook),
    ...checkOwner(view, webhook),
  ]);

const when = (at: number): string => new Date(at).toISOString();

/** Whose conversations go unheard with it. */
function firstOn({ ledBy }: View, app: Webhook['app']): string {
  const led = ledBy(app).map(({ name }) => name);
  return led.length === 0
    ? ''
    : ` It answers first on ${led.join(', ')}: new conversations go to it all the same.`;
}

/** [W6, W8] */
function checkHealth(view: View, webhook: Webhook): readonly Finding[] {
  const { app, object, verifiedAt, warnedAt, switchedOffAt } = webhook;
  const about = { app, object };
  const name = `the ${object} callback of ${view.nameOf(app)}`;
  const look = `baton app deliveries ${app}`;
  if (switchedOffAt !== null) {
    const message = `The webhooks to ${name} are switched off since ${when(switchedOffAt)}, after an hour of failures: nothing is sent to it.${firstOn(view, app)}`;
    const remedy = `Mend it (${look} shows the failures), then: baton app on ${app}; baton app resend ${app} --missed`;
    return [found('webhooks_switched_off', about, { message, remedy })];
  }
  if (verifiedAt === null) {
    const message = `${capital(name)} has never answered the handshake: what it is to be told waits.${firstOn(view, app)}`;
    const remedy = `Let the app echo hub.challenge for the verify token, or set another: baton subscription set ${app} --object ${object} --url <callback> --verify-token-file <file>`;
    return [found('callback_not_verified', about, { message, remedy })];
  }
  if (warnedAt !== null) {
    const message = `${capital(name)} keeps failing, and was warned of at ${when(warnedAt)}: an hour of failures switches it off.`;
    return [found('webhooks_failing', about, { message, remedy: `See why: ${look}` })];
  }
  if (!view.openBreakers.has(`${app}/${object}`)) return [];
  const message = `${capital(name)} has failed several times in a row: one conversation at a time is tried, the others wait.`;
  return [found('breaker_open', about, { message, remedy: `See why: ${look}` })];
}

/** Where it leads. Names are resolved when they are dialled; only what stands in the address is looked at here. */
function checkAddress(view: View, { app, object, callbackUrl }: Webhook): readonly Finding[] {
  const url = URL.parse(callbackUrl);
  if (url === null || view.sandbox) return [];
  const about = { app, object };
  const set = `baton subscription set ${app} --object ${object} --url <callback>`;
  const address = addressOf(url.hostname);
  if (address !== null && !view.mayDial(address)) {
    const message = `The ${object} callback of ${view.nameOf(app)} is at ${url.host}, which is not a public address: nothing is ever sent there.`;
    const remedy = `Start the server with --allow and the range of ${address}, or set a public one: ${set}`;
    return [found('callback_refused', about, { message, remedy })];
  }
  if (url.protocol !== 'http:' || (address !== null && isLoopback(address))) return [];
  const message = `The ${object} callback of ${view.nameOf(app)} is at http://${url.host}: what customers write crosses the network in the clear.`;
  return [found('callback_in_clear', about, { message, remedy: `Set an https address: ${set}` })];
}

/** The address that a host is written as; null for a name. URL has put every way to write IPv4 into digits and dots. */
function addressOf(hostname: string): string | null {
  if (/^(?:.+\.)?localhost$/.test(hostname)) return '127.0.0.1';
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return /^[\d.]+$/.test(hostname) ? hostname : null;
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** [W6] Each app signs with its own secret, so that no program can serve two of them unawares. */
function checkOwner(view: View, { app, object, callbackUrl }: Webhook): readonly Finding[] {
  const all = [...new Set(view.webhooksAt(callbackUrl).map((each) => each.app))];
  const [first] = all;
  // Told once of each app but the first.
  if (first === undefined || first === app) return [];
  const more = all.length > 2 ? ` and ${all.length - 2} more` : '';
  const message = `${view.nameOf(app)} has the same callback as ${view.nameOf(first)}${more}: each signs with its own secret, so a program that knows one of them refuses the webhooks of the others, or hears everything twice.`;
  const remedy = `Give each app an address of its own: baton subscription set ${app} --object ${object} --url <callback>`;
  return [found('callback_shared', { app, object }, { message, remedy })];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
