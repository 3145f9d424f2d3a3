import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId } from '../../../protocol/ids.ts';
import type { Loss } from '../../../protocol/page.ts';
import type { ConnectionRecord } from '../../config.ts';
import { parse, query } from '../database.ts';
import { type ConfigTable, splitKey } from './table.ts';

type Row = {
  readonly page: PageId;
  readonly app: AppId;
  readonly subscribed: number;
  readonly fields_json: string;
  readonly number: number;
  readonly losses_json: string;
};

const PUT = `
  INSERT INTO connections (page, app, subscribed, fields_json, number, losses_json) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (page, app) DO UPDATE SET
    subscribed = excluded.subscribed, fields_json = excluded.fields_json,
    number = excluded.number, losses_json = excluded.losses_json`;

export function createConnections(db: DatabaseSync): ConfigTable<ConnectionRecord> {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM connections WHERE page = ? AND app = ?');
  const all = query<Row>(
    db,
    'SELECT page, app, subscribed, fields_json, number, losses_json FROM connections ORDER BY position',
  );
  return {
    put({ page, app, subscribed, fields, number, losses }) {
      put.run(page, app, subscribed ? 1 : 0, JSON.stringify(fields), number, JSON.stringify(losses));
    },
    remove: (key) => void remove.run(...splitKey(key)),
    all: () =>
      all.all().map((row) => ({
        page: row.page,
        app: row.app,
        subscribed: row.subscribed === 1,
        fields: parse<string[]>(row.fields_json),
        number: row.number,
        losses: parse<Loss[]>(row.losses_json),
      })),
  };
}
