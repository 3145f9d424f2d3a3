/** Against guessing: so many wrong passwords for one person, or from one network, and it has to wait. */

import type { Instant } from '../../protocol/time.ts';
import { networkOf } from '../rate-limit.ts';

/** Most wrong passwords for one person within `ATTEMPTS_MS`. */
export const MAX_ATTEMPTS_A_PERSON = 10;
/** Most wrong passwords from one address, or one IPv6 network, within `ATTEMPTS_MS`, for whomever. */
export const MAX_ATTEMPTS_AN_ADDRESS = 100;
/** Most passwords that are looked at at once; each takes a processor some 50 ms. Further ones wait for their turn. */
export const MAX_CHECKS_AT_ONCE = 8;
/** Most passwords from one network that are looked at or wait, so that nobody fills the line for all. */
export const MAX_CHECKS_A_NETWORK = 16;
/** Most passwords that wait to be looked at, for all networks together. */
export const MAX_WAITING_CHECKS = 256;
/** Most people, and most networks, that are kept an eye on; the one that has been quiet the longest is forgotten. */
export const MAX_WATCHED = 20_000;
/** How long a wrong password counts. */
export const ATTEMPTS_MS = 900_000;

export type Attempts = {
  /**
   * Looks at a password unless there have been too many wrong ones; null: it was not looked at. It counts as wrong from
   * the beginning and is taken back when it was right, so that many at once gain nothing.
   */
  check(
    by: { readonly person: string; readonly address: string },
    look: () => Promise<boolean>,
  ): Promise<boolean | null>;
};

export function createAttempts(now: () => Instant): Attempts {
  const people = createWatch(now, MAX_ATTEMPTS_A_PERSON);
  const networks = createWatch(now, MAX_ATTEMPTS_AN_ADDRESS);
  const line = createLine();
  return {
    async check({ person, address }, look) {
      const network = networkOf(address);
      if (people.isFull(person) || networks.isFull(network) || !line.hasRoom(network)) return null;
      const at = now();
      people.count(person, at);
      networks.count(network, at);
      const isRight = await line.take(network, look);
      if (!isRight) return false;
      people.takeBack(person, at);
      networks.takeBack(network, at);
      return true;
    },
  };
}

/** The wrong passwords of people, or of networks: neither can push out what is known of the other. */
function createWatch(now: () => Instant, most: number) {
  const watched = new Map<string, readonly Instant[]>();

  const recent = (name: string): readonly Instant[] =>
    (watched.get(name) ?? []).filter((at) => at > now() - ATTEMPTS_MS);

  function set(name: string, times: readonly Instant[]): void {
    watched.delete(name);
    if (times.length > 0) watched.set(name, times);
    for (const oldest of watched.keys()) {
      if (watched.size <= MAX_WATCHED) return;
      watched.delete(oldest);
    }
  }

  return {
    isFull: (name: string): boolean => recent(name).length >= most,
    count: (name: string, at: Instant): void => set(name, [...recent(name), at]),
    takeBack(name: string, at: Instant): void {
      const times = recent(name);
      const index = times.indexOf(at);
      if (index !== -1) set(name, times.toSpliced(index, 1));
    },
  };
}

/** Looks at so many passwords at once; the others wait in the order in which they came. */
function createLine() {
  const ofNetworks = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let looking = 0;

  function add(network: string, change: number): void {
    const count = (ofNetworks.get(network) ?? 0) + change;
    if (count === 0) ofNetworks.delete(network);
    else ofNetworks.set(network, count);
  }

  async function turn(): Promise<void> {
    if (looking < MAX_CHECKS_AT_ONCE) looking += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Whoever has waited the longest takes over the place. */
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) looking -= 1;
    else next();
  }

  return {
    hasRoom: (network: string): boolean =>
      (ofNetworks.get(network) ?? 0) < MAX_CHECKS_A_NETWORK && waiting.length < MAX_WAITING_CHECKS,
    async take(network: string, look: () => Promise<boolean>): Promise<boolean> {
      add(network, 1);
      await turn();
      try {
        return await look();
      } finally {
        leave();
        add(network, -1);
      }
    },
  };
}
