/** Sending notices: one request, signed, and what came of it written down. */

import type { Observer } from '../observe/observer.ts';
import type { JsonObject } from '../protocol/message.ts';
import { withheldFrom } from '../protocol/withheld.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Directory, Endpoint } from '../runtime/directory.ts';
import type { Notice } from '../store/port.ts';
import { eventId, serialise, signatures } from '../wire/bytes.ts';
import { standardHeaders } from '../wire/standard-webhooks.ts';
import { mergeNotices, renderNotice } from '../wire/webhook.ts';
import type { Poster } from './poster.ts';
import type { Settler } from './settler.ts';

export type Sender = {
  /**
   * Why a notice must not go out any more: the app has left, its customer's role or the field is gone, or it cannot be
   * put into words; else its payload.
   */
  prepare(notice: Notice, endpoint: Endpoint): Prepared | { readonly setAside: string };
  /** Posts notices of one page and one channel in one request. Whether the endpoint took them. */
  send(prepared: readonly Prepared[], endpoint: Endpoint): Promise<boolean>;
};

export type Prepared = { readonly notice: Notice; readonly body: JsonObject; readonly channel: string };

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

    async send(prepared, endpoint) {
      const [first] = prepared;
      if (first === undefined) return true;
      const bytes = serialise(mergeNotices(prepared.map(({ body }) => body)));
      const id = eventId(first.notice, first.notice.recorded.seq);
      const at = clock.now();
      const { status, error, durationMs } = await poster.post(
        { name: endpoint.name, url: endpoint.webhook.callbackUrl },
        bytes,
        {
          'content-type': 'application/json',
          'user-agent': 'baton',
          ...signatures(endpoint.secrets[0], bytes),
          ...standardHeaders(endpoint.secrets, { id, sentAt: machine.now(), bytes }),
        },
      );
      for (const { notice } of prepared) {
        const { app, page, psid, recorded } = notice;
        settler.add({ app, page, psid, seq: recorded.seq, at, status, error, durationMs }, error === null);
        const event = notice === first.notice ? id : eventId(notice, recorded.seq);
        observer.attempt({ app, event, status, error, durationMs });
      }
      return error === null;
    },
  };
}
