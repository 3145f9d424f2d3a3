import type { Instant } from '../../protocol/time.ts';
import type { PlacedAnswer } from '../answer.ts';
import { type AnswerName, IDEMPOTENCY_MS } from '../port.ts';

/** The kept answers of a memory store. */
export type Answers = {
  /** Null when none is kept, or none any more. */
  find(name: AnswerName, now: Instant): PlacedAnswer | null;
  keep(answer: PlacedAnswer, now: Instant): void;
  /** Takes out up to `limit` that are over, and says how many. */
  forget(now: Instant, limit: number): number;
};

export function createAnswers(): Answers {
  const kept = new Map<string, { readonly answer: PlacedAnswer; readonly at: Instant }>();
  const isOver = (at: Instant, now: Instant): boolean => at + IDEMPOTENCY_MS <= now;
  return {
    find(name, now) {
      const found = kept.get(nameOf(name));
      return found === undefined || isOver(found.at, now) ? null : found.answer;
    },
    keep: (answer, now) => void kept.set(nameOf(answer), { answer, at: now }),
    forget(now, limit) {
      const over = [...kept].filter(([, { at }]) => isOver(at, now)).slice(0, limit);
      for (const [name] of over) kept.delete(name);
      return over.length;
    },
  };
}

/** Ids are digits, so that whatever a key holds, no two names are the same text. */
export const nameOf = ({ app, page, key }: AnswerName): string => `${app}/${page}/${key}`;
