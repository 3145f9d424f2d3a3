/** [W6] A callback address is verified before it is used. */

import { randomInt } from 'node:crypto';
import type { Candidate } from '../runtime/ports.ts';
import type { Poster } from './poster.ts';

/** How many challenges there are. */
const CHALLENGES = 2 ** 31;

/**
 * Asks the endpoint to echo a challenge. Only an exact echo counts (CLIENTS 3): programs answer a wrong token with
 * any status.
 * @param name whose connections are used; those of the callback that is in use are not to be disturbed
 * @returns null when verified, else why not
 */
export async function shakeHands(
  poster: Poster,
  { app, object, callbackUrl, verifyToken }: Candidate,
  name = `${app}/${object}`,
): Promise<string | null> {
  const challenge = String(randomInt(CHALLENGES));
  const url = new URL(callbackUrl);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.challenge', challenge);
  url.searchParams.set('hub.verify_token', verifyToken);
  const answer = await poster.get({ name, url: url.href });
  if (answer.error !== null) return answer.error;
  return answer.body.trim() === challenge ? null : 'did not echo the challenge';
}
