/**
 * The upkeep of the store: takes out answers that are over, texts that are older than their page keeps them, and old
 * attempts and saved attachments. Nothing waits for it; it goes a small batch at a time, so that it disturbs nobody. What
 * fails is told of and tried again in the next round; it stops nothing else.
 */

import type { Observer } from '../observe/observer.ts';
import type { PageId } from '../protocol/ids.ts';
import { DAY_MS, HOUR_MS } from '../protocol/time.ts';
import type { SavedAge } from '../store/attachments.ts';
import type { Store, TextPlace } from '../store/port.ts';
import type { SavedAttachments } from './attachments.ts';
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
  readonly attachments: Pick<SavedAttachments, 'forget'>;
  readonly observer: Pick<Observer, 'fault'>;
};

/** One way through all pages; each call is one batch. Answers whether more is to be done. */
type Round = () => Promise<boolean>;

/** One piece of work; where it fails that is told, and `otherwise` stands for what it would have answered. */
type Try = <Value>(work: string, otherwise: Value, run: () => Promise<Value>) => Promise<Value>;

export function createUpkeep(options: UpkeepOptions): Upkeep {
  const { store, clock, observer } = options;
  let round: Round | null = null;
  let nextRoundAt = 0;

  const trying: Try = async (work, otherwise, run) => {
    try {
      return await run();
    } catch (error) {
      observer.fault('upkeep', error, { work });
      return otherwise;
    }
  };
  const forgetAnswers = (): Promise<number> => trying('answers', 0, () => store.forgetAnswers(UPKEEP_GROUP));

  return {
    async step() {
      await forgetAnswers();
      if (round === null && clock.now() < nextRoundAt) return;
      if (round === null) {
        round = beginRound(options, trying);
        nextRoundAt = clock.now() + ROUND_EVERY_MS;
      }
      if (!(await round())) round = null;
    },
    async run() {
      while ((await forgetAnswers()) === UPKEEP_GROUP) await others();
      const whole = beginRound(options, trying);
      while (await whole()) await others();
    },
  };
}

/** Attachments last: those that went with texts are taken away in the same round. */
function beginRound(options: UpkeepOptions, trying: Try): Round {
  const { store, clock, attachments } = options;
  const blankSome = blanking(options, trying);
  let hasOldAttempts = true;
  let hasOldAttachments = true;
  let after: SavedAge | null = null;
  return async () => {
    if (hasOldAttempts) {
      const before = clock.now() - ATTEMPTS_KEPT_MS;
      const forgotten = await trying('attempts', 0, () => store.forgetAttempts(before, UPKEEP_GROUP));
      hasOldAttempts = forgotten === UPKEEP_GROUP;
    }
    if (await blankSome()) return true;
    if (hasOldAttachments) {
      const range = { after, limit: UPKEEP_GROUP };
      ({ after } = await trying('attachments', { after: null, left: 0 }, () => attachments.forget(range)));
      hasOldAttachments = after !== null;
    }
    return hasOldAttempts || hasOldAttachments;
  };
}

/** Blanks old texts, page by page. */
function blanking({ store, configuration, clock }: UpkeepOptions, trying: Try): Round {
  const pages = configuration
    .current()
    .pages.flatMap(({ id, retentionDays }) => (retentionDays === null ? [] : [{ id, retentionDays }]));
  let after: TextPlace | null = null;

  async function blank(id: PageId, days: number, limit: number): Promise<number> {
    const now = clock.now();
    const range = { before: now - days * DAY_MS, dropBefore: now - UNDELIVERED_KEPT_MS, after, limit };
    const nothing = { looked: 0, after: null };
    const found = await trying('texts', nothing, () => store.blankTexts(id, range));
    after = found.after;
    return found.looked;
  }

  return async () => {
    let left = UPKEEP_GROUP;
    for (let looked = 0; looked < UPKEEP_PAGES && left > 0; looked++) {
      const [page] = pages;
      if (page === undefined) return false;
      left -= await blank(page.id, page.retentionDays, left);
      if (after === null) pages.shift();
    }
    return pages.length > 0;
  };
}

/** Lets whatever else waits go first. */
const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
