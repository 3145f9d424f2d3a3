/** The id by which an error is found again in the log. */

import { randomBytes } from 'node:crypto';

const BYTES = 9;

export const newTraceId = (): string => `A${randomBytes(BYTES).toString('base64url')}`;
