/** The server of `npm run soak -- fuzz`, in a process of its own: `sandbox` or `production`, and an empty folder. */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { silentObserver } from '../../src/observe/observer.ts';
import { openTown } from '../../src/testing/fuzz/town.ts';
import { answerParent } from '../tools/child.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [kind, data = ''] = process.argv.slice(2);
let faults = 0;
const town = await openTown({
  isSandbox: kind === 'sandbox',
  data,
  observer: {
    ...silentObserver,
    fault(where, error) {
      faults += 1;
      process.stderr.write(`${where}: ${error instanceof Error ? error.stack : String(error)}\n`);
    },
  },
});

export type Question =
  | { readonly ask: 'round' | 'settle' | 'memory' | 'faults' }
  | { readonly ask: 'write'; readonly psid: string; readonly text: string };
/** What is in use once all garbage has been collected, in bytes. Code is what V8 has made faster, more with every hour. */
export type Memory = {
  readonly objects: number;
  readonly code: number;
  readonly external: number;
  readonly resident: number;
};

const CODE_SPACES = /^(?:code|trusted)/;

answerParent([town.url], (question: Question) => {
  switch (question.ask) {
    case 'round':
      return town.beginRound();
    case 'settle':
      return town.settle();
    case 'write':
      return town.write(question.psid, question.text);
    case 'faults':
      return faults;
    case 'memory': {
      collect();
      const { heapUsed, external, rss: resident } = process.memoryUsage();
      const code = getHeapSpaceStatistics()
        .filter(({ space_name: name }) => CODE_SPACES.test(name))
        .reduce((sum, { space_used_size: used }) => sum + used, 0);
      return { objects: heapUsed - code, code, external, resident } satisfies Memory;
    }
  }
});
