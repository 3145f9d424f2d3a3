/**
 * `npm run bench`: what Baton does in a second, beside what the same machine does without it, in the same minutes.
 *
 *     npm run bench                             all rows; writes RESULTS.md
 *     npm run bench -- messages control --quick  these rows, in short rounds; prints only
 *
 * `--rounds 7`, `--threads 200000` (row `stored`), `--data /mnt/disk` (where data folders are made),
 * `--profile dir` (processor profiles of our server in rows `messages`, `control`, `apps`, `events`; see profile.ts), `--write` (RESULTS.md, too).
 */

import { writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { apps } from './rows/apps.ts';
import { control, messages } from './rows/calls.ts';
import { batch, events } from './rows/events.ts';
import { firstByte } from './rows/first-byte.ts';
import { leases } from './rows/leases.ts';
import { start } from './rows/start.ts';
import { stored } from './rows/stored.ts';
import { measureFlushes } from './tools/disk.ts';
import { describeMachine } from './tools/machine.ts';
import { renderRounds, renderTable } from './tools/report.ts';
import type { Bench, Result, Row } from './tools/rounds.ts';

const ROWS: readonly Row[] = [control, messages, apps, events, batch, firstByte, stored, leases, start];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    threads: { type: 'string' },
    data: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
  },
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const { quick } = values;
const bench: Bench = {
  quick,
  rounds: Number(values.rounds ?? (quick ? 3 : 5)),
  seconds: quick ? 1 : 4,
  threads: Number(values.threads ?? (quick ? 100_000 : 1_000_000)),
  parent: path.resolve(values.data),
  profile: values.profile === undefined ? null : path.resolve(values.profile),
  say: (progress) => print(`· ${progress}`),
};

const unknown = positionals.find((name) => !ROWS.some((row) => row.name === name));
if (unknown === undefined) await main();
else {
  print(`There is no row ${unknown}. Rows: ${ROWS.map(({ name }) => name).join(', ')}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const machine = await describeMachine(await measureFlushes(bench.parent));
  print(machine);
  const results: Result[] = [];
  for (const row of ROWS) {
    if (positionals.length > 0 && !positionals.includes(row.name)) continue;
    const busy = loadavg()[0] ?? 0;
    const profile = bench.profile === null ? null : path.join(bench.profile, row.name);
    const measured = await row.run({ ...bench, profile });
    const noted = measured.map((result) => withLoad(result, busy));
    results.push(...noted);
    print(`\n${renderTable(noted)}\n\n${renderRounds(noted)}\n`);
  }
  if (values.write || (!quick && positionals.length === 0)) await write(machine, results);
}

function withLoad(result: Result, busy: number): Result {
  return { ...result, notes: [...result.notes, `load average before the row: ${busy.toFixed(2)}`] };
}

async function write(machine: string, results: readonly Result[]): Promise<void> {
  const command = ['npm run bench', ...process.argv.slice(2)].join(' ');
  const text = `# Results\n\nWritten by \`${command}\`; what each row measures stands at the head of its file in \`rows/\`.\n
${machine}\n\n${renderTable(results)}\n\n## Rounds\n\n${renderRounds(results)}\n`;
  await writeFile(path.join(import.meta.dirname, 'RESULTS.md'), text);
}
