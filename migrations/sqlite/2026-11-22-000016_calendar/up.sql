-- The calendar that somebody reads elsewhere: off until it is opened; the address is a secret, of which the hash is kept.
CREATE TABLE calendar_feeds (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  secret_hash BLOB NOT NULL UNIQUE,
  made_at TIMESTAMP NOT NULL
);

-- Views of the list that an account keeps under a name of its own.
CREATE TABLE saved_filters (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  made_at TIMESTAMP NOT NULL,
  UNIQUE (account_id, name)
);

-- Who is there between two days, who leaves, since when it is as it is, and which titles hold a word: read from the
-- index alone.
CREATE INDEX dossiers_by_days ON dossiers (starts_on, ends_on, id);
CREATE INDEX dossiers_by_end ON dossiers (ends_on, id);
CREATE INDEX dossiers_by_change ON dossiers (state_since, id);
CREATE INDEX dossiers_by_title ON dossiers (title_folded, id);
CREATE INDEX steps_by_due ON steps (state, due_on);
