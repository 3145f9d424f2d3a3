/** [A5] Access tokens are never stored, only their hashes. */

import { hash } from 'node:crypto';

/** The name under which a token is found: its SHA-256 in lower-case hex. */
export const hashToken = (token: string): string => hash('sha256', token, 'hex');
