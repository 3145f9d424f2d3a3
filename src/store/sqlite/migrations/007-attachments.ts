/** Attachments that apps have saved. */
export const ATTACHMENTS = `
CREATE TABLE attachments (
  id TEXT PRIMARY KEY,
  page TEXT NOT NULL,
  app TEXT NOT NULL,
  type TEXT NOT NULL,
  from_json TEXT NOT NULL,
  file_key TEXT UNIQUE,
  saved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_by_age ON attachments (saved_at, id);
`;
