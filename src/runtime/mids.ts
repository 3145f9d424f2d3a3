/** Making message ids. */

import { randomFillSync } from 'node:crypto';
import type { Mid } from '../protocol/ids.ts';
import type { Instant } from '../protocol/time.ts';

const TIME_BYTES = 6;
const RANDOM_BYTES = 18;
/** Chance is drawn for so many ids at once: asking for it costs more than getting it. */
const POOL_IDS = 256;

const pool = Buffer.alloc(POOL_IDS * RANDOM_BYTES);
let drawn = pool.length;

/**
 * A message id that nobody can guess: 18 random bytes behind the time, so that the index by which messages are found
 * grows at its end.
 */
export function newMid(now: Instant): Mid {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const bytes = Buffer.allocUnsafe(TIME_BYTES + RANDOM_BYTES);
  bytes.writeUIntBE(now, 0, TIME_BYTES);
  pool.copy(bytes, TIME_BYTES, drawn, drawn + RANDOM_BYTES);
  drawn += RANDOM_BYTES;
  return `m_${bytes.toString('base64url')}` as Mid;
}
