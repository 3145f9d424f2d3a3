import { FIRST } from './001-first.ts';

/** Every migration in order; the first leads to version 1. Append only: what has been released is never changed. */
export const MIGRATIONS: readonly string[] = [FIRST];
