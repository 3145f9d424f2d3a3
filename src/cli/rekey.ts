/** `baton rekey --new-key-file <file>`: seals the secrets of a data folder with another key. */

import { BadKey, changeKey, KEY_VARIABLE } from '../rekey.ts';
import { WrongKey } from '../store/vault.ts';
import { complain, DEFAULT_DATA, readArguments } from './arguments.ts';

export async function rekeyCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('rekey', args, {
    data: { type: 'string' },
    'key-file': { type: 'string' },
    'new-key-file': { type: 'string' },
  });
  if (read === null) return 2;
  const newKeyFile = read.text('new-key-file');
  if (newKeyFile === null || read.positionals.length > 0) {
    complain('rekey', 'takes --new-key-file, a file of 32 bytes in base64 or hex');
    return 2;
  }
  const data = read.text('data') ?? DEFAULT_DATA;
  const source = { data, keyFile: read.text('key-file'), variable: process.env[KEY_VARIABLE] };
  try {
    const sealed = await changeKey(source, newKeyFile);
    process.stdout.write(
      `${sealed} secrets are sealed with the key in ${newKeyFile}.\n` +
        `Start the server with --key-file ${newKeyFile}. Backups from before still need the old key.\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof BadKey || error instanceof WrongKey)) throw error;
    process.stderr.write(`baton rekey: ${error.message}\n`);
    return 2;
  }
}
