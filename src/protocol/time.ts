/** Instants and durations. Everything is a whole number of milliseconds; nothing in this folder reads a clock. */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** [I1] How long control lasts without activity. */
export const LEASE_MS = DAY_MS;
/** [C10] Shortest extension, in seconds. */
export const MIN_EXTENSION_SECONDS = 1;
/** [C10] Longest extension, in seconds: seven days. */
export const MAX_EXTENSION_SECONDS = 604_800;
/** [C10] The extension that is meant when a call names none, in seconds. */
export const DEFAULT_EXTENSION_SECONDS = 86_400;

/** [H2] After an act of the customer, how long an ordinary message may be sent. */
export const WINDOW_MS = DAY_MS;
/** [H2] The same for a human agent, a survey and the inbox. */
export const LONG_WINDOW_MS = 7 * DAY_MS;

/** [I3] An instant in unix seconds, rounded down, as `expiration` shows it. */
export const unixSeconds = (at: Instant): number => Math.floor(at / SECOND_MS);
