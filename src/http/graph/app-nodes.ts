/** Calls with an app token: what the app is called, where it hears of pages, and what it asks App Review for. */

import type { JsonObject } from '../../protocol/message.ts';
import { unixSeconds } from '../../protocol/time.ts';
import { askReview } from '../../runtime/review.ts';
import { secretsOf } from '../../runtime/secrets.ts';
import type { ReviewRecord } from '../../store/access.ts';
import { ALL_FEATURES } from '../../store/config.ts';
import { checkText } from '../../wire/checks.ts';
import { problemOf } from '../../wire/problem.ts';
import { appWith } from './access.ts';
import { type Answer, answerWith, failFor } from './answer.ts';
import { showApp } from './app-node.ts';
import type { AppCall } from './call.ts';
import { changeWhile } from './change-as.ts';
import type { Place } from './graph.ts';
import { answerFrom, type OwnRoutes, unknownNode } from './own-routes.ts';
import { onSubscriptions, type SubscriptionCall } from './subscriptions.ts';

/** Longest note with a request to App Review, in characters. */
export const MAX_NOTE = 2_000;

export const APP_ROUTES: OwnRoutes<AppCall> = new Map([
  ['', { GET: async (call: AppCall) => showApp(call, call.caller.app) }],
  ['subscriptions', onSubscriptions(readOwn)],
  ['review_requests', { GET: listReviews, POST: requestReview }],
]);

/** An app token speaks of its own app only. */
export async function answerApp(call: AppCall, place: Place): Promise<Answer> {
  const isOwn = place.node === call.caller.app.id;
  if (!isOwn && (place.edge === null || APP_ROUTES.has(place.edge)))
    return unknownNode(place.node, place.method);
  return answerFrom(APP_ROUTES, call, place);
}

function readOwn(call: AppCall): SubscriptionCall {
  const { id, secret } = call.caller.app;
  const isAllowed = (): boolean => {
    const app = call.runtime.configuration.app(id);
    return app !== null && secretsOf(app, call.runtime.clock.now()).includes(secret);
  };
  return { ...call, app: id, isAllowed };
}

/** [A3, A4] `POST /{app}/review_requests {feature, note}` */
async function requestReview({ runtime, caller, parameters }: AppCall): Promise<Answer> {
  const feature = ALL_FEATURES.find((each) => each === parameters.text('feature'));
  if (feature === undefined)
    return failFor(problemOf('feature', `must be one of ${ALL_FEATURES.join(', ')}`));
  const note = parameters.value('note') ?? '';
  const problem = checkText(note, 'note', { min: 0, max: MAX_NOTE });
  if (problem !== null) return failFor(problem);
  const { app, secret } = caller;
  const change = changeWhile(runtime, () => appWith(runtime, app.id, secret) !== null);
  const asked = await askReview({ ...runtime, change }, { app: app.id, feature, note: String(note) });
  if (asked === 'granted') return failFor(problemOf('feature', 'is granted to this app already'));
  return answerWith(renderReview(asked));
}

async function listReviews({ runtime, caller }: AppCall): Promise<Answer> {
  const { reviews } = runtime.configuration.current();
  return answerWith({ data: reviews.filter(({ app }) => app === caller.app.id).map(renderReview) });
}

const renderReview = ({ id, feature, note, askedAt, decision }: ReviewRecord): JsonObject => ({
  id,
  feature,
  note,
  asked_at: unixSeconds(askedAt),
  status: decision === null ? 'open' : decision.granted ? 'granted' : 'rejected',
  ...(decision === null ? {} : { decided_at: unixSeconds(decision.at), reason: decision.reason }),
});
