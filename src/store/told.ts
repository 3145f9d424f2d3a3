import type { Recorded } from '../protocol/event.ts';
import type { AppId } from '../protocol/ids.ts';

/** The apps for which an event enters the outbox, in the order of its audience. */
export const toldApps = ({ audience }: Recorded): readonly AppId[] =>
  audience.filter(({ outcome }) => outcome.told).map(({ app }) => app);
