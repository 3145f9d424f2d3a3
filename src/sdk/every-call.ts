/** Every call that is one request or a list, on whichever caller. */

import { attachmentCalls } from './attachment-calls.ts';
import type { Caller } from './calls.ts';
import type { Client } from './client.ts';
import { pageCalls } from './page-calls.ts';
import { profileCalls } from './profile-calls.ts';
import { readingCalls } from './reading-calls.ts';
import { threadCalls } from './thread-calls.ts';

/** The calls of a client, made on a caller. */
export const callsOn = (call: Caller): Omit<Client, 'appId' | 'control' | 'batch'> => ({
  call,
  ...threadCalls(call),
  ...pageCalls(call),
  ...profileCalls(call),
  ...attachmentCalls(call),
  ...readingCalls(call),
});
