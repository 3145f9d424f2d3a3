/** `baton page …`: by verb. */

import { addCustomer, changeEntryPoint, createPage, setPage } from './page-change.ts';
import { routePage } from './page-routing.ts';
import { listPages, showPage } from './page-show.ts';
import { usage } from './usage.ts';

const VERBS: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  ['list', listPages],
  ['show', showPage],
  ['create', createPage],
  ['set', setPage],
  ['entry-point', changeEntryPoint],
  ['customer', addCustomer],
  ['routing', routePage],
]);

export async function pageCommand(args: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = args;
  const run = VERBS.get(verb);
  return run === undefined ? usage('page', `takes one of ${[...VERBS.keys()].join(', ')}`) : run(rest);
}
