/** A page of the test: its people in the inbox, and what is written down of its threads. */

import type { Driver } from '../sandbox.ts';

/** One change of control. */
export type HistoryLine = {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** `pass`, `take`, `request`, `release`, `expiry`, `primary_receiver` and so on. */
  readonly cause: string;
  /** The app that did it; null where the customer or time did. */
  readonly actorAppId: string | null;
  /** Null: nobody had control. */
  readonly previousOwnerAppId: string | null;
  /** Null: nobody has control from then on. */
  readonly newOwnerAppId: string | null;
  readonly metadata: string | null;
};

/** An app that asks the people in the inbox for control. */
export type InboxRequest = { readonly appId: string; readonly metadata: string | null };

/** What the people in the inbox see of a thread beside what was said. */
export type InboxThread = {
  readonly folder: 'main' | 'general' | 'done';
  /** Null: nobody has control. */
  readonly ownerAppId: string | null;
  readonly requests: readonly InboxRequest[];
};

/** A page of the test. */
export type TestPage = {
  readonly id: string;
  /** What people do in the page's inbox. */
  readonly inbox: {
    /** Looks where the thread stands, and who asks for it. */
    looks(psid: string): Promise<InboxThread>;
    /** Answers, and takes control by that; the message's id. */
    replies(psid: string, text: string): Promise<string>;
    /** Moves the thread to a folder: *main* takes control, *done* gives it up. */
    moves(psid: string, folder: 'main' | 'general' | 'done'): Promise<void>;
    /** Passes control to an app. */
    passes(
      psid: string,
      target: { readonly to: string; readonly metadata?: string | undefined },
    ): Promise<void>;
  };
  /** Every change of control of a thread, oldest first. */
  history(psid: string): Promise<readonly HistoryLine[]>;
};

export function pageOf(driver: Driver, id: string): TestPage {
  const inbox = (psid: string): string => `/pages/${id}/inbox/${psid}`;
  return {
    id,
    inbox: {
      async looks(psid) {
        const seen = (await driver.sandbox('GET', inbox(psid))) as WireInbox;
        return {
          folder: seen.folder,
          ownerAppId: seen.owner_app_id,
          requests: seen.requests.map(({ app_id: appId, metadata }) => ({ appId, metadata })),
        };
      },
      async replies(psid, text) {
        const body = await driver.sandbox('POST', `${inbox(psid)}/reply`, { text });
        return String(body['message_id']);
      },
      async moves(psid, folder) {
        await driver.sandbox('POST', `${inbox(psid)}/move`, { folder });
      },
      async passes(psid, { to, metadata }) {
        await driver.sandbox('POST', `${inbox(psid)}/pass`, { target_app_id: to, metadata });
      },
    },
    async history(psid) {
      const body = await driver.sandbox('GET', `/pages/${id}/threads/${psid}/history`);
      return (body['history'] as readonly WireLine[]).map((line) => ({
        at: line.at,
        cause: line.cause,
        actorAppId: line.actor_app_id,
        previousOwnerAppId: line.previous_owner_app_id,
        newOwnerAppId: line.new_owner_app_id,
        metadata: line.metadata,
      }));
    },
  };
}

type WireLine = {
  readonly at: number;
  readonly cause: string;
  readonly actor_app_id: string | null;
  readonly previous_owner_app_id: string | null;
  readonly new_owner_app_id: string | null;
  readonly metadata: string | null;
};

type WireInbox = {
  readonly folder: InboxThread['folder'];
  readonly owner_app_id: string | null;
  readonly requests: readonly { readonly app_id: string; readonly metadata: string | null }[];
};
