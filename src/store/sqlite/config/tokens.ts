import type { DatabaseSync } from 'node:sqlite';
import type { TokenRecord } from '../../config.ts';
import { query } from '../database.ts';
import type { ConfigTable } from './table.ts';

export function createTokens(db: DatabaseSync): ConfigTable<TokenRecord> {
  const put = db.prepare(
    `INSERT INTO tokens (hash, app, page, person) VALUES (?, ?, ?, ?)
     ON CONFLICT (hash) DO UPDATE SET app = excluded.app, page = excluded.page, person = excluded.person`,
  );
  const remove = db.prepare('DELETE FROM tokens WHERE hash = ?');
  const all = query<TokenRecord>(db, 'SELECT hash, app, page, person FROM tokens ORDER BY position');
  return {
    put: ({ hash, app, page, person }) => void put.run(hash, app, page, person),
    remove: (key) => void remove.run(key),
    all: () => all.all().map(({ hash, app, page, person }) => ({ hash, app, page, person })),
  };
}
