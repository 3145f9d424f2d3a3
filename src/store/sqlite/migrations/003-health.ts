/** The health of callbacks (W8), and what is not delivered by itself any more. */
export const HEALTH = `
ALTER TABLE webhooks ADD COLUMN max_batch INTEGER NOT NULL DEFAULT 1;
ALTER TABLE webhooks ADD COLUMN warned_at INTEGER;
ALTER TABLE webhooks ADD COLUMN switched_off_at INTEGER;

CREATE TABLE asides (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  page TEXT NOT NULL,
  psid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  reason_json TEXT NOT NULL,
  UNIQUE (app, page, psid, seq)
) STRICT;
`;
