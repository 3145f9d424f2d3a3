/** Statements that take texts out of events, by age or for good. Must run inside a transaction that overwrites. */

import type { DatabaseSync } from 'node:sqlite';
import { blankTexts, eraseEvent, eraseThread, holdsTexts, needsTexts } from '../../protocol/blank.ts';
import type { Event, Recorded } from '../../protocol/event.ts';
import type { Psid } from '../../protocol/ids.ts';
import { uploadOf } from '../attachments.ts';
import type { Lane, Store, ThreadKey } from '../port.ts';
import { isMissed, laneApps } from '../told.ts';
import type { Asides } from './asides.ts';
import type { AttachmentRows } from './attachments.ts';
import type { CommitTables } from './commit.ts';
import { parse, query } from './database.ts';

type BlankTexts = Store['blankTexts'];

/** As of the port `Store`. */
export type Blanking = {
  blankTexts(...asked: Parameters<BlankTexts>): Awaited<ReturnType<BlankTexts>>;
  erase(key: ThreadKey): Awaited<ReturnType<Store['erase']>>;
};

const ERASE_GROUP = 500;

// The first condition on `text_at` finds the place in the index, the second the place among events of one instant.
const OLD = `
  SELECT psid, seq, text_at AS at, body_json FROM events
  WHERE page = ?1 AND text_at >= ?3 AND text_at < ?2 AND (text_at, psid, seq) > (?3, ?4, ?5)
  ORDER BY text_at, psid, seq LIMIT +?6`;

export function createBlanking(
  db: DatabaseSync,
  tables: CommitTables & { readonly asides: Asides; readonly attachments: Pick<AttachmentRows, 'letGo'> },
): Blanking {
  const { heads, events, outbox, asides, attachments } = tables;
  const old = query<{ psid: Psid; seq: number; at: number; body_json: string }>(db, OLD);
  const put = db.prepare(
    'UPDATE events SET body_json = ?, text_at = NULL WHERE page = ? AND psid = ? AND seq = ?',
  );

  /** The file that came with a message goes with its texts. */
  function replace({ page, psid }: ThreadKey, recorded: Recorded, event: Event): void {
    const upload = uploadOf(recorded.event);
    if (upload !== null) attachments.letGo(page, upload);
    put.run(JSON.stringify({ ...recorded, event }), page, psid, recorded.seq);
  }

  /** The lanes on which an event has yet to be told, or has been set aside. */
  const openLanes = ({ page, psid }: ThreadKey, recorded: Recorded): readonly Lane[] =>
    laneApps(recorded)
      .map((app) => ({ app, page, psid }))
      .filter((lane) => outbox.has(lane, recorded.seq) || asides.has(lane, recorded.seq));

  function isNeeded(key: ThreadKey, { event }: Recorded): boolean {
    if (event.type !== 'survey_held') return false;
    const { thread } = heads.find(key);
    return thread !== null && needsTexts(thread, event);
  }

  /** Takes its notices away. */
  function drop(lanes: readonly Lane[], seq: number): void {
    for (const lane of lanes) {
      outbox.remove(lane, seq);
      asides.remove(lane, seq);
    }
  }

  return {
    blankTexts(page, { before, dropBefore, after, limit }) {
      const from = after ?? { at: 0, psid: '', seq: 0 };
      const rows = old.all(page, before, from.at, from.psid, from.seq, limit);
      for (const { psid, at, body_json } of rows) {
        const recorded = parse<Recorded>(body_json);
        const lanes = openLanes({ page, psid }, recorded);
        const isOwed = lanes.length > 0 || isMissed(recorded);
        if (isOwed && at >= dropBefore) continue;
        if (isNeeded({ page, psid }, recorded)) continue;
        drop(lanes, recorded.seq);
        replace({ page, psid }, recorded, blankTexts(recorded.event));
      }
      const last = rows.length < limit ? undefined : rows.at(-1);
      const place = last === undefined ? null : { at: last.at, psid: last.psid, seq: last.seq };
      return { looked: rows.length, after: place };
    },

    erase(key) {
      const head = heads.find(key);
      if (head.thread === null) return null;
      const erased = { events: 0, notices: 0 };
      for (let last = 0; ; ) {
        const group = events.list(key, { after: last, limit: ERASE_GROUP });
        for (const recorded of group) {
          const lanes = holdsTexts(recorded.event) ? openLanes(key, recorded) : [];
          drop(lanes, recorded.seq);
          replace(key, recorded, eraseEvent(recorded.event));
          last = recorded.seq;
          erased.notices += lanes.length;
        }
        erased.events += group.length;
        if (group.length < ERASE_GROUP) break;
      }
      heads.advance(head, eraseThread(head.thread), head.alarm);
      heads.catchUp();
      return erased;
    },
  };
}
