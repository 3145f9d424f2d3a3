/**
 * Modes of pages, what pages allow their apps, and what pages show beside messages (M6). Threads and events get what
 * they hold besides from now on.
 */
export const MODES_AND_PROFILE = `
ALTER TABLE pages RENAME COLUMN primary_receiver TO lead;
ALTER TABLE pages ADD COLUMN switches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN switched_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE connections ADD COLUMN permissions_json TEXT NOT NULL DEFAULT '[]';
UPDATE connections SET permissions_json =
  '["pages_messaging","pages_manage_metadata","pages_show_list","pages_read_engagement","instagram_basic","instagram_manage_messages"]';
ALTER TABLE connections ADD COLUMN take_control INTEGER NOT NULL DEFAULT 1;
ALTER TABLE connections ADD COLUMN standby_access INTEGER NOT NULL DEFAULT 1;

CREATE TABLE profile (
  position INTEGER PRIMARY KEY,
  page TEXT NOT NULL,
  part TEXT NOT NULL,
  owner TEXT NOT NULL,
  app TEXT NOT NULL,
  value_json TEXT NOT NULL,
  UNIQUE (page, part, owner)
) STRICT;

UPDATE threads SET state_json = json_set(state_json,
  '$.held', json('[]'), '$.menu', NULL, '$.lastSentMid', NULL,
  '$.requests', json((
    SELECT json_group_array(json_set(value, '$.switches', 0)) FROM json_each(state_json, '$.requests'))));
UPDATE events SET body_json = json_remove(
  json_set(body_json, '$.event.renews', json(iif(json_extract(body_json, '$.event.byOwner'), 'true', 'false'))),
  '$.event.byOwner') WHERE type = 'message_sent';
UPDATE events SET body_json = json_set(body_json, '$.event.mid', NULL) WHERE type = 'messages_read';
UPDATE events SET body_json = json_set(body_json, '$.event.switches', 0) WHERE type = 'control_requested';
UPDATE events SET body_json = json_set(body_json, '$.event.act.tapped', 'button')
  WHERE type = 'act_received' AND json_extract(body_json, '$.event.act.kind') = 'postback';
`;
