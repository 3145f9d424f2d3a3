import type { DatabaseSync } from 'node:sqlite';
import type { TokenRecord } from '../../access.ts';
import { createDocuments } from './documents.ts';
import type { ConfigTable } from './table.ts';

export const createTokens = (db: DatabaseSync): ConfigTable<TokenRecord> =>
  createDocuments(db, { table: 'tokens', key: 'hash', keyOf: ({ hash }) => hash });
