import type { DatabaseSync } from 'node:sqlite';
import type { AppId, PageId } from '../../../protocol/ids.ts';
import type { Persona } from '../../config.ts';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

type Row = {
  readonly id: string;
  readonly page: PageId;
  readonly app: AppId;
  readonly name_json: string;
  readonly picture_url_json: string;
};

export function createPersonas(db: DatabaseSync): ConfigTable<Persona> {
  const put = db.prepare(
    `INSERT INTO personas (id, page, app, name_json, picture_url_json) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET page = excluded.page, app = excluded.app,
       name_json = excluded.name_json, picture_url_json = excluded.picture_url_json`,
  );
  const remove = db.prepare('DELETE FROM personas WHERE id = ?');
  const all = query<Row>(
    db,
    'SELECT id, page, app, name_json, picture_url_json FROM personas ORDER BY position',
  );
  return {
    put({ id, page, app, name, pictureUrl }) {
      put.run(id, page, app, JSON.stringify(name), JSON.stringify(pictureUrl));
    },
    remove: (key) => void remove.run(key),
    all: () =>
      all.all().map((row) => ({
        id: row.id,
        page: row.page,
        app: row.app,
        name: parse<string>(row.name_json),
        pictureUrl: parse<string>(row.picture_url_json),
      })),
  };
}
