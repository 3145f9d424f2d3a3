import type { AppId } from '../../protocol/ids.ts';
import type { Lane, ThreadKey } from '../port.ts';

/** Which events wait for which apps. */
export type Outbox = {
  add(lane: Lane, seq: number): void;
  remove(lane: Lane, seq: number): void;
  has(lane: Lane, seq: number): boolean;
  /** Lanes by (app, page, psid). */
  lanes(range: { readonly after: Lane | null; readonly limit: number }): readonly Lane[];
  /** In order. */
  seqs(lane: Lane, limit: number): readonly number[];
  count(app: AppId): number;
  /** By (app, seq). */
  ofThread(key: ThreadKey): readonly { readonly app: AppId; readonly seq: number }[];
};

/** Ids are digits and `/` comes before all of them, so names have the order of (app, page, psid). */
const nameOf = ({ app, page, psid }: Lane): string => `${app}/${page}/${psid}`;

/** Seqs of a lane are mostly added in growing order; what is queued again is not. */
type Waiting = { readonly lane: Lane; readonly seqs: Set<number> };

export function createOutbox(): Outbox {
  const waiting = new Map<string, Waiting>();
  const behind = (name: string): Waiting[] =>
    [...waiting]
      .filter(([each]) => each > name)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, found]) => found);

  return {
    add({ app, page, psid }, seq) {
      const lane = { app, page, psid };
      const found = waiting.get(nameOf(lane)) ?? { lane, seqs: new Set() };
      waiting.set(nameOf(lane), found);
      found.seqs.add(seq);
    },

    remove(lane, seq) {
      const found = waiting.get(nameOf(lane));
      found?.seqs.delete(seq);
      if (found?.seqs.size === 0) waiting.delete(nameOf(lane));
    },

    has: (lane, seq) => waiting.get(nameOf(lane))?.seqs.has(seq) === true,

    lanes: ({ after, limit }) =>
      behind(after === null ? '' : nameOf(after))
        .slice(0, limit)
        .map(({ lane }) => lane),

    seqs: (lane, limit) => [...(waiting.get(nameOf(lane))?.seqs ?? [])].sort((a, b) => a - b).slice(0, limit),

    count: (app) =>
      behind('')
        .filter(({ lane }) => lane.app === app)
        .reduce((sum, { seqs }) => sum + seqs.size, 0),

    ofThread: ({ page, psid }) =>
      behind('')
        .filter(({ lane }) => lane.page === page && lane.psid === psid)
        .flatMap(({ lane, seqs }) => [...seqs].map((seq) => ({ app: lane.app, seq }))),
  };
}
