/** How much each page has saved: counted once from the store, and kept up from then on. */

import type { PageId } from '../protocol/ids.ts';
import type { Attachments, SavedAttachment, Usage } from '../store/attachments.ts';

/** Most attachments that a page has saved at a time, files that came with messages among them. */
export const MAX_PAGE_ATTACHMENTS = 100_000;
/** Most bytes of uploaded files that a page has at a time. */
export const MAX_PAGE_FILE_BYTES = 21_474_836_480;

type Counted = Omit<SavedAttachment, 'id'>;

export type Quota = {
  /** Makes room for one; false where the page has as many, or as much, as it may. */
  take(saved: Counted): Promise<boolean>;
  /** Room for one that was taken is not needed. */
  give(saved: Counted): void;
  /** Takes rows out of the store, and what they are from the count. */
  forget(gone: readonly SavedAttachment[]): Promise<void>;
};

const NOTHING: Usage = { attachments: 0, bytes: 0 };
const bytesOf = ({ from }: Counted): number => (from.kind === 'file' ? from.size : 0);

export function createQuota(rows: Pick<Attachments, 'usage' | 'forget'>): Quota {
  let counting: Promise<Map<PageId, Usage>> | null = null;

  async function count(): Promise<Map<PageId, Usage>> {
    try {
      return new Map(await rows.usage());
    } catch (error) {
      counting = null;
      throw error;
    }
  }

  function add(counted: Map<PageId, Usage>, saved: Counted, times: 1 | -1): void {
    const { attachments, bytes } = counted.get(saved.page) ?? NOTHING;
    counted.set(saved.page, {
      attachments: attachments + times,
      bytes: bytes + times * bytesOf(saved),
    });
  }

  /** Of rows whose count is broken nothing is taken off: it is counted anew. */
  const takeOff = (counted: typeof counting, gone: readonly Counted[]): void =>
    void counted?.then(
      (map) => gone.forEach((each) => void add(map, each, -1)),
      () => undefined,
    );

  return {
    async take(saved) {
      counting ??= count();
      const counted = await counting;
      const { attachments, bytes } = counted.get(saved.page) ?? NOTHING;
      if (attachments >= MAX_PAGE_ATTACHMENTS || bytes + bytesOf(saved) > MAX_PAGE_FILE_BYTES) return false;
      add(counted, saved, 1);
      return true;
    },
    give: (saved) => takeOff(counting, [saved]),
    async forget(gone) {
      // A count that begins later does not find them.
      const before = counting;
      await rows.forget(gone.map(({ id }) => id));
      takeOff(before, gone);
    },
  };
}
