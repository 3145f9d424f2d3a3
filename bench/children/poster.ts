/** The limit of webhooks: a bare undici loop that posts one body over and over, on so many connections. */

import { Pool } from 'undici';
import { answerParent } from '../tools/child.ts';
import type { Posting } from '../tools/posting.ts';

const CONNECTIONS = 64;

const pools = new Map<string, Pool>();

answerParent(
  [],
  async ({ postings, each }: { readonly postings: readonly Posting[]; readonly each: number }) => {
    await Promise.all(postings.map((posting) => postAll(posting, each)));
  },
);

async function postAll({ origin, path, headers, bytes }: Posting, times: number): Promise<void> {
  const pool = pools.get(origin) ?? new Pool(origin, { connections: CONNECTIONS });
  pools.set(origin, pool);
  const body = Buffer.from(bytes);
  let left = times;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await pool.request({ method: 'POST', path, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}
