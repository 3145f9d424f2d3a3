import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId } from '../../../protocol/ids.ts';
import type { Json } from '../../../protocol/message.ts';
import { isOwnPart, type ProfileRecord } from '../../config.ts';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

type Row = {
  readonly page: PageId;
  readonly part: ProfileRecord['part'];
  readonly app: AppId;
  readonly value_json: string;
};

/** The parts of pages' profiles. `owner` is the app where each has a part of its own, and empty else. */
export function createProfile(db: DatabaseSync): ConfigTable<ProfileRecord> {
  const put = db.prepare(
    `INSERT INTO profile (page, part, owner, app, value_json) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (page, part, owner) DO UPDATE SET app = excluded.app, value_json = excluded.value_json`,
  );
  const remove = db.prepare('DELETE FROM profile WHERE page = ? AND part = ? AND owner = ?');
  const all = query<Row>(db, 'SELECT page, part, app, value_json FROM profile ORDER BY position');
  return {
    put({ page, part, app, value }) {
      put.run(page, part, isOwnPart(part) ? app : '', app, JSON.stringify(value));
    },
    remove(key) {
      const [page = '', part = '', owner = ''] = key.split('/');
      remove.run(page, part, owner);
    },
    all: () =>
      all.all().map(({ page, part, app, value_json }) => ({
        page,
        part,
        app,
        value: parse<Json>(value_json),
      })),
  };
}
