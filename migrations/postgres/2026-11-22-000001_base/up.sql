-- The whole first model (see ARCHITECTURE.md, "Tables"). Portable types only: TEXT ids and codes, BIGINT,
-- INTEGER, BOOLEAN, DATE, TIMESTAMP (UTC, microseconds), BYTEA, JSON as TEXT. The other database has the same
-- tables under the same migration name; a test compares the two.

CREATE TABLE installation (
  id TEXT PRIMARY KEY,
  demo BOOLEAN NOT NULL,
  created_at TIMESTAMP NOT NULL
);

CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  parent_id TEXT REFERENCES organisations (id),
  path TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL UNIQUE,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('city', 'city_office', 'foreign_affairs', 'union', 'association', 'university', 'department')),
  version BIGINT NOT NULL
);

CREATE TABLE people (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES organisations (id),
  full_name TEXT NOT NULL,
  native_name TEXT,
  name_folded TEXT NOT NULL,
  name_sort TEXT NOT NULL,
  sex TEXT CHECK (sex IN ('male', 'female', 'unspecified')),
  birth_date DATE,
  nationality TEXT,
  merged_into TEXT REFERENCES people (id),
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX people_by_owner ON people (owner_id, name_folded, id);

CREATE TABLE person_keys (
  person_id TEXT PRIMARY KEY REFERENCES people (id),
  wrapped BYTEA NOT NULL
);

CREATE TABLE travel_documents (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES people (id),
  owner_id TEXT NOT NULL REFERENCES organisations (id),
  sealed_number BYTEA NOT NULL,
  blind_index BYTEA NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ordinary', 'official', 'diplomatic')),
  expires_on DATE,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (owner_id, blind_index)
);
CREATE INDEX travel_documents_by_person ON travel_documents (person_id);
CREATE INDEX travel_documents_by_index ON travel_documents (blind_index);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  name_folded TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  email TEXT NOT NULL,
  lang TEXT NOT NULL CHECK (lang IN ('vi', 'en')),
  person_id TEXT REFERENCES people (id),
  password_hash TEXT,
  state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX accounts_by_person ON accounts (person_id);

CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  role TEXT NOT NULL CHECK (role IN ('officer', 'clerk', 'secretary', 'appraiser', 'approver', 'auditor', 'admin')),
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP,
  granted_by TEXT REFERENCES accounts (id),
  CHECK (granted_by IS NULL OR granted_by <> account_id)
);
CREATE UNIQUE INDEX grants_current ON grants (account_id, organisation_id, role) WHERE valid_to IS NULL;
CREATE INDEX grants_by_place ON grants (organisation_id, role);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  refresh_hash BYTEA NOT NULL,
  created_at TIMESTAMP NOT NULL,
  idle_ends_at TIMESTAMP NOT NULL,
  absolute_ends_at TIMESTAMP NOT NULL,
  revoked_at TIMESTAMP,
  revoked_why TEXT
);
CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE one_time_links (
  secret_hash BYTEA PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  expires_at TIMESTAMP NOT NULL,
  used_at TIMESTAMP
);

CREATE TABLE sign_in_counters (
  name_mac BYTEA PRIMARY KEY,
  failures INTEGER NOT NULL,
  started_at TIMESTAMP NOT NULL,
  locked_until TIMESTAMP
);

-- The journal: append-only by trigger; leaves hold no user-typed text, only salted commitments.
CREATE TABLE journal (
  seq BIGINT PRIMARY KEY,
  leaf BYTEA NOT NULL,
  leaf_hash BYTEA NOT NULL,
  at TIMESTAMP NOT NULL,
  actor_id TEXT,
  organisation_id TEXT,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  request_id TEXT
);
CREATE INDEX journal_by_object ON journal (object_kind, object_id, seq);
CREATE INDEX journal_by_actor ON journal (actor_id, seq);

CREATE TABLE journal_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count BIGINT NOT NULL,
  frontier BYTEA NOT NULL
);

