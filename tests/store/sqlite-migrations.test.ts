/** What later versions of the tables make of what an earlier one has written. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Recorded } from '../../src/protocol/event.ts';
import type { Thread } from '../../src/protocol/thread.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { MODES_AND_PROFILE } from '../../src/store/sqlite/migrations/005-modes-and-profile.ts';
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts';
import { temporaryFolder } from './temporary.ts';

/** Everything that a careless change of a text would catch. */
const ODD =
  'a\u0000\ud800 "byOwner":true,"type":"messages_read","kind":"postback","lanes":{},"requestedAt":1';
const odd = { byOwner: true, kind: 'postback', type: 'messages_read', lanes: {}, requestedAt: ODD };

const common = { seq: 1, at: 1, timestamp: 1, epoch: 0, audience: [] };
const message = {
  mid: 'm_1',
  text: ODD,
  attachment: { type: 'template', payload: odd },
  quickReplies: [odd],
};
const OLD = {
  message_sent: { type: 'message_sent', app: '2001', message, persona: null, byOwner: true },
  messages_read: { type: 'messages_read' },
  control_requested: { type: 'control_requested', app: '2001', connection: 0, metadata: ODD },
  act_received: {
    type: 'act_received',
    act: { kind: 'postback', mid: 'm_1', title: ODD, payload: ODD, maker: '2001', referral: null },
  },
  customer_introduced: { type: 'customer_introduced', name: ODD },
};
const request = { app: '2001', connection: 0, requestedAt: 5, metadata: ODD };
const THREAD = {
  page: '1',
  psid: '5',
  seq: 5,
  customer: { name: ODD },
  requests: [request],
  lanes: { 2001: 3 },
};

test('threads and events of before modes, surveys and menus get what they hold besides, and nothing else changes', async () => {
  await using folder = await temporaryFolder();
  using db = new DatabaseSync(folder.file('baton.db'));
  const past = MIGRATIONS.indexOf(MODES_AND_PROFILE);
  for (const sql of MIGRATIONS.slice(0, past)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${past}`);
  const insert = db.prepare(
    `INSERT INTO events (page, psid, seq, at, timestamp, type, body_json) VALUES ('1', '5', ?, 1, 1, ?, ?)`,
  );
  for (const [index, event] of Object.values(OLD).entries()) {
    insert.run(index + 1, event.type, JSON.stringify({ ...common, event }));
  }
  const thread = db.prepare(
    `INSERT INTO threads (seq, state_json, page, psid, bucket) VALUES (1, ?, '1', ?, 0)`,
  );
  thread.run(JSON.stringify(THREAD), '5');
  thread.run(JSON.stringify({ ...THREAD, requests: [] }), '6');
  migrate(db);

  const events = db.prepare('SELECT body_json FROM events ORDER BY seq').all() as { body_json: string }[];
  const { byOwner, ...sent } = OLD.message_sent;
  assert.deepEqual(
    events.map(({ body_json }) => (JSON.parse(body_json) as Recorded).event as unknown),
    [
      { ...sent, renews: byOwner },
      { ...OLD.messages_read, mid: null },
      { ...OLD.control_requested, switches: 0 },
      { ...OLD.act_received, act: { ...OLD.act_received.act, tapped: 'button' } },
      OLD.customer_introduced,
    ],
  );
  const rows = db.prepare('SELECT state_json FROM threads ORDER BY psid').all() as { state_json: string }[];
  const besides = { held: [], menu: null, lastSentMid: null };
  assert.deepEqual(
    rows.map(({ state_json }) => JSON.parse(state_json) as Thread as unknown),
    [
      { ...THREAD, ...besides, requests: [{ ...request, switches: 0 }] },
      { ...THREAD, ...besides, requests: [] },
    ],
  );
});
