/** Rounds that alternate, and what comes of them. */

import { cpuMs } from './processes.ts';

/** Figures in one unit, one a round. */
export type Series = { readonly label: string; readonly unit: string; readonly rounds: readonly number[] };

export type Target = { readonly sense: 'at least' | 'at most'; readonly value: number };

/** One line of the table. */
export type Result = {
  readonly what: string;
  readonly ours: Series | null;
  /** What ours is divided by; null where the figure itself is judged. */
  readonly limit: Series | null;
  /** Null: for comparison only. */
  readonly target: Target | null;
  readonly notes: readonly string[];
};

/** What a row is given. */
export type Bench = {
  readonly quick: boolean;
  readonly rounds: number;
  /** Seconds of a round of load. */
  readonly seconds: number;
  /** How many threads the large store holds. */
  readonly threads: number;
  /** Where data folders are made. */
  readonly parent: string;
  /** Where to put profiles of our server, or null. */
  readonly profile: string | null;
  say(progress: string): void;
};

export type Row = {
  readonly name: string;
  readonly what: string;
  run(bench: Bench): Promise<readonly Result[]>;
};

/** Runs ours and the limit by turns, after one turn of each that does not count. */
export async function alternate<Figure>(
  rounds: number,
  ours: () => Promise<Figure>,
  limit: () => Promise<Figure>,
): Promise<{ readonly ours: readonly Figure[]; readonly limit: readonly Figure[] }> {
  await ours();
  await limit();
  const all = { ours: [] as Figure[], limit: [] as Figure[] };
  for (let round = 0; round < rounds; round++) {
    all.ours.push(await ours());
    all.limit.push(await limit());
  }
  return all;
}

/** Processor time that processes used during some work, in ms each. */
export async function withCpu<Outcome>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly cpu: Readonly<Record<string, number>> }> {
  const names = Object.entries(pids);
  const before = names.map(([, pid]) => cpuMs(pid));
  const outcome = await work();
  const cpu = names.map(([name, pid], index) => [name, cpuMs(pid) - (before[index] ?? 0)] as const);
  return { outcome, cpu: Object.fromEntries(cpu) };
}