CREATE TABLE journal_values (
  seq BIGINT NOT NULL REFERENCES journal (seq),
  name TEXT NOT NULL,
  salt BYTEA NOT NULL,
  value TEXT NOT NULL,
  person_id TEXT,
  PRIMARY KEY (seq, name)
);

-- A denied read is told once per session, object and hour.
CREATE TABLE told_denials (
  session_id TEXT NOT NULL,
  action TEXT NOT NULL,
  object_id TEXT NOT NULL,
  hour TIMESTAMP NOT NULL,
  PRIMARY KEY (session_id, action, object_id, hour)
);

CREATE TABLE idempotency (
  account_id TEXT NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  status INTEGER NOT NULL,
  etag TEXT,
  location TEXT,
  body BYTEA NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, operation, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE number_series (
  direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  year INTEGER NOT NULL,
  last_no BIGINT NOT NULL,
  PRIMARY KEY (direction, year)
);

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  fence BIGINT NOT NULL,
  until_at TIMESTAMP NOT NULL
);

CREATE TABLE partners (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  native_name TEXT,
  name_folded TEXT NOT NULL,
  name_sort TEXT NOT NULL,
  country TEXT NOT NULL,
  kind TEXT,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (name_folded, country)
);

CREATE TABLE dossiers (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('delegation')),
  direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  lead_host_id TEXT REFERENCES organisations (id),
  partner_id TEXT REFERENCES partners (id),
  year INTEGER,
  no BIGINT,
  title TEXT NOT NULL,
  title_folded TEXT NOT NULL,
  primary_field TEXT,
  starts_on DATE,
  ends_on DATE,
  actual_starts_on DATE,
  actual_ends_on DATE,
  state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'received', 'approved', 'issued', 'reported', 'closed', 'returned', 'lapsed', 'rejected', 'cancelled', 'revoked')),
  state_since TIMESTAMP NOT NULL,
  outcome TEXT CHECK (outcome IN ('no_show', 'duplicate')),
  duplicate_of TEXT REFERENCES dossiers (id),
  origin TEXT NOT NULL CHECK (origin IN ('system', 'ledger', 'after_the_fact')),
  confidential BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  revision INTEGER NOT NULL,
  revision_in_force INTEGER,
  rulebook_version INTEGER NOT NULL,
  supplement_due_on DATE,
  incoming_number TEXT,
  incoming_at TIMESTAMP,
  reported_at TIMESTAMP,
  details TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES accounts (id),
  created_at TIMESTAMP NOT NULL,
  UNIQUE (direction, year, no),
  CHECK (revision_in_force IS NULL OR revision_in_force <= revision)
);
CREATE INDEX dossiers_by_owner ON dossiers (organisation_id, id);
CREATE INDEX dossiers_by_state ON dossiers (state, id);
CREATE INDEX dossiers_by_start ON dossiers (starts_on, id);
CREATE INDEX dossiers_by_actual_start ON dossiers (actual_starts_on, id);

CREATE TABLE dossier_countries (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  country TEXT NOT NULL,
  PRIMARY KEY (dossier_id, country)
);
CREATE INDEX dossier_countries_by_country ON dossier_countries (country, dossier_id);

-- Who may see a dossier besides the owner's subtree: an organisation, or a named account.
CREATE TABLE dossier_parties (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  party_id TEXT NOT NULL,
  party_kind TEXT NOT NULL CHECK (party_kind IN ('organisation', 'account')),
  capacity TEXT NOT NULL CHECK (capacity IN ('lead_host', 'co_host', 'receives', 'step', 'issues', 'author')),
  PRIMARY KEY (dossier_id, party_id, capacity)
);
CREATE INDEX dossier_parties_by_party ON dossier_parties (party_id, dossier_id);

-- Every person who filed, edited or travels in any revision: none of them may decide.
CREATE TABLE dossier_authors (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  capacity TEXT NOT NULL CHECK (capacity IN ('filed', 'edited', 'travels')),
  PRIMARY KEY (dossier_id, person_id, capacity)
);

