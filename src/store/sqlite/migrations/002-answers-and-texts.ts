/**
 * What calls with an `Idempotency-Key` were answered, and what retention needs.
 *
 * `events.text_at` is the instant of an event for as long as it holds texts, and null from then on: so the index by
 * which old texts are found holds no more than there is to blank, and grows at its end.
 */
export const ANSWERS_AND_TEXTS = `
CREATE TABLE answers (
  app TEXT NOT NULL,
  page TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  body_json TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (app, page, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (at);

ALTER TABLE pages ADD COLUMN retention_days INTEGER;

ALTER TABLE events ADD COLUMN text_at INTEGER;
UPDATE events SET text_at = at WHERE type IN ('act_received', 'message_sent', 'metadata_passed');
CREATE INDEX events_by_text ON events (page, text_at) WHERE text_at IS NOT NULL;
`;
