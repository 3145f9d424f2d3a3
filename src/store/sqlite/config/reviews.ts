import type { DatabaseSync } from 'node:sqlite';
import type { ReviewRecord } from '../../access.ts';
import { createDocuments } from './documents.ts';
import type { ConfigTable } from './table.ts';

export const createReviews = (db: DatabaseSync): ConfigTable<ReviewRecord> =>
  createDocuments(db, { table: 'reviews', key: 'id', keyOf: ({ id }) => id });
