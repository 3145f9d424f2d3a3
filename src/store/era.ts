/**
 * Eras of a store: one begins with each restoration, since numbers of events are used again from there on. Events bear
 * the era in which they were written, and so does their id; those from before the first restoration have none.
 */

import type { Recorded } from '../protocol/event.ts';

/** The setting by which a store knows its era. */
export const ERA_SETTING = 'era';

/** An era, as chance draws it and `parseEra` reads it: lower-case hex. */
export const ERA_BYTES = 6;

/** Null: it is none. */
export const parseEra = (text: string): string | null =>
  text.length === 2 * ERA_BYTES && /^[0-9a-f]+$/.test(text) ? text : null;

/** Events as they are written in an era; null: in none. */
export const inEra = (events: readonly Recorded[], era: string | null): readonly Recorded[] =>
  era === null ? events : events.map((recorded) => ({ ...recorded, era }));
