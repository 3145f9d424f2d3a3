/** `baton erase <page> <psid>`: forgets what a customer is called and what was said with them. */

import { eraseCustomer } from '../erase-customer.ts';
import { complain, DEFAULT_DATA, readArguments } from './arguments.ts';

export async function eraseCommand(args: readonly string[]): Promise<number> {
  const read = readArguments('erase', args, { data: { type: 'string' } });
  if (read === null) return 2;
  const [page, psid, ...rest] = read.positionals;
  if (page === undefined || psid === undefined || rest.length > 0) {
    complain('erase', 'takes a page and a psid');
    return 2;
  }
  const data = read.text('data') ?? DEFAULT_DATA;
  const erased = await eraseCustomer(data, { page, psid });
  if (erased === null) {
    complain('erase', `nothing is known of customer ${psid} on page ${page} in ${data}`);
    return 1;
  }
  process.stdout.write(
    `Customer ${psid} of page ${page} is erased: ${erased.events} events hold no text, name or metadata any more,\n` +
      `${erased.notices} webhooks that would have told of texts will not be sent. The history of control is kept.\n`,
  );
  if (erased.filesLeft === 0) return 0;
  complain(
    'erase',
    `${erased.filesLeft} uploaded files could not be removed: see to the folder, and run it again`,
  );
  return 1;
}
