/** Secrets of apps: at most two are good at once, the second for as long as its owners need to change over. */

import { randomBytes } from 'node:crypto';
import type { PersonId } from '../protocol/ids.ts';
import { DAY_MS, type Instant } from '../protocol/time.ts';
import type { AppRecord } from '../store/config.ts';

const SECRET_BYTES = 32;
/** Longest that the secret before stays good beside a new one. */
export const MAX_GRACE_MS = 30 * DAY_MS;

/** In hex, as apps' consoles show them. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('hex');

/** The secrets that are good now, the newest first. At the very millisecond of its end the old one is worth nothing. */
export function secretsOf(
  { secret, previousSecret }: Pick<AppRecord, 'secret' | 'previousSecret'>,
  now: Instant,
): readonly [string, ...string[]] {
  return previousSecret !== null && now < previousSecret.until ? [secret, previousSecret.secret] : [secret];
}

/** The app with another secret, the present one good for a while yet. */
export const rotateSecret = (
  app: AppRecord,
  { secret, now, graceMs }: { readonly secret: string; readonly now: Instant; readonly graceMs: number },
): AppRecord => ({
  ...app,
  secret,
  previousSecret: graceMs === 0 ? null : { secret: app.secret, until: now + graceMs },
});

/** [A3] Whether a person may sign in to an app: while it is in development, only with a role on it. */
export const mayUse = (app: AppRecord, person: PersonId): boolean =>
  app.live || app.roles.some((each) => each.person === person);
