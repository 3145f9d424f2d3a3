import { blankTexts, eraseEvent, eraseThread, holdsTexts, needsTexts } from '../../protocol/blank.ts';
import type { Recorded } from '../../protocol/event.ts';
import type { PageId } from '../../protocol/ids.ts';
import { uploadOf } from '../attachments.ts';
import type { Erased, Lane, Store, TextPlace, ThreadKey } from '../port.ts';
import { isMissed, laneApps } from '../told.ts';
import type { Asides } from './asides.ts';
import type { AttachmentRows } from './attachments.ts';
import type { Outbox } from './outbox.ts';
import { compareText, type Threads } from './threads.ts';

type BlankTexts = Store['blankTexts'];
type Found = TextPlace & { readonly recorded: Recorded };

/** As of the port `Store`. */
export type Blanking = {
  blankTexts(...asked: Parameters<BlankTexts>): Awaited<ReturnType<BlankTexts>>;
  erase(key: ThreadKey): Erased | null;
};

export type BlankingTables = {
  readonly threads: Threads;
  readonly outbox: Outbox;
  readonly asides: Asides;
  readonly attachments: Pick<AttachmentRows, 'letGo'>;
};

export function createBlanking({ threads, outbox, asides, attachments }: BlankingTables): Blanking {
  /** The lanes on which an event has yet to be told, or has been set aside. */
  const openLanes = ({ page, psid }: ThreadKey, recorded: Recorded): readonly Lane[] =>
    laneApps(recorded)
      .map((app) => ({ app, page, psid }))
      .filter((lane) => outbox.has(lane, recorded.seq) || asides.has(lane, recorded.seq));

  /** Takes its notices away. */
  function drop(lanes: readonly Lane[], seq: number): void {
    for (const lane of lanes) {
      outbox.remove(lane, seq);
      asides.remove(lane, seq);
    }
  }

  /** The file that came with a message goes with its texts. */
  function letGo({ page }: ThreadKey, { event }: Recorded): void {
    const upload = uploadOf(event);
    if (upload !== null) attachments.letGo(page, upload);
  }

  const holders = (page: PageId): readonly Found[] =>
    threads
      .ofPage(page)
      .filter(({ recorded }) => holdsTexts(recorded.event))
      .map(({ psid, recorded }) => ({ at: recorded.at, psid, seq: recorded.seq, recorded }));

  return {
    blankTexts(page, { before, dropBefore, after, limit }) {
      const found = holders(page)
        .filter((place) => place.at < before && (after === null || compare(place, after) > 0))
        .sort(compare)
        .slice(0, limit);
      for (const { at, psid, recorded } of found) {
        const key = { page, psid };
        const lanes = openLanes(key, recorded);
        const isOwed = lanes.length > 0 || isMissed(recorded);
        if (isOwed && at >= dropBefore) continue;
        const row = threads.find(key);
        if (row !== null && needsTexts(row.thread, recorded.event)) continue;
        drop(lanes, recorded.seq);
        letGo(key, recorded);
        threads.replace(key, { ...recorded, event: blankTexts(recorded.event) });
      }
      const last = found.length < limit ? undefined : found.at(-1);
      const place = last === undefined ? null : { at: last.at, psid: last.psid, seq: last.seq };
      return { looked: found.length, after: place };
    },

    erase(key) {
      const row = threads.find(key);
      if (row === null) return null;
      const events = threads.events(key, { after: 0, limit: row.thread.seq });
      let notices = 0;
      for (const recorded of events) {
        const lanes = holdsTexts(recorded.event) ? openLanes(key, recorded) : [];
        drop(lanes, recorded.seq);
        letGo(key, recorded);
        threads.replace(key, { ...recorded, event: eraseEvent(recorded.event) });
        notices += lanes.length;
      }
      threads.rewrite(eraseThread(row.thread));
      return { events: events.length, notices };
    },
  };
}

const compare = (a: TextPlace, b: TextPlace): number =>
  a.at - b.at || compareText(a.psid, b.psid) || a.seq - b.seq;
