import type { PageId } from '../protocol/ids.ts';
import type { Commit, KeptAnswer } from './port.ts';

/** An answer with the page on which its key counts. */
export type PlacedAnswer = KeptAnswer & { readonly page: PageId };

/** The answer that a commit wants kept; null when it wants none. */
export const answerOf = ({ answer, thread }: Commit): PlacedAnswer | null =>
  answer === undefined ? null : { ...answer, page: thread.page };
