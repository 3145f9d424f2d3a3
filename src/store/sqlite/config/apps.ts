import type { DatabaseSync } from 'node:sqlite';
import type { AppId, Psid } from '../../../protocol/ids.ts';
import type { AppRecord, Feature } from '../../config.ts';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

type Row = {
  readonly id: AppId;
  readonly name_json: string;
  readonly secret_json: string;
  readonly live: number;
  readonly advanced_access_json: string;
};
type Tester = { readonly app: AppId; readonly psid: Psid };

const PUT = `
  INSERT INTO apps (id, name_json, secret_json, live, advanced_access_json) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    name_json = excluded.name_json, secret_json = excluded.secret_json, live = excluded.live,
    advanced_access_json = excluded.advanced_access_json`;

/** The apps, with the customers who have a role on them. */
export function createApps(db: DatabaseSync): ConfigTable<AppRecord> {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM apps WHERE id = ?');
  const all = query<Row>(
    db,
    'SELECT id, name_json, secret_json, live, advanced_access_json FROM apps ORDER BY position',
  );
  const addTester = db.prepare('INSERT INTO app_testers (app, position, psid) VALUES (?, ?, ?)');
  const removeTesters = db.prepare('DELETE FROM app_testers WHERE app = ?');
  const allTesters = query<Tester>(db, 'SELECT app, psid FROM app_testers ORDER BY app, position');
  return {
    put({ id, name, secret, live, advancedAccess, testers }) {
      put.run(id, JSON.stringify(name), JSON.stringify(secret), live ? 1 : 0, JSON.stringify(advancedAccess));
      removeTesters.run(id);
      for (const [position, psid] of testers.entries()) addTester.run(id, position, psid);
    },
    remove: (key) => void remove.run(key),
    all() {
      const testers = Map.groupBy(allTesters.all(), ({ app }) => app);
      return all.all().map((row) => recordOf(row, testers.get(row.id) ?? []));
    },
  };
}

const recordOf = (row: Row, testers: readonly Tester[]): AppRecord => ({
  id: row.id,
  name: parse<string>(row.name_json),
  secret: parse<string>(row.secret_json),
  live: row.live === 1,
  advancedAccess: parse<Feature[]>(row.advanced_access_json),
  testers: testers.map(({ psid }) => psid),
});
