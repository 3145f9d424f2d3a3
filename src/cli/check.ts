/** `baton check`: what a configuration will do that nobody can want. */

import { complain, DEFAULT_DATA, readArguments } from './arguments.ts';
import { describeFindings, type FindingShown, sumUp } from './findings.ts';
import { ask, NoServer } from './operator.ts';
import { usage } from './usage.ts';

type Checked = {
  readonly findings: readonly FindingShown[];
  readonly counts: Readonly<Record<string, number>>;
};

/** Ends with 1 when there is an error among what it finds. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('check', args, {
    data: { type: 'string' },
    world: { type: 'string' },
    sandbox: { type: 'boolean' },
    allow: { type: 'string', multiple: true },
  });
  if (read === null) return 2;
  if (read.positionals.length > 0) return usage('check', 'takes no argument');
  const [world, data] = [read.text('world'), read.text('data')];
  if (world !== null && data !== null) return usage('check', 'takes one of --world and --data');
  if (world === null && read.flag('sandbox'))
    return usage('check', '--sandbox goes with --world: a data folder knows what it is for');
  const { parseRange, checkFolder, checkWorldFile, BadWorld } = await import('../check-configuration.ts');
  const given = read.texts('allow').map(parseRange);
  const ranges = given.filter((range) => range !== null);
  if (ranges.length < given.length)
    return usage('check', '--allow must be a range of addresses such as 10.0.0.0/8');
  if (world === null) return tell(await askServer(data ?? DEFAULT_DATA, (at) => checkFolder(at, ranges)));
  try {
    return tell(counted(await checkWorldFile(world, { sandbox: read.flag('sandbox'), ranges })));
  } catch (error) {
    if (!(error instanceof BadWorld)) throw error;
    for (const { path, message } of error.problems) complain('check', `${error.file}: ${path} ${message}`);
    return 2;
  }
}

/** The server of a folder knows best; where none runs, the folder is read. */
async function askServer(
  data: string,
  readFolder: (data: string) => Promise<readonly FindingShown[]>,
): Promise<Checked> {
  try {
    return (await ask(data, { method: 'GET', path: '/admin/check' })) as Checked;
  } catch (error) {
    if (!(error instanceof NoServer)) throw error;
    process.stderr.write(`No server runs on ${data}: what its files say is checked.\n`);
    return counted(await readFolder(data));
  }
}

function counted(findings: readonly FindingShown[]): Checked {
  const counts: Record<string, number> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return { findings, counts };
}

function tell({ findings, counts }: Checked): number {
  const sum = sumUp(counts);
  const lines = sum === null ? ['Nothing was found.'] : [...describeFindings(findings), '', sum];
  process.stdout.write(`${lines.join('\n')}\n`);
  return (counts['error'] ?? 0) > 0 ? 1 : 0;
}
