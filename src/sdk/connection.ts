/** Where a client calls, and how patient it is. */

import { type Asker, createAsker } from './calls.ts';

const DEFAULT_VERSION = 'v24.0';
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_FIRST_PAUSE_MS = 250;

/** What every client needs to know. */
export type ConnectionOptions = {
  /** Where Baton is: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** `v24.0` unless told otherwise. */
  readonly version?: string | undefined;
  /** How long one try of a call may take, in milliseconds: 10,000 unless told otherwise. */
  readonly timeoutMs?: number | undefined;
  /** The pause before a second try, in milliseconds: 250 unless told otherwise. Further ones are twice as long each. */
  readonly firstPauseMs?: number | undefined;
  /** Another `fetch` than the global one. */
  readonly fetch?: typeof fetch | undefined;
};

/** Calls with one token. Holds no connection open. */
export const connect = (options: ConnectionOptions, token: string): Asker =>
  createAsker({
    base: `${options.url.replace(/\/+$/, '')}/${options.version ?? DEFAULT_VERSION}`,
    token,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    firstPauseMs: options.firstPauseMs ?? DEFAULT_FIRST_PAUSE_MS,
  });
