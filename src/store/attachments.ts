/** Attachments that apps have saved, to be sent or sent again: a row each, and the file where it was uploaded. */

import type { Event } from '../protocol/event.ts';
import type { AppId, PageId } from '../protocol/ids.ts';
import { DAY_MS, type Instant } from '../protocol/time.ts';

export type SavedAttachment = {
  /** Digits, below 2^53. */
  readonly id: string;
  readonly page: PageId;
  /** Who saved it. */
  readonly app: AppId;
  /** `image`, `audio`, `video` or `file`. */
  readonly type: string;
  readonly from: SavedPlace;
  readonly savedAt: Instant;
};

/** Where its bytes are. */
export type SavedPlace =
  | { readonly kind: 'address'; readonly url: string }
  | {
      readonly kind: 'file';
      /** What it is called among the files; nobody can guess it. */
      readonly key: string;
      readonly filename: string;
      readonly contentType: string;
      /** In bytes. */
      readonly size: number;
    };

/** [WIRE 3.4] How long a saved attachment can be used; at that very millisecond it is over. */
export const ATTACHMENT_KEPT_MS = 90 * DAY_MS;

/**
 * The attachment that goes with a message: the file came with it, and nobody can use it again. The store lets go of it
 * where it takes away the texts of the message.
 */
export const uploadOf = (event: Event): string | null =>
  event.type === 'message_sent' ? (event.message.upload ?? null) : null;

/** What a page has saved. */
export type Usage = {
  readonly attachments: number;
  /** Of the files among them. */
  readonly bytes: number;
};

/** A place in the order (savedAt, id). */
export type SavedAge = Pick<SavedAttachment, 'savedAt' | 'id'>;

/** When an attachment that was let go was saved: it is the first that is old. */
export const LET_GO: Instant = 0;
/** What is left of an attachment that was let go: what upkeep must know of its file, and no name. */
export const letGo = (saved: SavedAttachment): SavedAttachment => ({
  ...saved,
  from: saved.from.kind === 'file' ? { ...saved.from, filename: '' } : saved.from,
  savedAt: LET_GO,
});

/** The group of the port `Store` that keeps the rows. A row is written once, and changed only by `letGo`. */
export type Attachments = {
  /** Writes a row; false, and nothing is written, where another stands under its id. */
  save(attachment: SavedAttachment): Promise<boolean>;
  find(id: string): Promise<SavedAttachment | null>;
  /** The one whose file has this key. */
  findFile(key: string): Promise<SavedAttachment | null>;
  /** Up to `limit` that were saved at or before an instant, by (savedAt, id), from behind `after`. */
  old(
    until: Instant,
    range: { readonly after: SavedAge | null; readonly limit: number },
  ): Promise<readonly SavedAttachment[]>;
  /** What each page has saved; pages without anything may be missing. Looks at every row. */
  usage(): Promise<ReadonlyMap<PageId, Usage>>;
  /** Takes rows out; they need not exist. */
  forget(ids: readonly string[]): Promise<void>;
};

/**
 * Where the bytes of uploaded files are kept. Names are letters, digits, `-` and `_`; whoever knows one may read the
 * file, so no fault tells it.
 */
export type Files = {
  /** When it answers, the file survives a crash of the machine; before, and when it rejects, there is none under the name. */
  save(name: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is no such file. The content is a stream of Node, whose types those of the test kit do without. */
  open(name: string): Promise<{ readonly size: number; readonly content: AsyncIterable<Uint8Array> } | null>;
  /** It need not exist. */
  remove(name: string): Promise<void>;
};
