/** `baton restore <file>`: a data folder made of a backup. */

import { restoreBackup } from '../restore-backup.ts';
import { complain, readArguments } from './arguments.ts';

export async function restoreCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('restore', args, { data: { type: 'string' } });
  if (read === null) return 2;
  const [file, ...rest] = read.positionals;
  const data = read.text('data');
  if (file === undefined || data === null || rest.length > 0) {
    complain('restore', 'takes a backup and --data with an empty folder');
    return 2;
  }
  const restored = restoreBackup(file, data);
  if (!restored.ok) {
    complain('restore', restored.problem);
    return 1;
  }
  const { counts, takenAt, files } = restored.manifest;
  process.stdout.write(
    `${data}: ${counts.threads} conversations, ${counts.events} events, ${counts.waiting} webhooks waiting, ` +
      `${files.count} uploaded files, as of ${takenAt}\n`,
  );
  return 0;
}
