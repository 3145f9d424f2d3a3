/** Statements on `attachments`: what apps have saved. */

import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId } from '../../protocol/ids.ts';
import {
  type Attachments,
  letGo,
  type SavedAttachment,
  type SavedPlace,
  type Usage,
} from '../attachments.ts';
import { createTransact, parse, query } from './database.ts';

type Row = {
  readonly id: string;
  readonly page: PageId;
  readonly app: AppId;
  readonly type: string;
  readonly from_json: string;
  readonly saved_at: number;
};

const COLUMNS = 'id, page, app, type, from_json, saved_at';

/** The rows, and what other statements do with them in a transaction of their own. */
export type AttachmentRows = Attachments & {
  /** Lets go of one of a page; it need not exist. */
  letGo(page: PageId, id: string): void;
};

export function createAttachments(db: DatabaseSync): AttachmentRows {
  const transact = createTransact(db);
  const insert = db.prepare(
    `INSERT INTO attachments (${COLUMNS}, file_key) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const byId = query<Row>(db, `SELECT ${COLUMNS} FROM attachments WHERE id = ?`);
  const byKey = query<Row>(db, `SELECT ${COLUMNS} FROM attachments WHERE file_key = ?`);
  const old = query<Row>(
    db,
    `SELECT ${COLUMNS} FROM attachments WHERE saved_at <= ? AND (saved_at, id) > (?, ?)
     ORDER BY saved_at, id LIMIT +?`,
  );
  const usage = query<Usage & { page: PageId }>(
    db,
    `SELECT page, COUNT(*) AS attachments, TOTAL(json_extract(from_json, '$.size')) AS bytes
     FROM attachments GROUP BY page`,
  );
  const change = db.prepare('UPDATE attachments SET from_json = ?, saved_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM attachments WHERE id = ?');
  return {
    async save({ id, page, app, type, from, savedAt }) {
      const key = from.kind === 'file' ? from.key : null;
      return insert.run(id, page, app, type, JSON.stringify(from), savedAt, key).changes === 1;
    },
    find: async (id) => attachmentOf(byId.get(id)),
    findFile: async (key) => attachmentOf(byKey.get(key)),
    old: async (until, { after, limit }) =>
      old.all(until, after?.savedAt ?? -1, after?.id ?? '', limit).flatMap((row) => {
        const found = attachmentOf(row);
        return found === null ? [] : [found];
      }),
    usage: async () =>
      new Map(usage.all().map(({ page, attachments, bytes }) => [page, { attachments, bytes }])),
    letGo(page, id) {
      const found = attachmentOf(byId.get(id));
      if (found === null || found.page !== page) return;
      const { from, savedAt } = letGo(found);
      change.run(JSON.stringify(from), savedAt, id);
    },
    forget: async (ids) => transact(() => ids.forEach((id) => void remove.run(id))),
  };
}

function attachmentOf(row: Row | undefined): SavedAttachment | null {
  if (row === undefined) return null;
  const { id, page, app, type, from_json, saved_at } = row;
  return { id, page, app, type, from: parse<SavedPlace>(from_json), savedAt: saved_at };
}
