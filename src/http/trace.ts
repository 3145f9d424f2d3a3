/** The id of an error's answer: a fault is found by it again in the log. */

import { randomBytes } from 'node:crypto';

const BYTES = 9;

export const newTraceId = (): string => `A${randomBytes(BYTES).toString('base64url')}`;
