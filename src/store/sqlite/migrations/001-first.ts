/**
 * The first tables.
 *
 * A column that ends in `_json` holds JSON, also where it is a single string: names, secrets and messages come from
 * outside and may hold what SQLite's text cannot (a lone surrogate), and JSON escapes it. Ids, hashes and names of
 * kinds are plain text and compare letter by letter.
 *
 * Rows of the configuration do not refer to each other by foreign keys: a change is given in any order, and readers
 * ignore what leads nowhere (`snapshotOf`). Only lists that belong to a row go with it. `position` keeps the order in
 * which rows were first written.
 *
 * `threads.bucket` leads no key here: with one writing process nothing is spread by it. It is kept so that moving
 * to a store that does spread its threads copies rows as they are.
 *
 * `events` is an ordinary table with an index of its key, not one ordered by it (`WITHOUT ROWID`): bodies are long, and
 * so a commit appends to one hot page instead of dirtying a cold one a thread.
 */
export const FIRST = `
CREATE TABLE configuration (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO configuration (id, version) VALUES (1, 0);

CREATE TABLE people (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name_json TEXT NOT NULL,
  password_hash TEXT
) STRICT;

CREATE TABLE pages (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name_json TEXT NOT NULL,
  platform TEXT NOT NULL,
  mode TEXT NOT NULL,
  primary_receiver TEXT,
  idle_channel TEXT,
  entry_points_json TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE page_people (
  page TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  person TEXT NOT NULL,
  tasks_json TEXT NOT NULL,
  PRIMARY KEY (page, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name_json TEXT NOT NULL,
  secret_json TEXT NOT NULL,
  live INTEGER NOT NULL,
  advanced_access_json TEXT NOT NULL
) STRICT;

CREATE TABLE app_testers (
  app TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  psid TEXT NOT NULL,
  PRIMARY KEY (app, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhooks (
  position INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  object TEXT NOT NULL,
  callback_url_json TEXT NOT NULL,
  verify_token_json TEXT NOT NULL,
  fields_json TEXT NOT NULL,
  verified_at INTEGER,
  UNIQUE (app, object)
) STRICT;

CREATE TABLE connections (
  position INTEGER PRIMARY KEY,
  page TEXT NOT NULL,
  app TEXT NOT NULL,
  subscribed INTEGER NOT NULL,
  fields_json TEXT NOT NULL,
  number INTEGER NOT NULL,
  losses_json TEXT NOT NULL,
  UNIQUE (page, app)
) STRICT;

CREATE TABLE tokens (
  position INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  app TEXT NOT NULL,
  page TEXT NOT NULL,
  person TEXT NOT NULL
) STRICT;

CREATE TABLE personas (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  page TEXT NOT NULL,
  app TEXT NOT NULL,
  name_json TEXT NOT NULL,
  picture_url_json TEXT NOT NULL
) STRICT;

CREATE TABLE threads (
  page TEXT NOT NULL,
  psid TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  wake_at INTEGER,
  owner_app TEXT,
  state_json TEXT NOT NULL,
  PRIMARY KEY (page, psid)
) STRICT;
CREATE INDEX threads_by_alarm ON threads (wake_at, page, psid) WHERE wake_at IS NOT NULL;
CREATE INDEX threads_by_owner ON threads (page, owner_app, psid) WHERE owner_app IS NOT NULL;

CREATE TABLE events (
  page TEXT NOT NULL,
  psid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  type TEXT NOT NULL,
  mid TEXT,
  body_json TEXT NOT NULL,
  PRIMARY KEY (page, psid, seq)
) STRICT;
CREATE INDEX events_by_mid ON events (mid) WHERE mid IS NOT NULL;

CREATE TABLE outbox (
  app TEXT NOT NULL,
  page TEXT NOT NULL,
  psid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (app, page, psid, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  page TEXT NOT NULL,
  psid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  status INTEGER,
  error_json TEXT,
  duration_ms REAL NOT NULL
) STRICT;

CREATE TABLE settings (
  name_json TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
