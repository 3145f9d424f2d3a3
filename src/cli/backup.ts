/** `baton backup <file>`: everything that is kept, as it is at one instant, in one file. */

import { takeBackup } from '../take-backup.ts';
import { complain, DEFAULT_DATA, readArguments } from './arguments.ts';

export async function backupCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('backup', args, { data: { type: 'string' }, overwrite: { type: 'boolean' } });
  if (read === null) return 2;
  const [file, ...rest] = read.positionals;
  if (file === undefined || rest.length > 0) {
    complain('backup', 'takes the file to write');
    return 2;
  }
  const data = read.text('data') ?? DEFAULT_DATA;
  const manifest = await takeBackup(data, file, { overwrite: read.flag('overwrite') });
  if (manifest === null) {
    complain('backup', `${file} exists; --overwrite replaces it`);
    return 1;
  }
  const { counts, takenAt, sha256, databaseBytes, files } = manifest;
  process.stdout.write(
    `${file}: ${counts.threads} conversations, ${counts.events} events, ${counts.waiting} webhooks waiting; ` +
      `${databaseBytes} bytes\n${files.count} uploaded files, ${files.bytes} bytes` +
      `${files.missing === 0 ? '' : `; ${files.missing} taken away meanwhile, or not written yet`}\n` +
      `As of   ${takenAt}\nSHA-256 ${sha256} of the database\n` +
      "It holds conversations: keep it where nobody else reads it. The key of apps' secrets is not in it.\n",
  );
  return 0;
}
