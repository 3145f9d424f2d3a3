/** What the operating system says of a process: the processor time it has used, the memory it holds. Linux only. */

import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;
/** Where user and system time stand behind the name of the program, which may hold blanks. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const KIB = 1_024;

/** Processor time used so far, all threads, in ms; NaN where it cannot be known. */
export function cpuMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TIME] ?? Number.NaN) + Number(fields[SYSTEM_TIME] ?? Number.NaN)) * TICK_MS;
}

/** Memory in RAM, in bytes; NaN where it cannot be known. */
export function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`));
  return Number(line?.[1] ?? Number.NaN) * KIB;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