CREATE TABLE members (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  document_id TEXT REFERENCES travel_documents (id),
  place INTEGER NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('head', 'member', 'interpreter', 'press', 'companion')),
  attendance TEXT NOT NULL CHECK (attendance IN ('unknown', 'came', 'absent', 'added')),
  guest BOOLEAN NOT NULL,
  nationality TEXT,
  content TEXT NOT NULL,
  UNIQUE (dossier_id, person_id)
);
CREATE UNIQUE INDEX members_one_head ON members (dossier_id) WHERE role = 'head';
CREATE INDEX members_by_person ON members (person_id);

CREATE TABLE revisions (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  no INTEGER NOT NULL,
  content_hash BYTEA NOT NULL,
  submitted_at TIMESTAMP NOT NULL,
  submitted_by TEXT NOT NULL REFERENCES accounts (id),
  outcome TEXT CHECK (outcome IN ('approved', 'returned', 'rejected', 'recalled', 'cancelled', 'lapsed')),
  PRIMARY KEY (dossier_id, no)
);

CREATE TABLE revision_values (
  dossier_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  pointer TEXT NOT NULL,
  person_id TEXT,
  salt BYTEA NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (dossier_id, revision, pointer),
  FOREIGN KEY (dossier_id, revision) REFERENCES revisions (dossier_id, no)
);

CREATE TABLE steps (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  no INTEGER NOT NULL,
  kind TEXT NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  role TEXT NOT NULL,
  quorum INTEGER NOT NULL CHECK (quorum >= 1),
  working_days INTEGER,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'open', 'done', 'dropped')),
  opened_at TIMESTAMP,
  closed_at TIMESTAMP,
  UNIQUE (dossier_id, revision, no)
);
CREATE INDEX steps_open ON steps (organisation_id, role, state, opened_at);

CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  step_id TEXT NOT NULL REFERENCES steps (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  acting_for TEXT REFERENCES accounts (id),
  mandate_id TEXT,
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'approve_with_conditions', 'return', 'reject', 'forward')),
  comment TEXT,
  forms TEXT NOT NULL,
  content_hash BYTEA NOT NULL,
  made_at TIMESTAMP NOT NULL,
  UNIQUE (dossier_id, revision, person_id)
);
CREATE INDEX decisions_by_step ON decisions (step_id);

CREATE TABLE issued_papers (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  issuer_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('permit', 'revocation')),
  year INTEGER NOT NULL,
  number TEXT NOT NULL,
  symbol TEXT NOT NULL,
  dated_on DATE NOT NULL,
  signer TEXT NOT NULL,
  forms TEXT NOT NULL,
  valid_from DATE,
  valid_to DATE,
  sha256 TEXT,
  issued_by TEXT NOT NULL REFERENCES accounts (id),
  issued_at TIMESTAMP NOT NULL,
  UNIQUE (issuer_id, kind, year, number)
);
CREATE INDEX issued_papers_by_dossier ON issued_papers (dossier_id);

CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  event_seq BIGINT NOT NULL REFERENCES journal (seq),
  recipient_id TEXT NOT NULL REFERENCES accounts (id),
  template TEXT NOT NULL,
  dossier_id TEXT REFERENCES dossiers (id),
  message_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'unknown', 'sent', 'dead', 'held')),
  attempts INTEGER NOT NULL,
  due_at TIMESTAMP NOT NULL,
  lease_owner TEXT,
  lease_until TIMESTAMP,
  last_error TEXT,
  created_at TIMESTAMP NOT NULL,
  sent_at TIMESTAMP,
  UNIQUE (event_seq, recipient_id, template)
);
CREATE INDEX outbox_due ON outbox (state, due_at);

INSERT INTO journal_head (id, count, frontier) VALUES (1, 0, ''::bytea);

CREATE FUNCTION legation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME;
END $$;
CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER decisions_no_change BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();

CREATE FUNCTION legation_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM dossier_authors a WHERE a.dossier_id = NEW.dossier_id AND a.person_id = NEW.person_id) THEN
    RAISE EXCEPTION 'four-eyes: the decider filed, edited or travels in this dossier';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decisions_four_eyes BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION legation_four_eyes();
