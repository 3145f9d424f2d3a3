/** [A3, A4] App Review: an app asks for a feature, the operator decides, and what is decided holds at once. */

import type { AppId } from '../protocol/ids.ts';
import type { ReviewRecord } from '../store/access.ts';
import { ALL_FEATURES, type AppRecord, type Config, type Feature } from '../store/config.ts';
import type { Runtime } from './runtime.ts';

/** Most requests and decisions of an app that are remembered; the oldest that is decided gives way. */
export const MAX_REVIEWS = 100;

type Access = Pick<Runtime, 'clock' | 'configuration' | 'change'>;

/** Asks for a feature. Asking again while nobody has decided renews the note. `granted`: the app has it already. */
export async function askReview(
  { clock, change }: Access,
  { app, feature, note }: { readonly app: AppId; readonly feature: Feature; readonly note: string },
): Promise<ReviewRecord | 'granted'> {
  let asked: ReviewRecord | 'granted' = 'granted';
  await change((config) => {
    const record = config.apps.find(({ id }) => id === app);
    asked = 'granted';
    if (record?.advancedAccess.includes(feature) === true) return { put: [] };
    const open = openReview(config, app, feature);
    const value = {
      ...(open ?? newReview(config, app, feature)),
      note,
      askedAt: open?.askedAt ?? clock.now(),
    };
    asked = value;
    return { put: [{ kind: 'review', value }], remove: forgotten(config, value) };
  });
  return asked;
}

/** Grants a feature to an app, or refuses it, or takes it away. */
export async function decideReview(
  { clock, change }: Access,
  decided: {
    readonly app: AppId;
    readonly feature: Feature;
    readonly granted: boolean;
    readonly reason: string;
  },
): Promise<void> {
  const { app: id, feature, granted, reason } = decided;
  await change((config) => {
    const app = config.apps.find((each) => each.id === id);
    if (app === undefined) return { put: [] };
    const decision = { granted, reason, at: clock.now() };
    const review = openReview(config, id, feature) ?? {
      ...newReview(config, id, feature),
      askedAt: decision.at,
    };
    return {
      put: [
        { kind: 'review', value: { ...review, decision } },
        { kind: 'app', value: withFeature(app, feature, granted) },
      ],
      remove: forgotten(config, review),
    };
  });
}

const withFeature = (app: AppRecord, feature: Feature, granted: boolean): AppRecord => ({
  ...app,
  advancedAccess: ALL_FEATURES.filter((each) =>
    each === feature ? granted : app.advancedAccess.includes(each),
  ),
});

const reviewsOf = ({ reviews }: Config, app: AppId): readonly ReviewRecord[] =>
  reviews.filter((each) => each.app === app);

const openReview = (config: Config, app: AppId, feature: Feature): ReviewRecord | undefined =>
  reviewsOf(config, app).find((each) => each.feature === feature && each.decision === null);

const numberOf = ({ id }: ReviewRecord): number => Number(id.slice(id.indexOf('/') + 1));

function newReview(config: Config, app: AppId, feature: Feature): ReviewRecord {
  const number = 1 + Math.max(0, ...reviewsOf(config, app).map(numberOf));
  return { id: `${app}/${number}`, app, feature, note: '', askedAt: 0, decision: null };
}

/** What gives way to this one; to one that is remembered already, nothing. */
const forgotten = (config: Config, { app, id: next }: ReviewRecord) => {
  const own = reviewsOf(config, app);
  if (own.length < MAX_REVIEWS || own.some(({ id }) => id === next)) return [];
  return own
    .filter(({ decision }) => decision !== null)
    .slice(0, own.length - MAX_REVIEWS + 1)
    .map(({ id }) => ({ kind: 'review' as const, key: id }));
};
