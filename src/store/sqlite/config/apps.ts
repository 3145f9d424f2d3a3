import type { DatabaseSync } from 'node:sqlite';
import type { AppId, Psid } from '../../../protocol/ids.ts';
import type { AppRecord, Feature } from '../../config.ts';
import type { Vault } from '../../vault.ts';
import { parse, query } from '../database.ts';
import { appPlace, openSecret, previousPlace } from './sealing.ts';
import type { ConfigTable } from './table.ts';

type Row = {
  readonly id: AppId;
  readonly name_json: string;
  readonly secret_sealed: string;
  readonly previous_secret_sealed: string | null;
  readonly previous_until: number | null;
  readonly live: number;
  readonly advanced_access_json: string;
  readonly roles_json: string;
  readonly redirect_uris_json: string;
};
type Tester = { readonly app: AppId; readonly psid: Psid };

const PUT = `
  INSERT INTO apps
    (id, name_json, secret_sealed, previous_secret_sealed, previous_until, live, advanced_access_json, roles_json,
     redirect_uris_json)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    name_json = excluded.name_json, secret_sealed = excluded.secret_sealed,
    previous_secret_sealed = excluded.previous_secret_sealed, previous_until = excluded.previous_until,
    live = excluded.live, advanced_access_json = excluded.advanced_access_json, roles_json = excluded.roles_json,
    redirect_uris_json = excluded.redirect_uris_json`;

const ALL = `
  SELECT id, name_json, secret_sealed, previous_secret_sealed, previous_until, live, advanced_access_json, roles_json,
    redirect_uris_json
  FROM apps ORDER BY position`;

/** The apps, with the customers who have a role on them. */
export function createApps(db: DatabaseSync, vault: Vault): ConfigTable<AppRecord> {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM apps WHERE id = ?');
  const all = query<Row>(db, ALL);
  const addTester = db.prepare('INSERT INTO app_testers (app, position, psid) VALUES (?, ?, ?)');
  const removeTesters = db.prepare('DELETE FROM app_testers WHERE app = ?');
  const allTesters = query<Tester>(db, 'SELECT app, psid FROM app_testers ORDER BY app, position');
  return {
    put({ id, name, secret, previousSecret: old, live, advancedAccess, testers, roles, redirectUris }) {
      const sealed = vault.seal(secret, appPlace(id));
      const previous = old === null ? null : vault.seal(old.secret, previousPlace(id));
      const [access, held, uris] = [advancedAccess, roles, redirectUris].map((each) => JSON.stringify(each));
      const secrets = [sealed, previous, old?.until ?? null];
      put.run(id, JSON.stringify(name), ...secrets, live ? 1 : 0, access ?? '', held ?? '', uris ?? '');
      removeTesters.run(id);
      for (const [position, psid] of testers.entries()) addTester.run(id, position, psid);
    },
    remove: (key) => void remove.run(key),
    all() {
      const testers = Map.groupBy(allTesters.all(), ({ app }) => app);
      return all.all().map((row) => recordOf(vault, row, testers.get(row.id) ?? []));
    },
  };
}

const recordOf = (vault: Vault, row: Row, testers: readonly Tester[]): AppRecord => ({
  id: row.id,
  name: parse<string>(row.name_json),
  secret: openSecret(vault, row.secret_sealed, appPlace(row.id)),
  previousSecret: previousOf(vault, row),
  live: row.live === 1,
  advancedAccess: parse<Feature[]>(row.advanced_access_json),
  testers: testers.map(({ psid }) => psid),
  roles: parse<AppRecord['roles']>(row.roles_json),
  redirectUris: parse<string[]>(row.redirect_uris_json),
});

function previousOf(vault: Vault, row: Row): AppRecord['previousSecret'] {
  const { id, previous_secret_sealed: sealed, previous_until: until } = row;
  if (sealed === null || until === null) return null;
  return { secret: openSecret(vault, sealed, previousPlace(id)), until };
}
