/**
 * Access: secrets are sealed from now on (those that stand here in the clear at the next start), apps have roles and
 * places to send people back to, tokens have kinds and ends, and App Review has requests.
 */
export const ACCESS = `
ALTER TABLE apps RENAME COLUMN secret_json TO secret_sealed;
ALTER TABLE apps ADD COLUMN previous_secret_sealed TEXT;
ALTER TABLE apps ADD COLUMN previous_until INTEGER;
ALTER TABLE apps ADD COLUMN roles_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN redirect_uris_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhooks RENAME COLUMN verify_token_json TO verify_token_sealed;

ALTER TABLE tokens RENAME TO old_tokens;
CREATE TABLE tokens (
  position INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  body_json TEXT NOT NULL
) STRICT;
INSERT INTO tokens (position, hash, body_json)
  SELECT position, hash, json_object(
    'kind', 'page', 'hash', hash, 'app', app, 'page', page, 'person', person,
    'scopes', json('["pages_messaging","pages_manage_metadata","pages_show_list","pages_read_engagement","instagram_basic","instagram_manage_messages"]'),
    'issuedAt', 0, 'expiresAt', NULL, 'source', 'world', 'parent', NULL)
  FROM old_tokens ORDER BY position;
DROP TABLE old_tokens;

CREATE TABLE reviews (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  body_json TEXT NOT NULL
) STRICT;
`;
