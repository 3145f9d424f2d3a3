import type { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../../protocol/time.ts';
import { answerOf } from '../answer.ts';
import { createClaims } from '../claims.ts';
import { createJudge } from '../judge.ts';
import type { Store } from '../port.ts';
import { closedVault, type Vault, WrongKey } from '../vault.ts';
import { createAnswers } from './answers.ts';
import { createAsides } from './asides.ts';
import { createAttachments } from './attachments.ts';
import { createAttempts } from './attempts.ts';
import { createBlanking } from './blanking.ts';
import { writeCommit } from './commit.ts';
import { createConfiguration } from './config/configuration.ts';
import { sealAll } from './config/sealing.ts';
import { compact, createTransact, openReading, openWriting, overwriting, withoutFlush } from './database.ts';
import { createEvents } from './events.ts';
import { compactUnmarked, createHeads } from './heads.ts';
import { assertCurrent, migrate } from './migrate.ts';
import { createOutbox } from './outbox.ts';
import { createSettings } from './settings.ts';
import { createThreads } from './threads.ts';
import { createTransactions } from './transactions.ts';

/** Rows of threads that a commit writes when too many are behind, besides two for each thread of its own. */
export const CATCH_UP_ROWS = 16;

export type SqliteOptions = {
  /** The database file; it and its folder are made when missing. */
  readonly path: string;
  /** The clock that `validUntil` is compared with. */
  readonly now: () => Instant;
  /**
   * Reads beside a server that runs, and rejects every write. The file must exist and be of this program's version.
   * `due`, `ownedBy` and `threads` answer as of a moment ago, and after a crash as of the last moment before it; all
   * else is read as it is.
   */
  readonly readOnly?: boolean;
  /** Opens and seals secrets. Without one each reads as an empty text, and apps and callbacks cannot be written. */
  readonly vault?: Vault;
};

/**
 * The embedded store: one SQLite file, written by one process. Each method does its work on the calling thread before
 * it returns; a commit costs a flush of the disk, however many threads it holds, so callers gather.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  try {
    const db = options.readOnly === true ? openReading(options.path) : await openWriting(options.path);
    try {
      const { readOnly = false, vault = closedVault } = options;
      (readOnly ? assertCurrent : migrate)(db);
      if (!readOnly) sealAll(db, vault, { transact: createTransact(db), compact: () => compactUnmarked(db) });
      return createStore(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof WrongKey)
      throw new WrongKey(`cannot open the database ${options.path}: ${error.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot open the database ${options.path}: ${reason}`, { cause: error });
  }
}

function createStore(
  db: DatabaseSync,
  { now, readOnly: isReader = false, vault = closedVault }: SqliteOptions,
): Store {
  const threads = createThreads(db);
  const events = createEvents(db);
  const outbox = createOutbox(db, isReader);
  const answers = createAnswers(db);
  const attempts = createAttempts(db);
  const asides = createAsides(db);
  const settings = createSettings(db);
  const configuration = createConfiguration(db, vault);
  const heads = createHeads(db, { threads, events });
  const tables = { heads, events, outbox };
  const attachments = createAttachments(db);
  const blanking = createBlanking(db, { ...tables, asides, attachments });
  const claims = createClaims(now);
  const { transact, ...rows } = createTransactions(db, { heads, configuration, outbox, isReader });
  rows.catchUp();

  return {
    async load(key) {
      // A reader is told by nobody that the writer has gone on.
      if (isReader) heads.forget();
      return heads.find(key).thread;
    },

    async commit(commits) {
      const outcomes = transact(() => {
        const instant = now();
        const judge = createJudge();
        const all = commits.map((each) => {
          const answer = answerOf(each);
          const outcome = writeCommit(tables, each, (commit, seq) => {
            const pageVersion = configuration.pageVersion(commit.thread.page);
            const isAnswered = answer !== null && answers.has(answer, instant);
            return judge(commit, { seq, pageVersion, isAnswered, now: instant });
          });
          if (answer !== null && outcome === 'committed') answers.keep(answer, instant);
          return outcome;
        });
        heads.catchUpSome(2 * commits.length + CATCH_UP_ROWS);
        return all;
      });
      rows.catchUpSoon();
      return outcomes;
    },

    async due(until, limit) {
      rows.catchUpIndexes();
      return threads.due(until, limit);
    },
    async ownedBy(page, app, range) {
      rows.catchUpIndexes();
      return threads.ownedBy(page, app, range);
    },
    async threads(page, range) {
      rows.catchUp();
      return threads.list(page, range);
    },
    events: async (key, range) => events.list(key, range),
    message: async (mid) => events.message(mid),

    config: async () => configuration.read(),

    changeConfig: async (change) =>
      transact(
        () => {
          if (change.expectedVersion !== configuration.version()) return null;
          const outcomes = change.commits.map((each) =>
            writeCommit(tables, each, (commit, seq) =>
              commit.expectedSeq === seq ? 'committed' : 'stale_thread',
            ),
          );
          if (outcomes.some((outcome) => outcome !== 'committed')) return null;
          return configuration.write(change);
        },
        (version) => version !== null,
      ),

    claim: async (node, forMs) => claims.claim(node, forMs),
    release: async (node, buckets) => claims.release(node, buckets),

    waitingLanes: async (range) => outbox.lanes(range),
    waiting: async (lane, limit) => outbox.notices(lane, limit),
    waitingOf: async (key) => outbox.ofThread(key),

    settle: async (delivered, tried) =>
      withoutFlush(db, () =>
        transact(() => {
          for (const each of delivered) if (claims.isCurrent(each, each.fence)) outbox.remove(each, each.seq);
          attempts.write(tried);
        }),
      ),

    setAside: async (notices) =>
      withoutFlush(db, () =>
        transact(() => {
          const current = notices.filter((each) => claims.isCurrent(each, each.fence));
          for (const each of current) outbox.remove(each, each.seq);
          asides.write(current);
        }),
      ),
    asides: async (filter) => asides.latest(filter),
    requeue: async (notices) =>
      transact(() => {
        for (const { seq, ...lane } of notices) {
          outbox.add(lane, seq);
          asides.remove(lane, seq);
        }
      }),
    countWaiting: async (app) => outbox.count(app),

    attempts: async (filter) => attempts.latest(filter),

    answer: async (name) => answers.find(name, now()),
    forgetAnswers: async (limit) => withoutFlush(db, () => answers.forget(now(), limit)),
    forgetAttempts: async (before, limit) => withoutFlush(db, () => attempts.forget(before, limit)),

    blankTexts: async (page, range) =>
      withoutFlush(db, () => overwriting(db, () => transact(() => blanking.blankTexts(page, range)))),

    async erase(key) {
      const erased = overwriting(db, () => transact(() => blanking.erase(key)));
      if (erased === null) return null;
      transact(heads.unmark);
      compact(db);
      transact(heads.catchUp);
      return erased;
    },

    attachments,

    setting: async (name) => settings.read(name),
    saveSetting: async (name, value) => settings.write(name, value),

    async [Symbol.asyncDispose]() {
      if (!db.isOpen) return;
      rows.stop();
      db.close();
    },
  };
}
