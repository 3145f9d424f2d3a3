/**
 * Which buckets this node delivers (store/buckets.ts), as one of several nodes or the only one. It claims its share and
 * renews it; what it gains it loads, what it has lost it drops, and of what it has too much it gives back as much,
 * once nothing of it is in flight. When it could not renew in time, because it was frozen or its store did not answer,
 * it begins nothing until it has.
 */

import { randomUUID } from 'node:crypto';
import type { Observer } from '../observe/observer.ts';
import type { Clock } from '../runtime/clock.ts';
import { BUCKETS, type Share } from '../store/buckets.ts';
import type { Store } from '../store/port.ts';

/** How long a claim lasts, and how often it is renewed. */
export const CLAIM_MS = 15_000;
const RENEW_EVERY_MS = 5_000;

export type Tenure = {
  /** The fence under which a bucket's lanes are worked on; null: it is another node's, or about to be. */
  fenceOf(bucket: number): number | null;
  /** Whether all that waited in it has been found; until then something older may stand in front of what is new. */
  isLoaded(bucket: number): boolean;
  /** Whether the claims are good now; if not, they are renewed. */
  isCurrent(): boolean;
  /** Renews the claims when it is time. */
  look(): void;
  /** Claims what there is to have; answers when it has been loaded. */
  begin(): Promise<void>;
  /** Answers when no claim is under way. */
  settled(): Promise<void>;
  /** A turn begins or has ended in a bucket. */
  enter(bucket: number): void;
  leave(bucket: number): void;
  /** Gives everything back. */
  end(): Promise<void>;
};

export type TenureOptions = {
  readonly store: Pick<Store, 'claim' | 'release'>;
  readonly machine: Clock;
  readonly observer: Observer;
  /** Finds the lanes of buckets where something waits. */
  readonly load: (buckets: ReadonlySet<number>) => Promise<void>;
  /** Forgets the lanes of buckets, save those in flight. */
  readonly drop: (buckets: ReadonlySet<number>) => void;
  /** The claims are good again. */
  readonly goOn: () => void;
};

export function createTenure({ store, machine, observer, load, drop, goOn }: TenureOptions): Tenure {
  const node = randomUUID();
  const inFlight = new Array<number>(BUCKETS).fill(0);
  const leaving = new Set<number>();
  const unloaded = new Set<number>();
  let fences: ReadonlyMap<number, number> = new Map();
  let renewAt = 0;
  let endsAt = 0;
  let renewing: Promise<void> | null = null;
  let isOver = false;

  const fenceOf = (bucket: number): number | null =>
    leaving.has(bucket) ? null : (fences.get(bucket) ?? null);

  function take({ claims }: Share): void {
    const before = fences;
    fences = new Map(claims.map(({ bucket, fence }) => [bucket, fence]));
    const lost = [...before].filter(([bucket, fence]) => fences.get(bucket) !== fence);
    for (const [bucket] of lost) {
      leaving.delete(bucket);
      unloaded.delete(bucket);
    }
    if (lost.length > 0) drop(new Set(lost.map(([bucket]) => bucket)));
    for (const [bucket, fence] of fences) if (before.get(bucket) !== fence) unloaded.add(bucket);
  }

  /** Other nodes have come: what is over the fair share goes, the highest first, when nothing of it is in flight. */
  async function giveBack({ claims, fairShare }: Share): Promise<void> {
    for (const { bucket } of claims.slice(fairShare)) leaving.add(bucket);
    if (leaving.size === 0) return;
    drop(leaving);
    const free = [...leaving].filter((bucket) => inFlight[bucket] === 0);
    if (free.length === 0) return;
    await store.release(node, free);
    for (const bucket of free) leaving.delete(bucket);
    const gone = new Set(free);
    fences = new Map([...fences].filter(([bucket]) => !gone.has(bucket)));
  }

  async function claim(): Promise<void> {
    const askedAt = machine.now();
    const share = await store.claim(node, CLAIM_MS);
    endsAt = askedAt + CLAIM_MS;
    renewAt = askedAt + RENEW_EVERY_MS;
    take(share);
    await giveBack(share);
    const asked = new Set([...unloaded].filter((bucket) => fenceOf(bucket) !== null));
    if (asked.size > 0) await load(asked);
    for (const bucket of asked) unloaded.delete(bucket);
  }

  function renew(): void {
    if (renewing !== null || isOver) return;
    renewAt = machine.now() + RENEW_EVERY_MS;
    renewing = claim()
      .catch((error: unknown) => observer.fault('delivery', error))
      .then(() => {
        renewing = null;
        goOn();
      });
  }

  const isCurrent = (): boolean => machine.now() < endsAt;

  return {
    fenceOf,
    isLoaded: (bucket) => !unloaded.has(bucket),
    isCurrent() {
      if (isCurrent()) return true;
      // A store that did not answer is asked again when it is time to.
      if (machine.now() >= renewAt) renew();
      return false;
    },
    look() {
      if (machine.now() >= renewAt || (leaving.size > 0 && isCurrent())) renew();
    },
    begin: claim,
    async settled() {
      while (renewing !== null) await renewing;
    },
    enter: (bucket) => {
      inFlight[bucket] = (inFlight[bucket] ?? 0) + 1;
    },
    leave: (bucket) => {
      inFlight[bucket] = (inFlight[bucket] ?? 0) - 1;
    },
    async end() {
      isOver = true;
      await renewing;
      await store.release(node, null).catch((error: unknown) => observer.fault('delivery', error));
    },
  };
}
