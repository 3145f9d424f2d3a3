import type { DatabaseSync } from 'node:sqlite';
import { parse, query } from '../database.ts';
import type { ConfigTable } from './table.ts';

/** Rows that nobody searches by anything but their key: each is kept as one JSON text. */
export function createDocuments<Value>(
  db: DatabaseSync,
  {
    table,
    key,
    keyOf,
  }: { readonly table: string; readonly key: string; readonly keyOf: (value: Value) => string },
): ConfigTable<Value> {
  const put = db.prepare(
    `INSERT INTO ${table} (${key}, body_json) VALUES (?, ?)
     ON CONFLICT (${key}) DO UPDATE SET body_json = excluded.body_json`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${key} = ?`);
  const all = query<{ body_json: string }>(db, `SELECT body_json FROM ${table} ORDER BY position`);
  return {
    put: (value) => void put.run(keyOf(value), JSON.stringify(value)),
    remove: (name) => void remove.run(name),
    all: () => all.all().map(({ body_json }) => parse<Value>(body_json)),
  };
}
