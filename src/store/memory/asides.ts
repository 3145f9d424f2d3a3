import type { AppId } from '../../protocol/ids.ts';
import { type Lane, MAX_ASIDES_KEPT, type SetAside } from '../port.ts';

/** What is not delivered by itself any more. */
export type Asides = {
  write(notices: readonly SetAside[]): void;
  remove(lane: Lane, seq: number): void;
  has(lane: Lane, seq: number): boolean;
  /** Those written last come first. */
  latest(filter: { readonly app: AppId | null; readonly limit: number }): readonly SetAside[];
};

export function createAsides(): Asides {
  let kept: readonly SetAside[] = [];
  const isOf = (lane: Lane, seq: number) => (each: SetAside) =>
    each.app === lane.app && each.page === lane.page && each.psid === lane.psid && each.seq === seq;
  return {
    write(notices) {
      kept = [...kept, ...notices].slice(-MAX_ASIDES_KEPT);
    },
    remove(lane, seq) {
      const isThis = isOf(lane, seq);
      kept = kept.filter((each) => !isThis(each));
    },
    has: (lane, seq) => kept.some(isOf(lane, seq)),
    latest: ({ app, limit }) =>
      kept
        .filter((each) => app === null || each.app === app)
        .toReversed()
        .slice(0, limit),
  };
}
