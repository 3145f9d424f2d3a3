import type { Recorded } from '../protocol/event.ts';
import type { AppId } from '../protocol/ids.ts';

/** The apps for which an event may ever wait: also those that missed it, for it may be sent to them again. */
export const laneApps = ({ audience }: Recorded): readonly AppId[] =>
  audience.filter(({ outcome }) => outcome.told).map(({ app }) => app);

/** Whether an app that should have been told of an event was switched off then. */
export const isMissed = ({ audience }: Recorded): boolean =>
  audience.some(({ outcome }) => outcome.told && outcome.missed === true);

/** The apps for which an event enters the outbox, in the order of its audience. */
export const toldApps = ({ audience }: Recorded): readonly AppId[] =>
  audience.filter(({ outcome }) => outcome.told && outcome.missed !== true).map(({ app }) => app);
