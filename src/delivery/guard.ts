/**
 * The guard against server-side request forgery: which addresses a callback may be dialled at. It looks where the
 * socket is opened, after the name has been resolved, so that neither a second look-up nor a way of writing an address
 * leads around it.
 */

import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';

/** Whether an address (in text, IPv4 or IPv6) may be dialled. */
export type AddressRule = (address: string) => boolean;

/** In a sandbox: any. */
export const anyAddress: AddressRule = () => true;

/** An address that the guard refused, or that the name could not be resolved to. */
export class RefusedAddress extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(address: string) {
    super(`the address ${address} is not public`);
    this.name = 'RefusedAddress';
  }
}

/** A range of addresses. */
export type AddressRange = ReturnType<typeof ipaddr.parseCIDR>;

/** A range in CIDR notation, or null. */
export function parseRange(text: string): AddressRange | null {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null;
}

/**
 * Public unicast addresses, and those in the ranges that the operator allows. IPv4 addresses inside IPv6 ones count as
 * what they lead to: mapped ones are taken out, those of translators (NAT64, 6to4, Teredo) are refused.
 */
export function publicAddresses(allowed: readonly AddressRange[]): AddressRule {
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    const isAllowed = allowed.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
    );
    return isAllowed || address.range() === 'unicast';
  };
}

/** How undici opens sockets under a rule. */
export function guardedConnector(rule: AddressRule, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(rule) });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(host) && !rule(host)) callback(new RefusedAddress(host), null);
    else connect(options, callback);
  };
}

/** Resolves a name once, for the very socket that is being opened, and gives only what the rule lets through. */
export function guardedLookup(rule: AddressRule, lookup: typeof resolve = resolve): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const open = addresses.filter(({ address }) => rule(address));
      const [first] = open;
      if (first === undefined) return callback(new RefusedAddress(hostname), '', 0);
      return options.all === true ? callback(null, open) : callback(null, first.address, first.family);
    });
  };
}
