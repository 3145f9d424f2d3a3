import type { PageId } from '../../protocol/ids.ts';
import { type Attachments, letGo, type SavedAge, type SavedAttachment, type Usage } from '../attachments.ts';
import { compareText } from './threads.ts';

/** The rows, and letting go of one of a page, which need not exist. */
export type AttachmentRows = Attachments & { letGo(page: PageId, id: string): void };

export function createAttachments(): AttachmentRows {
  const rows = new Map<string, SavedAttachment>();
  const inOrder = (): SavedAttachment[] => [...rows.values()].sort(compare);
  return {
    async save(attachment) {
      if (rows.has(attachment.id)) return false;
      rows.set(attachment.id, attachment);
      return true;
    },
    find: async (id) => rows.get(id) ?? null,
    findFile: async (key) =>
      [...rows.values()].find(({ from }) => from.kind === 'file' && from.key === key) ?? null,
    old: async (until, { after, limit }) =>
      inOrder()
        .filter((each) => each.savedAt <= until && (after === null || compare(each, after) > 0))
        .slice(0, limit),
    async usage() {
      const pages = new Map<PageId, Usage>();
      for (const { page, from } of rows.values()) {
        const { attachments, bytes } = pages.get(page) ?? { attachments: 0, bytes: 0 };
        const size = from.kind === 'file' ? from.size : 0;
        pages.set(page, { attachments: attachments + 1, bytes: bytes + size });
      }
      return pages;
    },
    letGo(page, id) {
      const found = rows.get(id);
      if (found?.page === page) rows.set(id, letGo(found));
    },
    async forget(ids) {
      for (const id of ids) rows.delete(id);
    },
  };
}

const compare = (a: SavedAge, b: SavedAge): number => a.savedAt - b.savedAt || compareText(a.id, b.id);
