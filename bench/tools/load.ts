/** One round of calls, with what it cost each process. */

import type { Client, Driven, NextCall } from './client.ts';
import { withCpu } from './rounds.ts';
import { median } from './statistics.ts';

export type Round = {
  readonly perSecond: number;
  /** Processor time a call, in µs. */
  readonly serverUs: number;
  readonly clientUs: number;
  /** The part of one core that the client used. */
  readonly clientShare: number;
};

/** A round of calls in a closed loop. */
export const loadRound = (
  client: Client,
  next: NextCall,
  { pid, seconds }: { readonly pid: number; readonly seconds: number },
): Promise<Round> => measureRound(pid, () => client.drive(next, seconds));

/** A round of any calls. */
export async function measureRound(pid: number, work: () => Promise<Driven>): Promise<Round> {
  const { outcome, cpu } = await withCpu({ server: pid, client: process.pid }, work);
  const { calls, seconds } = outcome;
  const [server = Number.NaN, own = Number.NaN] = [cpu['server'], cpu['client']];
  return {
    perSecond: calls / seconds,
    serverUs: (server / calls) * 1_000,
    clientUs: (own / calls) * 1_000,
    clientShare: own / 1_000 / seconds,
  };
}

/** What the rounds cost, in a line. */
export function costOf(name: string, rounds: readonly Round[]): string {
  const of = (read: (round: Round) => number): number => Math.round(median(rounds.map(read)));
  const share = of(({ clientShare }) => clientShare * 100);
  return `${name}: ${of(({ serverUs }) => serverUs)} µs of processor time a call in the server, ${of(({ clientUs }) => clientUs)} µs in the client (${share} % of a core)`;
}
