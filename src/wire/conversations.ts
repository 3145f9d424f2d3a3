/** Conversations and messages as apps read them. */

import { type AppId, type Mid, type PageId, type Psid, parsePageId, parsePsid } from '../protocol/ids.ts';
import type { Attachment, JsonObject } from '../protocol/message.ts';
import type { Page } from '../protocol/page.ts';
import type { Instant } from '../protocol/time.ts';
import { attachmentWithoutPayloads } from './payloads.ts';

/** The id of a thread: nothing has to be looked up to make it or to read it. */
export const conversationId = (page: PageId, psid: Psid): string => `t_${page}_${psid}`;

/** The thread that an id names; null for what is no such id. */
export function parseConversationId(text: string): { readonly page: PageId; readonly psid: Psid } | null {
  const [, first = '', second = ''] = /^t_([0-9]+)_([0-9]+)$/.exec(text) ?? [];
  const [page, psid] = [parsePageId(first), parsePsid(second)];
  return page === null || psid === null ? null : { page, psid };
}

/** An instant as Graph writes it. */
export const renderTime = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}+0000`;

/** A customer's name where the page knows none. */
export const nameOfCustomer = (name: string | null | undefined, psid: Psid): string =>
  name ?? `Customer ${psid}`;

/** The two who talk. */
export type Parties = {
  readonly page: Pick<Page, 'id' | 'name'>;
  readonly psid: Psid;
  readonly name: string;
};

const pageParty = ({ page }: Parties): JsonObject => ({ id: page.id, name: page.name });
const customerParty = ({ psid, name }: Parties): JsonObject => ({ id: psid, name });

/** A thread. `is_owner` is there only where it is asked of the rules of that mode. */
export const renderConversation = (
  parties: Parties,
  facts: {
    readonly updatedAt: Instant;
    readonly canReply: boolean;
    /** Null: the page's mode has no such field. */
    readonly isOwner: boolean | null;
  },
): JsonObject => ({
  id: conversationId(parties.page.id, parties.psid),
  updated_time: renderTime(facts.updatedAt),
  participants: { data: [customerParty(parties), pageParty(parties)] },
  can_reply: facts.canReply,
  ...(facts.isOwner === null ? {} : { is_owner: facts.isOwner }),
});

/** Something that was said. */
export type Said = {
  readonly mid: Mid;
  readonly at: Instant;
  /** The app that said it; null: the customer. */
  readonly app: AppId | null;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  /** [S2] What its sender is told of it; null: not said. */
  readonly status: string | null;
};

/** @param reader to whom it is shown */
export function renderMessage(said: Said, parties: Parties, reader: AppId): JsonObject {
  const [from, to] =
    said.app === null
      ? [customerParty(parties), pageParty(parties)]
      : [pageParty(parties), customerParty(parties)];
  const shown =
    said.app === reader || said.app === null
      ? said.attachments
      : said.attachments.map(attachmentWithoutPayloads);
  return {
    id: said.mid,
    created_time: renderTime(said.at),
    from,
    to: { data: [to] },
    message: said.text ?? '',
    ...(shown.length === 0 ? {} : { attachments: { data: shown.map(renderAttachment) } }),
    ...(said.status === null ? {} : { status: said.status }),
  };
}

function renderAttachment({ type, payload }: Attachment): JsonObject {
  const url = payload['url'];
  const place =
    typeof url !== 'string'
      ? {}
      : type === 'image' || type === 'video'
        ? { [`${type}_data`]: { url } }
        : { file_url: url };
  return { type, ...place, payload };
}
