import type { DatabaseSync } from 'node:sqlite';
import type { PersonId } from '../../../protocol/ids.ts';
import type { Person } from '../../config.ts';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

type Row = { readonly id: PersonId; readonly name_json: string; readonly password_hash: string | null };

export function createPeople(db: DatabaseSync): ConfigTable<Person> {
  const put = db.prepare(
    `INSERT INTO people (id, name_json, password_hash) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name_json = excluded.name_json, password_hash = excluded.password_hash`,
  );
  const remove = db.prepare('DELETE FROM people WHERE id = ?');
  const all = query<Row>(db, 'SELECT id, name_json, password_hash FROM people ORDER BY position');
  return {
    put: ({ id, name, passwordHash }) => void put.run(id, JSON.stringify(name), passwordHash),
    remove: (key) => void remove.run(key),
    all: () =>
      all.all().map((row) => ({
        id: row.id,
        name: parse<string>(row.name_json),
        passwordHash: row.password_hash,
      })),
  };
}
