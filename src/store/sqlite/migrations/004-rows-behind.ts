/**
 * Rows of threads are written behind their events (heads.ts). `folded.up_to` is the rowid of the last event that is
 * certainly in its thread's row: what has a larger one must be looked at after a crash.
 */
export const ROWS_BEHIND = `
CREATE TABLE folded (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  up_to INTEGER NOT NULL
) STRICT;
INSERT INTO folded (id, up_to) SELECT 1, coalesce(max(rowid), 0) FROM events;
`;
