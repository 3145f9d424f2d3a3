/**
 * The rate limit: how many calls an app may make on a page, and how many wrong tokens an address may try.
 *
 * A budget may be used up at once and grows back evenly: with a limit of 1,000 a second, a caller that has used up all
 * of it goes on at one call a millisecond. What is refused spends nothing, so that waiting always helps.
 *
 * An address that has used up its wrong tokens is refused whatever token it tries next, or guessing on would still
 * find the right one. An app that was last served at that address goes on: several may share a proxy.
 */

import { type Observer, silentObserver } from '../observe/observer.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Failure, failWith } from './graph/answer.ts';

/** Calls a second of one app on one page, unless `--rate-limit` says otherwise or it is a sandbox. */
export const DEFAULT_RATE_LIMIT = 1_000;
/** Most wrong tokens of one address at once; they grow back in a minute. */
export const MAX_WRONG_TOKENS = 60;
/** Most callers, and most addresses, whose budgets are remembered; the first seen is forgotten first. */
export const MAX_BUDGETS = 100_000;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** A budget that has grown back in many small steps is not to lack one by its last digits. */
const NEARLY = 1e-9;

export type RateLimit = {
  /**
   * Why a call must not go on; null when it may, and then it is counted.
   * @param address where it comes from; undefined: it has hung up
   * @param caller whose budget it is; null: its token is not right
   */
  refusal(address: string | undefined, caller: string | null): Failure | null;
  /**
   * Why a call must not go on, by what was guessed at its address; null when it may. It counts nothing.
   * @param caller whose right token it bears; null: it bears none
   */
  knock(address: string | undefined, caller: string | null): Failure | null;
};

/** @param callsPerSecond of one app on one page; 0: no limit at all, of wrong tokens neither */
export function createRateLimit(
  callsPerSecond: number,
  clock: Clock,
  observer: Pick<Observer, 'limited'> = silentObserver,
): RateLimit | null {
  if (callsPerSecond === 0) return null;
  const calls = createBudgets({ size: callsPerSecond, periodMs: SECOND_MS }, clock);
  const wrongTokens = createBudgets({ size: MAX_WRONG_TOKENS, periodMs: MINUTE_MS }, clock);
  /** Where an app was served last on a page. */
  const places = new WeakMap<Budget, string>();

  function limited(name: 'rate_limited' | 'address_limited', waitMs: number): Failure {
    observer.limited(name);
    return { ...failWith(name), retryAfterSeconds: Math.ceil(waitMs / SECOND_MS) };
  }

  function ofAddress(network: string): Failure | null {
    const waitMs = wrongTokens.spend(wrongTokens.of(network));
    return waitMs === 0 ? null : limited('address_limited', waitMs);
  }

  function ofGuesser(network: string): Failure | null {
    const guessed = wrongTokens.find(network);
    const waitMs = guessed === null ? 0 : wrongTokens.waitMs(guessed);
    return waitMs > 0 ? limited('address_limited', waitMs) : null;
  }

  function ofStranger(budget: Budget, network: string): Failure | null {
    if (places.get(budget) === network) return null;
    const guesser = ofGuesser(network);
    if (guesser === null) places.set(budget, network);
    return guesser;
  }

  return {
    refusal(address = '', caller) {
      const network = networkOf(address);
      if (caller === null) return ofAddress(network);
      const budget = calls.of(caller);
      const strange = ofStranger(budget, network);
      if (strange !== null) return strange;
      const waitMs = calls.spend(budget);
      return waitMs === 0 ? null : limited('rate_limited', waitMs);
    },
    knock(address = '', caller) {
      const network = networkOf(address);
      const budget = caller === null ? null : calls.find(caller);
      return budget !== null && places.get(budget) === network ? null : ofGuesser(network);
    },
  };
}

/** What is left of a budget, and when that was reckoned. */
type Budget = { left: number; at: number };

type Budgets = {
  /** Made whole when it is new. */
  of(name: string): Budget;
  find(name: string): Budget | null;
  /** 0 when there is something to spend, else how long it takes until there is. */
  waitMs(budget: Budget): number;
  /** As `waitMs`; what there is, is spent. */
  spend(budget: Budget): number;
};

function createBudgets(
  { size, periodMs }: { readonly size: number; readonly periodMs: number },
  clock: Clock,
): Budgets {
  const budgets = new Map<string, Budget>();

  function forgetFirst(): void {
    for (const name of budgets.keys()) {
      budgets.delete(name);
      return;
    }
  }

  function waitMs(budget: Budget): number {
    const now = clock.now();
    budget.left = Math.min(size, budget.left + ((now - budget.at) * size) / periodMs);
    budget.at = now;
    return budget.left + NEARLY >= 1 ? 0 : Math.ceil(((1 - budget.left) * periodMs) / size);
  }

  return {
    of(name) {
      const known = budgets.get(name);
      if (known !== undefined) return known;
      if (budgets.size >= MAX_BUDGETS) forgetFirst();
      const budget = { left: size, at: clock.now() };
      budgets.set(name, budget);
      return budget;
    },
    find: (name) => budgets.get(name) ?? null,
    waitMs,
    spend(budget) {
      const wait = waitMs(budget);
      if (wait === 0) budget.left -= 1;
      return wait;
    },
  };
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** An IPv4 address, or the /64 network of an IPv6 address: whoever has one address of it has all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: GROUPS - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].slice(0, NETWORK_GROUPS).join(':');
}
