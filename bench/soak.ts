/** `npm run soak`: a hundred kills, and freezes, with figures. */

import { soak } from '../src/testing/soak.ts';

const ROUNDS = 100;

for (const end of ['kill', 'freeze'] as const) {
  const { accepted, refused, heard } = await soak({ rounds: ROUNDS, writers: 8, messagesPerRound: 100, end });
  const what = end === 'kill' ? 'kill -9' : 'SIGSTOP and a jump of 8 days';
  process.stdout.write(
    `${what}, ${ROUNDS} times: ${accepted} messages accepted and kept once, ${refused} control calls refused, ` +
      `${heard} webhooks heard in order\n`,
  );
}
