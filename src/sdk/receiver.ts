/**
 * Receives webhooks, with web-standard requests and answers, so that it runs wherever `fetch` does.
 *
 * What it promises:
 * - Only what is signed with the app's secret, over the exact bytes, reaches a listener.
 * - An event is answered 200 when its listener is done, and 500 when it throws: Baton then delivers it again. So a
 *   listener runs at least once for every event, and once for an event that is delivered again after it was done, or
 *   while it is being handled, as long as the event is remembered: the last `MAX_EVENTS_REMEMBERED`, in memory. Across
 *   restarts, `event.key` names an event for a database.
 * - Events of a thread are handled one at a time, in the order in which Baton sends them; when one fails, none behind it
 *   is handled before it. `delivery` says where events are missing: those that Baton has set aside may come later.
 *
 * Baton waits 5 seconds for an answer and sends the next event of a thread only then. A listener that takes longer is
 * not run twice, but counts as failing; longer work goes on after the listener has returned.
 */

import type { EventSource, HandoverEvent, MessagingEvent, StandbyEvent, WebhookEvent } from './events.ts';
import { createIntake } from './intake.ts';
import { parseJson } from './json.ts';
import { eventsOf } from './read-events.ts';
import { createVerify } from './signature.ts';
import { bytesUpTo } from './stream.ts';

/** Most events under way at once; a webhook that would bring more is answered 503, unless nothing is under way. */
export const MAX_EVENTS_UNDER_WAY = 1_000;
/** Largest body of a webhook, in bytes. */
export const MAX_WEBHOOK_BYTES = 16_777_216;

/** How an event came. */
export type Delivery = {
  /** How many events this app was to be told of this thread before this one, and was not; null: not known. */
  readonly missedBefore: number | null;
  /** Whether a later event of the thread was handled before it: one that was set aside, and sent again. */
  readonly isLate: boolean;
};

/** What it returns is waited for; what it throws makes Baton deliver the event again. */
export type Listener<Event> = (event: Event, delivery: Delivery) => unknown;

/** Whose webhooks are received, and who listens. */
export type ReceiverOptions = {
  /** The app's secret. */
  readonly secret: string;
  /** What Baton shows in the handshake. */
  readonly verifyToken: string;
  /** Events of threads that the app controls, and what is meant for it in person. */
  readonly onMessaging?: Listener<MessagingEvent> | undefined;
  /** What is said in threads that another app controls, or nobody: to be read, not answered. */
  readonly onStandby?: Listener<StandbyEvent> | undefined;
  /** Control has come, has gone, or is asked for. */
  readonly onHandover?: Listener<HandoverEvent> | undefined;
  /** Every event for which there is none of the above. */
  readonly onEvent?: Listener<WebhookEvent> | undefined;
  /** Hears what a listener threw; without it the console does. */
  readonly onError?: ((error: unknown, event: WebhookEvent) => void) | undefined;
};

/** Receives the webhooks of one app; can be watched. */
export type Receiver = EventSource & {
  /** Answers a handshake (GET) or a webhook (POST), whatever the path. Never rejects. */
  handle(request: Request): Promise<Response>;
};

/** A receiver of one app. @throws TypeError when the secret is empty */
export function createReceiver(options: ReceiverOptions): Receiver {
  const verify = createVerify(options.secret);
  const intake = createIntake(options);

  async function receive(request: Request): Promise<Response> {
    const bytes = await bytesUpTo(request.body, MAX_WEBHOOK_BYTES);
    if (bytes === null) return answer(413);
    if (!(await verify(bytes, request.headers.get('x-hub-signature-256')))) return answer(401);
    const body = parseJson(new TextDecoder().decode(bytes));
    if (body === undefined) return answer(400);
    const events = eventsOf(body);
    const before = intake.underWay();
    if (before > 0 && before + events.length > MAX_EVENTS_UNDER_WAY) return answer(503);
    const results = await Promise.allSettled(events.map(intake.accept));
    return results.every(({ status }) => status === 'fulfilled')
      ? answer(200, 'EVENT_RECEIVED')
      : answer(500);
  }

  return {
    async handle(request) {
      if (request.method === 'GET') return shakeHands(new URL(request.url), options.verifyToken);
      if (request.method !== 'POST') return answer(405);
      // A body that breaks off half-way.
      return receive(request).catch(() => answer(400));
    },
    watch: intake.watch,
  };
}

/** The challenge is echoed to whoever knows the token that was agreed on. */
function shakeHands(url: URL, verifyToken: string): Response {
  const query = url.searchParams;
  const isKnown = query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === verifyToken;
  return isKnown ? answer(200, query.get('hub.challenge') ?? '') : answer(403);
}

const answer = (status: number, text = ''): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/plain' } });
