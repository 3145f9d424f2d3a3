/**
 * Attachments that apps save: the row first, then the file. So whatever a crash leaves behind has a row by which upkeep
 * finds it; an id is told to its app only when both stand.
 */

import { randomBytes, randomInt } from 'node:crypto';
import type { Observer } from '../observe/observer.ts';
import type { AppId, PageId } from '../protocol/ids.ts';
import { ATTACHMENT_KEPT_MS, type Files, type SavedAge, type SavedAttachment } from '../store/attachments.ts';
import type { Store } from '../store/port.ts';
import type { Clock } from './clock.ts';
import { NotWritten } from './overloaded.ts';
import { createQuota } from './quota.ts';

/** Of the name of a file, which whoever knows it may read. */
const KEY_BYTES = 24;
/** How often another id is drawn where the first is taken. */
const ID_TRIES = 5;

type BroughtFile = {
  readonly kind: 'file';
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
};

/** What is to be saved: at an address, or the file itself. */
export type Saving = {
  readonly page: PageId;
  readonly app: AppId;
  readonly type: string;
  readonly from: { readonly kind: 'address'; readonly url: string } | BroughtFile;
};

export type SavedAttachments = {
  /** Null where the page has as much as it may. Throws `NotWritten`, with nothing left behind, for want of disk. */
  save(saving: Saving): Promise<SavedAttachment | null>;
  /** Null when this page has none under the id, or none any more. */
  find(page: PageId, id: string): Promise<SavedAttachment | null>;
  /** The file behind an address of ours; null when there is none, or none any more. */
  open(key: string): Promise<{
    readonly saved: SavedAttachment;
    readonly file: NonNullable<Awaited<ReturnType<Files['open']>>>;
  } | null>;
  /** Takes it away before its time. */
  discard(saved: SavedAttachment): Promise<void>;
  /**
   * Takes away up to `limit` that are over or have been let go, by age, from behind `after`. A file that cannot be
   * removed is told of and passed over. Says where it stopped, or null at the end, and how many are left behind.
   */
  forget(range: { readonly after: SavedAge | null; readonly limit: number }): Promise<{
    readonly after: SavedAge | null;
    readonly left: number;
  }>;
};

export type SavedAttachmentsOptions = {
  readonly store: Pick<Store, 'attachments'>;
  readonly files: Files;
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'fault'>;
};

export function createSavedAttachments(options: SavedAttachmentsOptions): SavedAttachments {
  const { files, clock, observer } = options;
  const rows = options.store.attachments;
  const quota = createQuota(rows);

  /** The row of what there is room for. */
  async function writeRow(fresh: Omit<SavedAttachment, 'id'>): Promise<SavedAttachment> {
    for (let tries = 1; tries <= ID_TRIES; tries++) {
      const saved = { ...fresh, id: newId() };
      if (await orNotWritten(rows.save(saved))) return saved;
    }
    throw new Error(`no id for an attachment was free in ${ID_TRIES} tries`);
  }

  async function writeFile(saved: SavedAttachment, bytes: Uint8Array): Promise<void> {
    if (saved.from.kind !== 'file') return;
    try {
      await files.save(saved.from.key, bytes);
    } catch (error) {
      await forgetAll([saved]);
      throw new NotWritten(new Error(`attachment ${saved.id} was not saved`, { cause: error }));
    }
  }

  /** Says how many could not be taken away. */
  async function forgetAll(all: readonly SavedAttachment[]): Promise<number> {
    const gone: SavedAttachment[] = [];
    for (const saved of all) if (await isRemoved(saved)) gone.push(saved);
    await quota.forget(gone).catch((error: unknown) => observer.fault('attachments', error));
    return all.length - gone.length;
  }

  /** Only with its file a row may go: it is what the file is found by. */
  async function isRemoved({ id, from }: SavedAttachment): Promise<boolean> {
    try {
      if (from.kind === 'file') await files.remove(from.key);
      return true;
    } catch (error) {
      observer.fault('attachments', error, { attachment: id });
      return false;
    }
  }

  const isOver = ({ savedAt }: SavedAttachment): boolean => savedAt + ATTACHMENT_KEPT_MS <= clock.now();

  return {
    async save({ page, app, type, from: given }) {
      const from = given.kind === 'file' ? named(given) : given;
      const fresh = { page, app, type, from, savedAt: clock.now() };
      if (!(await quota.take(fresh))) return null;
      const saved = await writeRow(fresh).catch((error: unknown) => {
        quota.give(fresh);
        throw error;
      });
      if (given.kind === 'file') await writeFile(saved, given.bytes);
      return saved;
    },
    async find(page, id) {
      const saved = await rows.find(id);
      return saved === null || saved.page !== page || isOver(saved) ? null : saved;
    },
    async open(key) {
      const saved = await rows.findFile(key);
      if (saved === null || isOver(saved)) return null;
      try {
        const file = await files.open(key);
        return file === null ? null : { saved, file };
      } catch (error) {
        throw new Error(`attachment ${saved.id} cannot be read`, { cause: error });
      }
    },
    async discard(saved) {
      await forgetAll([saved]);
    },
    async forget({ after, limit }) {
      const old = await rows.old(clock.now() - ATTACHMENT_KEPT_MS, { after, limit });
      const left = await forgetAll(old);
      const last = old.length < limit ? undefined : old.at(-1);
      return { after: last === undefined ? null : { savedAt: last.savedAt, id: last.id }, left };
    },
  };
}

async function orNotWritten<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw new NotWritten(error);
  }
}

const named = ({ kind, filename, contentType, bytes }: BroughtFile) => ({
  kind,
  filename,
  contentType,
  size: bytes.length,
  key: randomBytes(KEY_BYTES).toString('base64url'),
});

/** 15 digits: below 2^53 (W3). */
const newId = (): string => `8${String(randomInt(2 ** 46)).padStart(14, '0')}`;
