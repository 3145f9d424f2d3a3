/**
 * A slower disk, without a line in `src`: loaded in front of the server (`node --import`), it puts slow-store.ts in the
 * place of the SQLite store. `?blocks` delays the thread that commits, `?waits` only the answer of the commit.
 */

import { registerHooks } from 'node:module';

const REAL = new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href;
const SLOW = new URL('slow-store.ts', import.meta.url).href + new URL(import.meta.url).search;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url === REAL && context.parentURL !== SLOW ? { ...found, url: SLOW } : found;
  },
});
