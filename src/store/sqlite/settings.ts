/** Statements on `settings`. Names and values are JSON strings. */

import type { DatabaseSync } from 'node:sqlite';
import { parse, query } from './database.ts';

/** The table of settings. */
export type Settings = {
  read(name: string): string | null;
  write(name: string, value: string): void;
};

export function createSettings(db: DatabaseSync): Settings {
  const read = query<{ value_json: string }>(db, 'SELECT value_json FROM settings WHERE name_json = ?');
  const write = db.prepare(
    `INSERT INTO settings (name_json, value_json) VALUES (?, ?)
     ON CONFLICT (name_json) DO UPDATE SET value_json = excluded.value_json`,
  );
  return {
    read(name) {
      const row = read.get(JSON.stringify(name));
      return row === undefined ? null : parse<string>(row.value_json);
    },
    write: (name, value) => void write.run(JSON.stringify(name), JSON.stringify(value)),
  };
}
