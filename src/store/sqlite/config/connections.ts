import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId } from '../../../protocol/ids.ts';
import type { Loss } from '../../../protocol/page.ts';
import type { ConnectionRecord, Permission } from '../../config.ts';
import { parse, query } from '../database.ts';
import { type ConfigTable, splitKey } from './table.ts';

type Row = {
  readonly page: PageId;
  readonly app: AppId;
  readonly subscribed: number;
  readonly permissions_json: string;
  readonly take_control: number;
  readonly standby_access: number;
  readonly fields_json: string;
  readonly number: number;
  readonly losses_json: string;
};

const PUT = `
  INSERT INTO connections
    (page, app, subscribed, permissions_json, take_control, standby_access, fields_json, number, losses_json)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (page, app) DO UPDATE SET
    subscribed = excluded.subscribed, permissions_json = excluded.permissions_json,
    take_control = excluded.take_control, standby_access = excluded.standby_access, fields_json = excluded.fields_json,
    number = excluded.number, losses_json = excluded.losses_json`;

export function createConnections(db: DatabaseSync): ConfigTable<ConnectionRecord> {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM connections WHERE page = ? AND app = ?');
  const all = query<Row>(
    db,
    `SELECT page, app, subscribed, permissions_json, take_control, standby_access, fields_json, number, losses_json
     FROM connections ORDER BY position`,
  );
  return {
    put(record) {
      const { page, app, number } = record;
      const subscribed = Number(record.subscribed);
      const [takes, hears] = [Number(record.takeControl), Number(record.standbyAccess)] as const;
      const permissions = JSON.stringify(record.permissions);
      const [fields, losses] = [JSON.stringify(record.fields), JSON.stringify(record.losses)];
      put.run(page, app, subscribed, permissions, takes, hears, fields, number, losses);
    },
    remove: (key) => void remove.run(...splitKey(key)),
    all: () =>
      all.all().map((row) => ({
        page: row.page,
        app: row.app,
        subscribed: row.subscribed === 1,
        permissions: parse<Permission[]>(row.permissions_json),
        takeControl: row.take_control === 1,
        standbyAccess: row.standby_access === 1,
        fields: parse<string[]>(row.fields_json),
        number: row.number,
        losses: parse<Loss[]>(row.losses_json),
      })),
  };
}
