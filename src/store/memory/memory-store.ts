import type { Instant } from '../../protocol/time.ts';
import { answerOf, type PlacedAnswer } from '../answer.ts';
import { createClaims } from '../claims.ts';
import { createJudge } from '../judge.ts';
import { type Attempt, type Lane, MAX_ATTEMPTS_KEPT, type Notice, type Store } from '../port.ts';
import { toldApps } from '../told.ts';
import { createAnswers, nameOf } from './answers.ts';
import { createAsides } from './asides.ts';
import { createAttachments } from './attachments.ts';
import { createBlanking } from './blanking.ts';
import { changed, configOf, EMPTY, pageOf } from './configuration.ts';
import { createOutbox } from './outbox.ts';
import { type Stage, stage } from './stage.ts';
import { createThreads } from './threads.ts';

/**
 * A store that lives and dies with the process: for tests, and for a sandbox that is to leave nothing behind.
 * @param options.now the clock that `validUntil` is compared with
 */
export function createMemoryStore({ now }: { readonly now: () => Instant }): Store {
  const threads = createThreads();
  const outbox = createOutbox();
  const asides = createAsides();
  const attachments = createAttachments();
  const blanking = createBlanking({ threads, outbox, asides, attachments });
  const answers = createAnswers();
  const claims = createClaims(now);
  const settings = new Map<string, string>();
  let configuration = EMPTY;
  let attempts: Attempt[] = [];

  function write({ written }: Stage): void {
    for (const each of written) {
      threads.write(each);
      const { page, psid } = each.thread;
      for (const recorded of each.events) {
        for (const app of toldApps(recorded)) outbox.add({ app, page, psid }, recorded.seq);
      }
    }
  }

  const noticesOf = (lane: Lane, limit: number): Notice[] =>
    outbox.seqs(lane, limit).flatMap((seq) => {
      const { app, page, psid } = lane;
      const found = threads.events(lane, { after: seq - 1, limit: 1 });
      return found.map((recorded) => ({ app, page, psid, recorded }));
    });

  return {
    load: async (key) => threads.find(key)?.thread ?? null,

    async commit(commits) {
      const instant = now();
      const judge = createJudge();
      const given = new Map<string, PlacedAnswer>();
      const staged = stage(threads, commits, (commit, seq) => {
        const answer = answerOf(commit);
        const pageVersion = pageOf(configuration, commit.thread.page)?.version ?? null;
        const isAnswered =
          answer !== null && (given.has(nameOf(answer)) || answers.find(answer, instant) !== null);
        const outcome = judge(commit, { seq, pageVersion, isAnswered, now: instant });
        if (answer !== null && outcome === 'committed') given.set(nameOf(answer), answer);
        return outcome;
      });
      write(staged);
      for (const answer of given.values()) answers.keep(answer, instant);
      return staged.outcomes;
    },

    due: async (until, limit) => threads.due(until, limit),
    ownedBy: async (page, app, range) => threads.ownedBy(page, app, range),
    threads: async (page, range) => threads.list(page, range),
    events: async (key, range) => threads.events(key, range),
    message: async (mid) => threads.message(mid),

    config: async () => configOf(configuration),

    async changeConfig(change) {
      if (change.expectedVersion !== configuration.version) return null;
      const staged = stage(threads, change.commits, (commit, seq) =>
        commit.expectedSeq === seq ? 'committed' : 'stale_thread',
      );
      if (staged.outcomes.some((outcome) => outcome !== 'committed')) return null;
      configuration = changed(configuration, change);
      write(staged);
      return configuration.version;
    },

    claim: async (node, forMs) => claims.claim(node, forMs),
    release: async (node, buckets) => claims.release(node, buckets),

    waitingLanes: async (range) => outbox.lanes(range),
    waiting: async (lane, limit) => noticesOf(lane, limit),
    waitingOf: async (key) => outbox.ofThread(key),

    async settle(delivered, tried) {
      for (const each of delivered) if (claims.isCurrent(each, each.fence)) outbox.remove(each, each.seq);
      attempts = [...attempts, ...tried].slice(-MAX_ATTEMPTS_KEPT);
    },

    async setAside(notices) {
      const current = notices.filter((each) => claims.isCurrent(each, each.fence));
      for (const each of current) outbox.remove(each, each.seq);
      asides.write(current.map(({ fence: _, ...aside }) => aside));
    },
    asides: async (filter) => asides.latest(filter),
    async requeue(notices) {
      for (const { seq, ...lane } of notices) {
        outbox.add(lane, seq);
        asides.remove(lane, seq);
      }
    },
    countWaiting: async (app) => outbox.count(app),

    attempts: async ({ app, limit }) =>
      attempts
        .filter((attempt) => app === null || attempt.app === app)
        .reverse()
        .slice(0, limit),

    answer: async (name) => {
      const found = answers.find(name, now());
      return found === null ? null : { fingerprint: found.fingerprint, body: found.body };
    },
    forgetAnswers: async (limit) => answers.forget(now(), limit),

    async forgetAttempts(before, limit) {
      const old = new Set(attempts.filter(({ at }) => at < before).slice(0, limit));
      attempts = attempts.filter((each) => !old.has(each));
      return old.size;
    },

    blankTexts: async (page, range) => blanking.blankTexts(page, range),
    erase: async (key) => blanking.erase(key),

    attachments,

    setting: async (name) => settings.get(name) ?? null,

    async saveSetting(name, value) {
      settings.set(name, value);
    },

    async [Symbol.asyncDispose]() {},
  };
}
