/**
 * The upkeep of the store: takes out answers that are over, texts that are older than their page keeps them, and old
 * attempts. Nothing waits for it; it goes a small batch at a time, so that it disturbs nobody.
 */

import type { PageId } from '../protocol/ids.ts';
import { DAY_MS, HOUR_MS } from '../protocol/time.ts';
import type { Store, TextPlace } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Configuration } from './configuration.ts';

/** Most rows that are taken out at once, of each kind. */
export const UPKEEP_GROUP = 128;
/** Most pages whose texts are looked at in one step. */
export const UPKEEP_PAGES = 64;
/** How often old texts and attempts are looked for, all pages in one round. */
export const ROUND_EVERY_MS = HOUR_MS;
/** How long attempts are kept. */
export const ATTEMPTS_KEPT_MS = 7 * DAY_MS;
/** [W8] How long what an app has missed can still reach it; its texts wait for that, whatever the page keeps. */
export const UNDELIVERED_KEPT_MS = 7 * DAY_MS;

export type Upkeep = {
  /** One batch of each kind, as far as there is anything to do. */
  step(): Promise<void>;
  /** Everything that is due by now. */
  run(): Promise<void>;
};

export type UpkeepOptions = {
  readonly store: Pick<Store, 'forgetAnswers' | 'forgetAttempts' | 'blankTexts'>;
  readonly configuration: Pick<Configuration, 'current'>;
  readonly clock: Clock;
};

/** One way through all pages; each call is one batch. Answers whether more is to be done. */
type Round = () => Promise<boolean>;

export function createUpkeep({ store, configuration, clock }: UpkeepOptions): Upkeep {
  let round: Round | null = null;
  let nextRoundAt = 0;

  /** Blanks texts of one page; answers where it stopped, and how many more may be looked at in this batch. */
  async function blank(
    { id, retentionDays }: { readonly id: PageId; readonly retentionDays: number },
    { after, limit }: { readonly after: TextPlace | null; readonly limit: number },
  ): Promise<{ readonly after: TextPlace | null; readonly left: number }> {
    const now = clock.now();
    const before = now - retentionDays * DAY_MS;
    const found = await store.blankTexts(id, { before, dropBefore: now - UNDELIVERED_KEPT_MS, after, limit });
    return { after: found.after, left: limit - found.looked };
  }

  function beginRound(): Round {
    const pages = configuration
      .current()
      .pages.flatMap(({ id, retentionDays }) => (retentionDays === null ? [] : [{ id, retentionDays }]));
    let after: TextPlace | null = null;
    let hasOldAttempts = true;
    return async () => {
      if (hasOldAttempts) {
        const forgotten = await store.forgetAttempts(clock.now() - ATTEMPTS_KEPT_MS, UPKEEP_GROUP);
        hasOldAttempts = forgotten === UPKEEP_GROUP;
      }
      let left = UPKEEP_GROUP;
      for (let looked = 0; looked < UPKEEP_PAGES && left > 0; looked++) {
        const [page] = pages;
        if (page === undefined) return hasOldAttempts;
        ({ after, left } = await blank(page, { after, limit: left }));
        if (after === null) pages.shift();
      }
      return true;
    };
  }

  return {
    async step() {
      await store.forgetAnswers(UPKEEP_GROUP);
      if (round === null && clock.now() < nextRoundAt) return;
      if (round === null) {
        round = beginRound();
        nextRoundAt = clock.now() + ROUND_EVERY_MS;
      }
      if (!(await round())) round = null;
    },
    async run() {
      while ((await store.forgetAnswers(UPKEEP_GROUP)) === UPKEEP_GROUP) await others();
      const whole = beginRound();
      while (await whole()) await others();
    },
  };
}

/** Lets whatever else waits go first. */
const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
