import { FIRST } from './001-first.ts';
import { ANSWERS_AND_TEXTS } from './002-answers-and-texts.ts';
import { HEALTH } from './003-health.ts';
import { ROWS_BEHIND } from './004-rows-behind.ts';
import { MODES_AND_PROFILE } from './005-modes-and-profile.ts';
import { ACCESS } from './006-access.ts';
import { ATTACHMENTS } from './007-attachments.ts';

/** Every migration in order; the first leads to version 1. Append only: what has been released is never changed. */
export const MIGRATIONS: readonly string[] = [
  FIRST,
  ANSWERS_AND_TEXTS,
  HEALTH,
  ROWS_BEHIND,
  MODES_AND_PROFILE,
  ACCESS,
  ATTACHMENTS,
];
