/** [A5] Access tokens are never stored, only their hashes. */

import { createHmac, hash, randomBytes } from 'node:crypto';

/** Of what cannot be guessed. */
const TOKEN_BYTES = 32;

/** The name under which a token is found: its SHA-256 in lower-case hex. */
export const hashToken = (token: string): string => hash('sha256', token, 'hex');

/** A token that nobody has. */
export const newToken = (): string => `BT${randomBytes(TOKEN_BYTES).toString('base64url')}`;

/**
 * The Page token that a user token gives. The same one each time, so that asking for it adds nothing to what is kept;
 * and only whoever holds the user token can work it out, since nothing but that one's hash is stored.
 */
export function derivePageToken(
  userToken: string,
  of: {
    readonly app: string;
    readonly page: string;
    readonly person: string;
    /** As of `UserToken`. */
    readonly version: number;
  },
): string {
  const name = `${of.app}/${of.page}/${of.person}/${of.version}`;
  return `BP${createHmac('sha256', userToken).update(name).digest('base64url')}`;
}
