/**
 * `npm run soak`: a hundred kills and freezes, endpoints that misbehave, a dead app with 100,000 waiting events, a
 * million threads of one app, a million mutated requests; with figures.
 */

import { soak } from '../src/testing/soak.ts';
import { badEndpoints } from './bad-endpoints.ts';
import { deadApp } from './dead-app.ts';
import { fuzzed } from './fuzz.ts';
import { million } from './million.ts';

const ROUNDS = 100;

async function ends(end: 'kill' | 'freeze'): Promise<string> {
  const { accepted, refused, heard } = await soak({ rounds: ROUNDS, writers: 8, messagesPerRound: 100, end });
  const what = end === 'kill' ? 'kill -9' : 'SIGSTOP and a jump of 8 days';
  return (
    `${what}, ${ROUNDS} times: ${accepted} messages accepted and kept once, ${refused} control calls refused, ` +
    `${heard} webhooks heard in order\n`
  );
}

const SOAKS: Readonly<Record<string, () => Promise<string>>> = {
  kill: () => ends('kill'),
  freeze: () => ends('freeze'),
  endpoints: badEndpoints,
  'dead-app': deadApp,
  million,
  fuzz: fuzzed,
};

const asked = process.argv.slice(2);
for (const name of asked.length === 0 ? Object.keys(SOAKS) : asked) {
  const run = SOAKS[name];
  if (run === undefined)
    throw new Error(`there is no soak ${name}; there are ${Object.keys(SOAKS).join(', ')}`);
  process.stdout.write(await run());
}
