import { simulatedClock } from '../../src/runtime/clock.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import { START } from '../../src/testing/store-suite/world.ts';
import { storeSuite } from '../../src/testing/store-suite.ts';

storeSuite(
  'memory',
  async () => {
    const clock = simulatedClock(START);
    const store = createMemoryStore({ now: clock.now });
    return { store, clock, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  },
  { keeps: false },
);
