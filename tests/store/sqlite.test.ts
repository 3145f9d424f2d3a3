import { simulatedClock } from '../../src/runtime/clock.ts';
import { createVault } from '../../src/runtime/vault.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { START } from '../../src/testing/store-suite/world.ts';
import { storeSuite } from '../../src/testing/store-suite.ts';
import { temporaryFolder } from './temporary.ts';

const vault = createVault(Buffer.alloc(32, 7));

storeSuite('sqlite', async () => {
  const folder = await temporaryFolder();
  const clock = simulatedClock(START);
  const open = () => openSqliteStore({ path: folder.file('baton.db'), now: clock.now, vault });
  const store = await open();
  let latest = store;
  return {
    store,
    clock,
    async reopen() {
      await latest[Symbol.asyncDispose]();
      latest = await open();
      return latest;
    },
    async [Symbol.asyncDispose]() {
      await latest[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
});
