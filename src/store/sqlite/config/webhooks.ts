import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '../../../protocol/ids.ts';
import type { Webhook, WebhookObject } from '../../config.ts';
import type { Vault } from '../../vault.ts';
import { parse, query } from '../database.ts';
import { openSecret, webhookPlace } from './sealing.ts';
import { type ConfigTable, splitKey } from './table.ts';

type Row = {
  readonly app: AppId;
  readonly object: WebhookObject;
  readonly callback_url_json: string;
  readonly verify_token_sealed: string;
  readonly fields_json: string;
  readonly verified_at: number | null;
  readonly max_batch: number;
  readonly warned_at: number | null;
  readonly switched_off_at: number | null;
};

const PUT = `
  INSERT INTO webhooks (app, object, callback_url_json, verify_token_sealed, fields_json, verified_at, max_batch,
    warned_at, switched_off_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (app, object) DO UPDATE SET
    callback_url_json = excluded.callback_url_json, verify_token_sealed = excluded.verify_token_sealed,
    fields_json = excluded.fields_json, verified_at = excluded.verified_at,
    max_batch = excluded.max_batch, warned_at = excluded.warned_at, switched_off_at = excluded.switched_off_at`;

const ALL = `
  SELECT app, object, callback_url_json, verify_token_sealed, fields_json, verified_at, max_batch, warned_at,
    switched_off_at
  FROM webhooks ORDER BY position`;

export function createWebhooks(db: DatabaseSync, vault: Vault): ConfigTable<Webhook> {
  const put = db.prepare(PUT);
  const remove = db.prepare('DELETE FROM webhooks WHERE app = ? AND object = ?');
  const all = query<Row>(db, ALL);
  return {
    put({ app, object, callbackUrl, verifyToken, fields, ...health }) {
      const sealed = vault.seal(verifyToken, webhookPlace(app, object));
      const texts = [JSON.stringify(callbackUrl), sealed, JSON.stringify(fields)];
      const { verifiedAt, maxBatch, warnedAt, switchedOffAt } = health;
      put.run(app, object, ...texts, verifiedAt, maxBatch, warnedAt, switchedOffAt);
    },
    remove: (key) => void remove.run(...splitKey(key)),
    all: () =>
      all.all().map((row) => ({
        app: row.app,
        object: row.object,
        callbackUrl: parse<string>(row.callback_url_json),
        verifyToken: openSecret(vault, row.verify_token_sealed, webhookPlace(row.app, row.object)),
        fields: parse<string[]>(row.fields_json),
        verifiedAt: row.verified_at,
        maxBatch: row.max_batch,
        warnedAt: row.warned_at,
        switchedOffAt: row.switched_off_at,
      })),
  };
}
