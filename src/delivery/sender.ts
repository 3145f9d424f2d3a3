/** Sending notices: one request, signed, and what came of it written down. */

import type { Observer } from '../observe/observer.ts';
import type { SpanStart, TraceContext } from '../observe/spans.ts';
import type { JsonObject } from '../protocol/message.ts';
import { withheldFrom } from '../protocol/withheld.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory, Endpoint } from '../runtime/directory.ts';
import type { Origin } from '../runtime/ports.ts';
import type { Notice } from '../store/port.ts';
import { eventId, serialise, signatures } from '../wire/bytes.ts';
import { standardHeaders } from '../wire/standard-webhooks.ts';
import { mergeNotices, renderNotice } from '../wire/webhook.ts';
import type { Posted, Poster } from './poster.ts';
import type { Settler } from './settler.ts';

export type Sender = {
  /**
   * Why a notice must not go out any more: the app has left, its customer's role or the field is gone, or it cannot be
   * put into words; else its payload.
   */
  prepare(notice: Notice, endpoint: Endpoint): Prepared | { readonly setAside: string };
  /** Posts notices of one page and one channel in one request. Whether the endpoint took them. */
  send(postings: readonly Posting[], endpoint: Endpoint): Promise<boolean>;
};

export type Prepared = { readonly notice: Notice; readonly body: JsonObject; readonly channel: string };

/** A notice on its way: its fence, where it comes from, and whether nothing has been tried for it here before. */
export type Posting = {
  readonly prepared: Prepared;
  /** Under which its lane's turn was begun. */
  readonly fence: number;
  readonly origin: Origin | null;
  readonly isFirst: boolean;
};

export type SenderOptions = {
  readonly directory: Directory;
  readonly poster: Poster;
  readonly settler: Settler;
  readonly clock: Clock;
  /** The machine's time, whatever a sandbox makes of it. */
  readonly machine: Clock;
  readonly observer: Observer;
};

export function createSender(options: SenderOptions): Sender {
  const { directory, poster, settler, clock, machine, observer } = options;
  return {
    prepare(notice, { platform }) {
      const { app, page, psid, recorded } = notice;
      const addressed = recorded.audience.find((each) => each.app === app);
      const snapshot = directory.page(page);
      if (addressed === undefined || snapshot === null) return { setAside: 'not addressed' };
      const { channel } = addressed;
      const withheld = withheldFrom(snapshot, { app, psid, channel }, recorded.event);
      if (withheld !== null) return { setAside: withheld.reason };
      const body = renderNotice({ page: { id: page, platform }, app, psid, recorded });
      return body === null ? { setAside: 'nothing to tell' } : { notice, body, channel };
    },

    async send(postings, endpoint) {
      const [head] = postings;
      if (head === undefined) return true;
      const first = head.prepared.notice;
      const bytes = serialise(mergeNotices(postings.map(({ prepared }) => prepared.body)));
      const id = eventId(first, first.recorded);
      const at = clock.now();
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'baton',
        ...signatures(endpoint.secrets[0], bytes),
        ...standardHeaders(endpoint.secrets, { id, sentAt: machine.now(), bytes }),
      };
      const { status, error, durationMs } = await post(postings, endpoint, (traced) =>
        poster.post(
          { name: endpoint.name, url: endpoint.webhook.callbackUrl },
          bytes,
          traced === null ? headers : { ...headers, ...traced },
        ),
      );
      for (const posting of postings) {
        const { notice } = posting.prepared;
        const { app, page, psid, recorded } = notice;
        const attempt = { app, page, psid, seq: recorded.seq, at, status, error, durationMs };
        settler.add(attempt, error === null ? posting.fence : null);
        const event = notice === first ? id : eventId(notice, recorded);
        const sinceCommitMs = sinceCommit(posting);
        observer.attempt({ app, event, status, error, durationMs, sinceCommitMs });
      }
      return error === null;
    },
  };

  /** In a span that goes on from the call by which the first notice came to be. */
  function post(
    postings: readonly Posting[],
    endpoint: Endpoint,
    send: (traced: TraceContext | null) => Promise<Posted>,
  ): Promise<Posted> {
    const { traces } = observer;
    if (traces === null) return send(null);
    return traces.within(spanOf(postings, endpoint), async () => {
      const posted = await send(traces.current());
      traces.note({ 'http.response.status_code': posted.status }, posted.error);
      return posted;
    });
  }

  /** Of a notice that is not at hand any more, only when its event was is known. */
  function sinceCommit({ prepared, origin, isFirst }: Posting): number | null {
    if (!isFirst) return null;
    if (origin !== null) return performance.now() - origin.committedAtMs;
    return Math.max(0, clock.now() - prepared.notice.recorded.at);
  }
}

function spanOf(postings: readonly Posting[], { name, webhook }: Endpoint): SpanStart {
  const [from = null, ...alsoFrom] = postings.map(({ origin }) => origin?.trace ?? null);
  return {
    name: `webhook ${webhook.object}`,
    kind: 'webhook',
    from,
    alsoFrom: alsoFrom.filter((each) => each !== null),
    fields: {
      'http.request.method': 'POST',
      'baton.app': webhook.app,
      'baton.callback': name,
      'baton.events': postings.length,
      'baton.first_attempt': postings[0]?.isFirst ?? true,
    },
  };
}
