/**
 * A process of its own for `sqlite-durability.test.ts`. `commit FILE`: writes one event after the other and prints the
 * seq of each once it is answered, until it is killed. `open FILE`: waits for a line, opens the file, prints `opened`.
 */

import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { add, BOT, fresh, furnish, START, said } from '../../src/testing/store-suite/world.ts';

const [task, file = ''] = process.argv.slice(2);
const print = (line: string): void => void writeSync(1, `${line}\n`);
const open = () => openSqliteStore({ path: file, now: () => START });

if (task === 'commit') {
  const store = await open();
  await furnish(store);
  let thread = fresh();
  for (;;) {
    const commit = add(thread, [{ event: said(`m${thread.seq}`), told: [BOT] }]);
    await store.commit([commit]);
    thread = commit.thread;
    print(String(thread.seq));
  }
} else {
  print('ready');
  process.stdin.once('data', async () => {
    await using _store = await open();
    print('opened');
    process.stdin.destroy();
  });
}
